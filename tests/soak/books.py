"""What goods, invoices and opening items charge, worked out in plain Python from their papers."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from assets.staged.calendar import is_working_day
from tests.soak.goods import REGIONS
from tests.soak.model import ARTICLES, LONG_AGO, ZERO, Agreement, Chain, Invoice, on
from tests.support import World

# document, receipt -> debtor, store, amount, due date
Charges = dict[tuple[str, str | None], tuple[str, str, Decimal, date | None]]
Owed = tuple[str, Agreement, Decimal, date | None]


def on_or_after(start: date, numbers: tuple[int, ...]) -> date:
    """The first day from `start` on that is one of the month's days, or stands in for one."""
    at = start
    while True:
        last = (at.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        if at.day in numbers or (at == last and any(number > last.day for number in numbers)):
            return at
        at += timedelta(days=1)


def due(terms: Agreement, base: date | None) -> date | None:
    """When what counts from a day falls due."""
    if base is None:
        return None
    if terms.term_kind == "monthly":
        base = on_or_after(base, terms.statement_days or (31,))
    found = base + timedelta(days=terms.term_days or 0)
    if terms.pay_days:
        found = on_or_after(found, terms.pay_days)
        while not is_working_day(found):
            found += timedelta(days=1)
    return found


def between(amount: Decimal, least: Decimal, most: Decimal) -> Decimal:
    return max(least, min(amount, most))


class Books:
    """The charges of one chain, day after day."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.rests: dict[str, tuple[str, str, Decimal, date | None]] = {}
        self.explained: dict[str, tuple[int, str]] = {}  # invoice: its first goods
        self.parts: dict[str, dict[str, Decimal]] = {}  # receipt: what invoices explain of it
        self.consigned: set[str] = set()  # receipts that stood on consignment some day
        self.reported: dict[str, Decimal] = {}
        self.reported_on: dict[str, date] = {}
        # whether batches may be told apart: their terms never change
        self.knows_batches = all(
            each.known == 0 and each.since == LONG_AGO and not each.category
            for each in chain.agreements
        )

    def knows_due(self, key: tuple[str, str | None]) -> bool:
        """Whether plain Python tells when an item is due."""
        no_batches = all(each.term_kind != "batch" for each in self.chain.agreements)
        return key[1] is None or self.knows_batches or no_batches

    # -- who owes ------------------------------------------------------------------------------
    def terms(self, store: str, at: int, day: int, category: str | None = None) -> Agreement:
        """The most specific agreement for goods delivered to a store, as known on a day."""
        latest = {each.no: each for each in self.chain.agreements if each.known <= day}
        fitting = [
            each
            for each in latest.values()
            if each.since <= at <= each.until
            and each.store in (None, store)
            and each.region in (None, REGIONS[store])
            and each.category in (None, category)
        ]
        return min(
            fitting,
            key=lambda each: (each.store is None, each.region is None, each.category is None),
        )

    def debtor(self, terms: Agreement, store: str) -> str:
        if terms.debtor:
            return terms.debtor
        return store if terms.pattern == "branch_branch" else "HO"

    def _order_terms(self, order_no: str, day: int) -> tuple[str, Agreement]:
        order = self.chain.orders[order_no]
        dates = [
            (2, each.on)
            for each in self.chain.receipts.values()
            if each.order_no == order_no and each.known <= day
        ]
        if order["delivered"] is not None and order["delivery_known"] <= day:
            dates.append((1, order["delivered"]))
        store = order["store"]
        terms = self.terms(store, min(dates)[1], day, self._category(order, day))
        return self.debtor(terms, store), terms

    def _category(self, order: dict[str, Any], day: int) -> str | None:
        """The one category of all that an order lists, as far as its articles are known."""
        if order["known"] is None or order["known"] > day:
            return None
        articles = [ARTICLES[sku] for sku in order["skus"]]
        found = {each.category for each in articles if each.category and each.known <= day}
        return found.pop() if len(found) == 1 else None

    # -- what goods are worth ------------------------------------------------------------------
    def _owed(self, day: int) -> dict[str, Owed]:
        """Of each receipt known: debtor, terms, what is owed of it and until when."""
        found: dict[str, Owed] = {}
        self._read_reports(day)
        for receipt in self.chain.receipts.values():
            worth = receipt.worth(day)
            if worth is None:
                continue
            if receipt.order_no:
                debtor, terms = self._order_terms(receipt.order_no, day)
            else:
                terms = self.terms(receipt.store, receipt.on, day)
                debtor = self.debtor(terms, receipt.store)
            base: date | None = on(receipt.on)
            if terms.term_kind in ("invoice", "batch"):
                base = None
            elif terms.term_kind == "consignment":
                base = self.reported_on.get(receipt.no)
                sold = self.reported.get(receipt.no, ZERO)
                worth = between(sold, min(worth, ZERO), max(worth, ZERO))
            found[receipt.no] = (debtor, terms, worth, due(terms, base))
        return self._batched(found)

    def _read_reports(self, day: int) -> None:
        """What statements report of each receipt, and the end of the period that said so last."""
        for no in self.chain.receipts:
            if self.chain.receipts[no].known > day:
                continue
            told = [
                (statement.versions[0][0], line.amount)
                for statement in self.chain.statements.values()
                for line in statement.lines(day)
                if line.name == no and line.kind != "deduction"
            ]
            before = {
                statement.no: sum(
                    (li.amount for li in statement.lines(day - 1) if li.name == no), ZERO
                )
                for statement in self.chain.statements.values()
            }
            if self.chain.receipts[no].known == day:
                before = {}
            changed = [
                on(statement.versions[0][0])
                for statement in self.chain.statements.values()
                if sum((li.amount for li in statement.lines(day) if li.name == no), ZERO)
                != before.get(statement.no, ZERO)
            ]
            if changed:
                self.reported[no] = sum((amount for _, amount in told), ZERO)
                self.reported_on[no] = max(changed)

    def _batched(self, owed: dict[str, Owed]) -> dict[str, Owed]:
        """Goods of batch n fall due from the day of batch n + lag."""
        batches: dict[tuple[str, str, str], dict[int, int]] = defaultdict(dict)
        places = {}
        for no, (debtor, terms, worth, _) in owed.items():
            receipt = self.chain.receipts[no]
            if terms.term_kind == "batch":
                places[no] = (terms.no, debtor, receipt.store)
                if worth > 0:
                    known = batches[places[no]].get(receipt.on, receipt.known)
                    batches[places[no]][receipt.on] = min(known, receipt.known)
        for no, place in places.items():
            debtor, terms, worth, _ = owed[no]
            later = sorted(
                (known, at)
                for at, known in batches[place].items()
                if at > self.chain.receipts[no].on
            )[: terms.batch_lag]
            if len(later) == terms.batch_lag:
                owed[no] = debtor, terms, worth, due(terms, on(max(at for _, at in later)))
        return owed

    # -- invoices ------------------------------------------------------------------------------
    def _reds(self, invoice: Invoice, day: int) -> Decimal:
        return sum(
            (each.amount for each in self.chain.invoices.values()
             if each.red_of == invoice.no and each.known <= day),
            ZERO,
        )  # fmt: skip

    def _is_ended(self, invoice: Invoice, day: int) -> bool:
        if invoice.void is not None and invoice.void <= day:
            return True
        reds = self._reds(invoice, day)
        return reds < 0 and invoice.amount + reds <= 0

    def _parts(self, day: int) -> dict[str, dict[str, Decimal]]:
        """receipt: what each invoice explains of it, in the order in which they came."""
        pairs = []
        for invoice in self.chain.invoices.values():
            rows = []
            for no, amount in invoice.covers:
                starts = max(invoice.applied, invoice.known, self.chain.receipts[no].known)
                rows.append((starts, no, amount))
            left = invoice.amount
            for starts, no, amount in sorted(rows, key=lambda row: row[:2]):
                part = between(amount, min(left, ZERO), max(left, ZERO))
                # what starts after the invoice has ended is never served
                if not self._is_ended(invoice, starts):
                    left -= part
                    if starts <= day and not self._is_ended(invoice, day):
                        pairs.append((starts, invoice.no, no, part))
        found: dict[str, dict[str, Decimal]] = defaultdict(dict)
        for starts, invoice_no, no, part in sorted(pairs):
            worth = self.chain.receipts[no].worth(day) or ZERO
            left = worth - sum(found[no].values(), ZERO)
            explained = between(part, min(left, ZERO), max(left, ZERO))
            if explained:
                found[no][invoice_no] = explained
                first = self.explained.get(invoice_no, (starts, no))
                self.explained[invoice_no] = min(first, (starts, no))
        return found

    def _take_rests(
        self, parts: dict[str, dict[str, Decimal]], owed: dict[str, Owed], day: int
    ) -> None:
        """What no goods explain of an invoice stands where its goods do, else on its buyer."""
        for invoice in self.chain.invoices.values():
            if invoice.known > day or invoice.red_of:
                continue
            is_ended = self._is_ended(invoice, day)
            rest = ZERO if is_ended else invoice.amount
            reds = self._reds(invoice, day)
            if invoice.amount + reds > 0 or invoice.amount < 0:
                rest += reds
            rest -= sum((each.get(invoice.no, ZERO) for each in parts.values()), ZERO)
            before = self.rests.get(invoice.no)
            if rest == (before[2] if before else ZERO):
                continue
            _, goods = self.explained.get(invoice.no, (0, None))
            store = self.chain.receipts[goods].store if goods else invoice.buyer
            terms = self.terms(store, invoice.known, day)
            debtor = owed[goods][0] if goods else self.debtor(terms, store)
            runs = terms.term_kind not in ("batch", "consignment")
            due_on = due(terms, on(invoice.known)) if runs else None
            self.rests[invoice.no] = debtor, store, rest, due_on

    # -- all of it -----------------------------------------------------------------------------
    def advance(self, day: int) -> Charges:
        """What stands on each item by the end of a day; days come in their order."""
        owed, parts = self._owed(day), self._parts(day)
        self.parts = parts
        self.consigned |= {no for no, each in owed.items() if each[1].term_kind == "consignment"}
        self._take_rests(parts, owed, day)
        found: Charges = {}
        for no, (debtor, terms, worth, due_on) in owed.items():
            store = self.chain.receipts[no].store
            for invoice_no, amount in parts[no].items():
                invoice = self.chain.invoices[invoice_no]
                runs_from = due_on
                if terms.term_kind == "invoice":
                    handed_over = invoice.handed_over
                    is_known = handed_over is not None and handed_over <= day
                    runs_from = due(terms, on(handed_over)) if is_known and handed_over else None
                found[invoice_no, no] = debtor, store, amount, runs_from
            rest = worth - sum(parts[no].values(), ZERO)
            found[no, no] = debtor, store, rest, due_on
        found |= {(no, None): rest for no, rest in self.rests.items()}
        for item in self.chain.openings.values():
            known = [amount for known, amount in item["versions"] if known <= day]
            if known:
                due_on = None if item["due"] is None else on(item["due"])
                found[item["document_no"], None] = (
                    item["customer"], item["customer"], known[-1], due_on,
                )  # fmt: skip
        return {
            key: (self.chain.customer(debtor), self.chain.customer(store), amount, due_on)
            for key, (debtor, store, amount, due_on) in found.items()
            if amount
        }


def differences(chain: Chain, world: World) -> Iterator[str]:
    """Days on which the ledger charges something else than the papers say, or until another day."""
    charged = _charged(chain, world)
    dues = _dues(chain, world)
    books = Books(chain)
    for day in range(chain.days):
        expected = books.advance(day)
        found = charged.get(on(day), {})
        said = {key: expected_of[:3] for key, expected_of in expected.items()}
        if found != said:
            beside = sorted(str(item) for item in found.items() ^ said.items())
            yield f"{chain.chain_id} on {on(day)}: {beside[:4]}"
            return
        for key, due_on in dues.get(on(day), {}).items():
            by_hand = expected[key][3] if key in expected else due_on
            if by_hand != due_on and books.knows_due(key):
                yield f"{chain.chain_id} on {on(day)}: {key} is due {due_on}, not {by_hand}"
                return


def _charged(chain: Chain, world: World) -> dict[date, dict[tuple, tuple]]:
    """What the ledger charges on each item by the end of each day."""
    rows = world.rows(
        "select greatest(known_on, effective_on) as day, document_no, receipt_no, debtor_id, "
        "store_id, sum(amount) as amount from settled.ledger "
        f"where chain_id = '{chain.chain_id}' and item_kind not in ('deduction', 'adjustment') "
        "and entry_kind not in ('cash', 'write_off') group by all order by day"
    )
    totals: dict[tuple, Decimal] = defaultdict(lambda: ZERO)
    found = {}
    for day in range(chain.days):
        for row in (row for row in rows if row["day"] == on(day)):
            totals[row["document_no"], row["receipt_no"], row["debtor_id"], row["store_id"]] += row[
                "amount"
            ]
        found[on(day)] = {key[:2]: (*key[2:], amount) for key, amount in totals.items() if amount}
    return found


def _dues(chain: Chain, world: World) -> dict[date, dict[tuple, date | None]]:
    found: dict[date, dict[tuple, date | None]] = defaultdict(dict)
    for row in world.rows(
        "select as_of, document_no, receipt_no, due_on from settled.open_items "
        f"where chain_id = '{chain.chain_id}' and item_kind not in ('deduction', 'adjustment')"
    ):
        found[row["as_of"]][row["document_no"], row["receipt_no"]] = row["due_on"]
    return found
