"""What agreements support of the deductions of a chain, in plain Python from its papers."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from tests.soak.books import Books
from tests.soak.model import CENT, ZERO, Chain, Fee, Line, Statement, lines_of, on
from tests.support import World

# paper, line -> how it is settled, agreement, taken, supported, used in the month, in the year
Verdict = tuple[str, str | None, Decimal, Decimal, Decimal | None, Decimal | None]
Verdicts = dict[tuple[str, int], Verdict]


@dataclass
class Deduction:
    """A line that takes a fee, with what its agreement allows for the goods of its own paper."""

    place: tuple[int, str, str, int]  # first day of the paper, number, kind, line: the order
    known: int
    amount: Decimal
    kind: str
    counted_on: date
    agreement: Fee | None
    scope: str
    goods: tuple[str, str]  # the paper and the store whose goods it counts on
    allowance: Decimal


class Deductions:
    """The verdicts on the deductions of one chain."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.books = Books(chain)
        changed = Counter(fee.no for fee in chain.fees)
        # what was used before terms changed, and what that leaves, no paper says
        self.unknown = {no for no, versions in changed.items() if versions > 1}
        self.versions = [
            (statement.versions[0][0], no, "statement", known, self._of_statement(statement, known))
            for no, statement in chain.statements.items()
            for known, _ in statement.versions
        ] + [
            (known, no, "remittance_advice", known, self._of_advice(no))
            for no, (known, _) in chain.advices.items()
        ]

    # -- what a line is held against -----------------------------------------------------------
    def _owner(self, statement: Statement, known: int) -> str:
        """Who owes by a statement."""
        if statement.party == "HO":
            return "HO"
        terms = self.books.terms(statement.party, statement.versions[0][0], known)
        return self.books.debtor(terms, statement.party)

    def _fees(self, code: str, stated: int, known: int) -> list[Fee]:
        """The agreements for a fee that are valid on a day, as known on another."""
        latest = {fee.no: fee for fee in self.chain.fees if fee.known <= known}
        return [
            fee for fee in latest.values() if fee.code == code and fee.since <= stated <= fee.until
        ]

    def _agreement(
        self, fees: list[Fee], store: str, debtor: str, settled_as: str | None
    ) -> Fee | None:
        """The store's agreement before the debtor's, that before the chain's, the later first."""
        holders = {store: 1, None: 3} | ({debtor: 2} if debtor != store else {})
        fitting = [fee for fee in fees if fee.store in holders and settled_as in (None, fee.kind)]
        return min(fitting, key=lambda fee: (holders[fee.store], -fee.since, fee.no), default=None)

    def _judge(
        self, place: tuple[int, str, str, int], known: int, stated: int, counted: int,
        line: Line, store: str, debtor: str, goods_of: str, lines: list[Line],
    ) -> Deduction:  # fmt: skip
        fees = self._fees(line.name, stated, known)
        settled_as = _kind(line, fees)
        agreement = self._agreement(fees, store, debtor, settled_as)
        kind = settled_as or (agreement.kind if agreement else "cash_deducted")
        scope = (agreement.store if agreement else None) or store
        allowance = self._allowance(agreement, lines, known) if agreement else ZERO
        return Deduction(
            place, known, -line.amount, kind, on(counted), agreement, scope, (goods_of, store),
            allowance,
        )  # fmt: skip

    def said_kind(self, line: Line, statement: Statement, known: int) -> str | None:
        """How a fee is settled, as its line says, or as all agreements for it have it."""
        return _kind(line, self._fees(line.name, statement.versions[0][0], known))

    def _allowance(self, fee: Fee, goods: list[Line], known: int) -> Decimal:
        """What an agreement gives for goods: a share of them, so much for each unit, or itself."""
        if fee.basis == "percent_of_net_purchases":
            given = fee.rate * sum((line.amount for line in goods), ZERO) / 100
        elif fee.basis == "per_unit":
            units = ZERO
            for no in {line.name for line in goods}:
                receipt = self.chain.receipts[no]
                worth = receipt.worth(known)
                if worth is not None:
                    units += sum((count for _, count, _ in lines_of(receipt.skus, worth)), ZERO)
            given = fee.rate * units
        else:
            given = fee.rate
        return max(given, ZERO).quantize(CENT, ROUND_HALF_UP)

    def _of_statement(self, statement: Statement, known: int) -> list[Deduction]:
        lines, stated = statement.lines(known), statement.versions[0][0]
        found = []
        for number, line in enumerate(lines, start=1):
            if line.kind == "deduction":
                place = (stated, statement.no, "statement", number)
                counted = stated if line.on is None else line.on
                found.append(
                    self._judge(
                        place, known, stated, counted, line, line.store or statement.party,
                        self._owner(statement, known), statement.no, _goods(line, lines),
                    )
                )  # fmt: skip
        return found

    def _of_advice(self, no: str) -> list[Deduction]:
        known, lines = self.chain.advices[no]
        found = []
        for number, advised in enumerate(lines, start=1):
            if advised.kind != "fee":
                continue
            place = (known, no, "remittance_advice", number)
            line = Line("deduction", advised.name, advised.amount, advised.store)
            statement = self.chain.statements.get(advised.statement or "")
            if statement and statement.versions[0][0] <= known:
                stated, party = statement.versions[0][0], statement.party
                debtor = self._owner(statement, known)
                beside = [
                    Line("deduction", each.name, each.amount, each.store)
                    for each in lines
                    if each.statement == advised.statement and each.kind == "fee"
                ]
                goods = _goods(line, [*statement.lines(known), *beside])
            else:
                stated, party, goods = known, "nobody", []
                store = advised.store
                debtor = (
                    self.books.debtor(self.books.terms(store, known, known), store)
                    if store
                    else party
                )
            found.append(
                self._judge(
                    place, known, stated, stated, line, advised.store or party, debtor,
                    advised.statement or no, goods,
                )
            )  # fmt: skip
        return found

    # -- all together --------------------------------------------------------------------------
    def on_day(self, day: int) -> Verdicts:
        """The verdicts on all lines that stand on a day: each takes what those before it left."""
        standing: dict[str, list[Deduction]] = {}
        for _, no, _, known, deductions in sorted(self.versions, key=lambda each: each[3]):
            if known <= day:
                standing[no] = deductions
        room: dict[tuple, Decimal] = defaultdict(lambda: ZERO)
        used: dict[tuple, Decimal] = defaultdict(lambda: ZERO)
        counted: set[tuple] = set()
        found: Verdicts = {}
        lines = sorted((line for lines in standing.values() for line in lines),
                       key=lambda line: line.place)  # fmt: skip
        for line in lines:
            key = line.place[1], line.place[3]
            fee = line.agreement
            supported, month_to_date, year_to_date = min(line.amount, ZERO), None, None
            if fee:
                month = (fee.no, line.scope, line.counted_on.year, line.counted_on.month)
                if fee.basis == "fixed_per_month":
                    room[month] = line.allowance
                elif (month, line.goods) not in counted:
                    counted.add((month, line.goods))
                    room[month] += line.allowance
                allowed = room[month] - used[month]
                if fee.basis == "fixed_per_event":
                    allowed = line.allowance
                period = self._period(fee, line)
                if fee.cap is not None:
                    allowed = min(allowed, fee.cap - used[period])
                part = max(min(line.amount, allowed), ZERO)
                year = (fee.no, line.scope, line.counted_on.year)
                for each in {month, year, period}:
                    used[each] += part
                supported += part
                month_to_date, year_to_date = used[month], used[year]
            found[key] = (
                line.kind, fee and fee.no, line.amount, supported, month_to_date, year_to_date,
            )  # fmt: skip
        return found

    def _period(self, fee: Fee, line: Deduction) -> tuple:
        """For what a cap holds."""
        if fee.cap_period == "year":
            return (fee.no, line.scope, line.counted_on.year)
        if fee.cap_period == "month":
            return (fee.no, line.scope, line.counted_on.year, line.counted_on.month)
        return (fee.no, line.scope, *line.place[1:3])


def _kind(line: Line, fees: list[Fee]) -> str | None:
    kinds = {fee.kind for fee in fees}
    return line.settled_as or (kinds.pop() if len(kinds) == 1 else None)


def _goods(line: Line, lines: list[Line]) -> list[Line]:
    """The goods of a fee: its store's, else those of stores without a line of their own."""
    goods = [each for each in lines if each.kind in ("receipt", "return")]
    if line.store:
        return [each for each in goods if each.store == line.store]
    own = {
        each.store
        for each in lines
        if each.kind == "deduction" and each.name == line.name and each.store and each.amount < 0
    }
    return [each for each in goods if each.store not in own]


def differences(chain: Chain, world: World) -> Iterator[str]:
    """The first day on which a deduction is judged otherwise than by the papers."""
    deductions = Deductions(chain)
    rows = world.rows(
        "select known_on, coalesce(statement_no, advice_no) as paper_no, line_no, came_on, "
        "deduction_kind, agreement_id, amount, supported_amount, month_to_date, year_to_date "
        f"from settled.deductions where chain_id = '{chain.chain_id}' order by known_on"
    )
    came: dict[str, int] = {}
    found: dict[tuple[str, int], tuple] = {}
    for day in range(chain.days):
        came |= {no: known for _, no, _, known, _ in deductions.versions if known == day}
        for row in (row for row in rows if row["known_on"] == on(day)):
            found[row["paper_no"], row["line_no"]] = row["came_on"], tuple(row.values())[4:]
        by_hand = {
            key: (on(came[key[0]]), verdict)
            for key, verdict in deductions.on_day(day).items()
            if verdict[1] not in deductions.unknown
        }
        standing = {
            key: each
            for key, each in found.items()
            if each[0] == on(came[key[0]]) and each[1][1] not in deductions.unknown
        }
        if by_hand != standing:
            beside = sorted(str(item) for item in by_hand.items() ^ standing.items())
            yield f"{chain.chain_id} on {on(day)}: {beside[:4]}"
            return
