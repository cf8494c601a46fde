"""Which paper a number means, worked out again in plain Python over random papers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from unicodedata import normalize

import pytest

from tests.papers import Chain
from tests.support import POLICY, World, upstream

FIRST, DAYS = date(2026, 5, 1), 12
TABLES = upstream("matched.resolved_deliveries", "matched.resolved_receipts", stages=("matched",))
MATCHING = POLICY.matching
RULES = ["exact", "normalised", "suffix", "one_edit"]


@dataclass(frozen=True)
class Paper:
    """A version of an order, a delivery note or a goods receipt."""

    kind: str
    no: str
    known_on: date
    store: str
    dated_on: date
    amount: Decimal
    names: dict[str, str] = field(default_factory=dict, hash=False)


def key_of(number: str) -> str:
    """What the spellings of a number have in common."""
    plain = "".join(sign for sign in normalize("NFKC", number).upper() if sign.isalnum())
    for end in range(len(plain) - 5, 0, -1):
        front, back = plain[:end], plain[end:]
        if front.isalpha() and front[-1] not in "OIL" and set(back) <= set("0123456789OIL"):
            plain = back
            break
    return plain.translate(str.maketrans("OIL", "011")).lstrip("0")


def letters_of(number: str) -> str:
    plain = normalize("NFKC", number).upper()
    front = plain[: next((at for at, sign in enumerate(plain) if not sign.isalpha()), len(plain))]
    return front.rstrip("OIL")


def is_one_edit(left: str, right: str) -> bool:
    """Whether one sign more, less or other, or one swap of neighbours, leads to the other."""

    def edits(text: str) -> Iterator[str]:
        signs = set(left + right)
        for at in range(len(text) + 1):
            yield from (text[:at] + sign + text[at:] for sign in signs)
            yield from (text[:at] + sign + text[at + 1 :] for sign in signs if at < len(text))
            yield text[:at] + text[at + 1 :]
            if at + 1 < len(text):
                yield text[:at] + text[at + 1] + text[at] + text[at + 2 :]

    return left != right and right in set(edits(left))


def is_end(longer: str, shorter: str) -> bool:
    return (
        longer != shorter and len(shorter) >= 5 and shorter.isdigit() and longer.endswith(shorter)
    )


def is_near(left: Paper, right: Paper) -> tuple[bool, bool]:
    days = abs((left.dated_on - right.dated_on).days)
    money = abs(left.amount - right.amount) * 100
    return (
        days <= MATCHING.near_days,
        money <= abs(right.amount) * MATCHING.near_amount_percent,
    )


def fits(rule: str, naming: Paper, named: str, other: Paper) -> bool:
    ours, theirs = key_of(named), key_of(other.no)
    if rule == "exact":
        return named == other.no
    if rule == "normalised":
        letters = letters_of(named), letters_of(other.no)
        alike = "" in letters or letters[0] == letters[1]
        return named != other.no and ours == theirs != "" and alike
    if rule == "suffix":
        return is_end(ours, theirs) or is_end(theirs, ours)
    return (
        min(len(named), len(other.no)) >= 5
        and naming.store == other.store
        and is_near(naming, other) == (True, True)
        and is_one_edit(ours, theirs)
    )


Reference = tuple[str, str, str, str]  # paper kind, paper, kind named, number named


class Desk:
    """A clerk who gets the papers day by day and never forgets what was answered."""

    def __init__(self) -> None:
        self.known: list[Paper] = []
        self.references: dict[Reference, Paper] = {}
        self.asked: dict[Reference, dict[str, tuple[str, Decimal] | None]] = {}
        self.history: list[tuple[date, Reference, str | None]] = []
        self.current: dict[Reference, str | None] = {}
        self.given_back: set[tuple[Reference, str]] = set()

    def day(self, today: date, papers: list[Paper]) -> None:
        self.known += papers
        numbers = {(paper.kind, paper.no) for paper in self.known}
        for paper in papers:
            for kind, number in paper.names.items():
                if (kind, number) not in numbers:
                    self.references.setdefault((paper.kind, paper.no, kind, number), paper)
        for reference, naming in self.references.items():
            self._ask(reference, naming, today)
        for reference in self.references:
            self._contradict(reference, papers)
            best = self._best(reference)
            if best != self.current.get(reference):
                self.history.append((today, reference, best))
                self.current[reference] = best

    def _ask(self, reference: Reference, naming: Paper, today: date) -> None:
        kind, _, names_kind, named = reference
        answered = self.asked.setdefault(reference, {})
        for rule in RULES:
            if rule in answered:
                continue
            found: dict[str, Paper] = {}
            for other in self.known:
                met_on = max(naming.known_on, other.known_on)
                if (
                    other.kind == names_kind
                    and fits(rule, naming, named, other)
                    and not (rule == "one_edit" and self._is_taken(kind, other, met_on))
                ):
                    found.setdefault(other.no, other)
            if not found:
                continue
            answered[rule] = None
            blocked = any(answered.get(stronger, "") is None for stronger in self._above(rule))
            if len(found) == 1 and not blocked:
                other = next(iter(found.values()))
                score = self._score(rule, reference, naming, other, today)
                if score >= MATCHING.apply_from:
                    answered[rule] = (other.no, score)

    def _above(self, rule: str) -> list[str]:
        return RULES[: RULES.index(rule)]

    def _is_taken(self, kind: str, other: Paper, on: date) -> bool:
        return any(
            paper.kind == kind and paper.known_on <= on and paper.names.get(other.kind) == other.no
            for paper in self.known
        )

    def _score(
        self, rule: str, reference: Reference, naming: Paper, other: Paper, today: date
    ) -> Decimal:
        if rule == "exact":
            return Decimal(1)
        date_is_near, amount_is_near = is_near(naming, other)
        score = getattr(MATCHING.scores, rule)
        score -= 0 if naming.store == other.store else MATCHING.other_store
        score -= 0 if date_is_near else MATCHING.other_date
        score -= 0 if amount_is_near else MATCHING.other_amount
        bearers = {key[:2] for key in self.references if key[2:] == reference[2:]}
        ours, theirs = key_of(reference[3]), key_of(other.no)
        if rule == "one_edit" and (len(bearers) > 1 or ours[:-1] == theirs[:-1]):
            score -= MATCHING.doubtful_number
        return score

    def _contradict(self, reference: Reference, papers: list[Paper]) -> None:
        answer = self.asked[reference].get("one_edit")
        if answer is None:
            return
        for paper in papers:
            if paper.kind == reference[0] and paper.names.get(reference[2]) == answer[0]:
                self.given_back.add((reference, answer[0]))

    def _best(self, reference: Reference) -> str | None:
        for rule in RULES:
            answer = self.asked[reference].get(rule)
            given_back = rule == "one_edit" and answer and (reference, answer[0]) in self.given_back
            if answer and not given_back:
                return None if rule == "exact" else answer[0]
        return None


class Papers:
    """Random papers whose numbers lie close together and are written carelessly."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self.true_numbers: dict[tuple[str, str], str] = {}

    def all(self) -> list[Paper]:
        rng, papers = self.rng, []
        for number in range(rng.randint(1, 40), rng.randint(41, 60), rng.randint(3, 11)):
            order_no = rng.choice(["PO2026{:05}", "2026-{:06}", "1{:05}", "X{:04}"]).format(number)
            amount = Decimal(rng.choice([100, 100, 200, 250]))
            order = Paper("order", order_no, self._day(4), self._store(), FIRST, amount)
            if rng.random() < 0.9:
                papers.append(order)
            if rng.random() < 0.1:
                papers.append(self._again(order))
            for part in range(rng.choice([0, 1, 1, 2])):
                papers += self._goods(order, part)
        return papers

    def _goods(self, order: Paper, part: int) -> list[Paper]:
        rng = self.rng
        delivery_no = f"D{order.no}{part}" if rng.random() < 0.5 else f"88{order.no[-4:]}{part}"
        store = order.store if rng.random() < 0.9 else self._store()
        dated_on = FIRST + timedelta(days=rng.choice([1, 1, 2, 30]))
        amount = order.amount - rng.choice([0, 0, 0, Decimal("0.50"), 40])
        delivery = Paper(
            "delivery", delivery_no, self._day(8), store, dated_on, amount,
            {"order": self._written(order.no)},
        )  # fmt: skip
        found = [delivery] if rng.random() < 0.9 else []
        if rng.random() < 0.2:
            found.append(self._again(delivery, {"order": self._written(order.no)}))
        names = rng.choice(
            [{"order": self._written(order.no)}, {"delivery": self._written(delivery_no)}]
        )
        if rng.random() < 0.8:
            receipt_no = f"R{order.no}{part}"
            found.append(
                Paper("goods_receipt", receipt_no, self._day(10), store, dated_on, amount, names)
            )
        return found

    def _again(self, paper: Paper, names: dict[str, str] | None = None) -> Paper:
        known_on = paper.known_on + timedelta(days=self.rng.randint(1, 3))
        return Paper(
            paper.kind, paper.no, known_on, paper.store, paper.dated_on,
            paper.amount + self.rng.choice([0, 1]), paper.names if names is None else names,
        )  # fmt: skip

    def _written(self, number: str) -> str:
        rng = self.rng
        at = rng.randrange(len(number) - 1)
        slips: list[Callable[[], str]] = [
            lambda: number,
            lambda: number,
            lambda: number.lower(),
            lambda: number.replace("0", "O", 1),
            lambda: number.replace("1", "I"),
            lambda: number.lstrip("PO"),
            lambda: number[-5:],
            lambda: number[-6:],
            lambda: f"00{number}",
            lambda: f"77{number.lstrip('PO')}",
            lambda: number[:at] + rng.choice("0123456789") + number[at + 1 :],
            lambda: number[:at] + number[at + 1] + number[at] + number[at + 2 :],
            lambda: number[:at] + number[at + 1 :],
        ]
        return rng.choice(slips)()

    def _store(self) -> str:
        return self.rng.choice(["S1", "S1", "S2"])

    def _day(self, span: int) -> date:
        return FIRST + timedelta(days=self.rng.randrange(span))


def given(chain: Chain, papers: list[Paper]) -> World:
    for paper in papers:
        names = {f"{kind}_no": number for kind, number in paper.names.items()}
        fields = {
            "known_on": str(paper.known_on),
            "store_id": paper.store,
            "on": str(paper.dated_on),
            **names,
        }
        write = {"order": chain.order, "delivery": chain.delivery, "goods_receipt": chain.receipt}
        write[paper.kind](paper.no, paper.amount, **fields)
    return chain.world


def by_day(papers: list[Paper]) -> Iterator[tuple[date, list[Paper]]]:
    """One version of a paper a day, as staged has it."""
    kept = {(paper.kind, paper.no, paper.known_on): paper for paper in papers}
    for offset in range(DAYS):
        today = FIRST + timedelta(days=offset)
        yield today, [paper for paper in kept.values() if paper.known_on == today]


def history(world: World) -> list[tuple[date, Reference, str | None]]:
    rows = world.rows(
        "select known_on, paper_kind, paper_no, names_kind, named_no, resolved_no "
        "from matched.resolutions"
    )
    return sorted(
        (
            (
                row["known_on"],
                (row["paper_kind"], row["paper_no"], row["names_kind"], row["named_no"]),
                row["resolved_no"],
            )
            for row in rows
        ),
        key=str,
    )


@pytest.mark.parametrize("seed", range(8))
def test_answers_are_those_of_a_clerk_whether_day_by_day_or_at_once(seed: int) -> None:
    desk = Desk()
    days = list(by_day(Papers(seed).all()))
    for today, papers in days:
        desk.day(today, papers)
    kept = [paper for _, papers in days for paper in papers]
    until = str(FIRST + timedelta(days=DAYS - 1))
    at_once = given(Chain(), kept).run(*TABLES, day_from=str(FIRST), until=until)
    assert history(at_once) == sorted(desk.history, key=str)
    daily = given(Chain(), kept)
    for today, _ in days:
        daily.run(*TABLES, day_from=str(today))
    assert history(daily) == history(at_once)
    for table in ("resolved_deliveries", "resolved_receipts"):
        query = f"select * from matched.{table} order by all"
        assert daily.rows(query) == at_once.rows(query)
