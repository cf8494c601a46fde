"""Whether the papers say enough to tell which ones belong together: what anybody could link.

Written apart from the rules and knowing the truth: a paper meant is told apart if what is written
leads to it and no other paper of the kind and chain fits as well. See docs/matching.md.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from benchmarks.matching.model import Naming, Pair, Paper, Reference, Row, Unasked, World, pair

NEAR_DAYS = 15
NEAR_PERCENT = 1
SUM_DAYS = 45
MOST_IN_A_SUM = 20
SHORTEST_END = 5
# How what is written leads to a number: the very number, the same reading, one the end of the
# other, one sign apart, not at all.
EXACT, ALIKE, END, EDIT, APART = range(5)


@dataclass(frozen=True)
class Expected:
    """A pair that a paper should name: what it is worth, what befell it, whether it can be told."""

    pair: Pair
    amount: Decimal
    noise: str
    is_linkable: bool


def expectations(world: World) -> list[Expected]:
    """Every pair of papers that came of which one has a field, a remark or a sum for the other."""
    return _Judge(world).all()


class _Judge:
    def __init__(self, world: World) -> None:
        self.world = world
        self.papers: dict[tuple[str, str], list[Paper]] = {}
        for kind in ("order", "delivery", "goods_receipt"):
            for paper in world.papers(kind):
                self.papers.setdefault((kind, paper.chain), []).append(paper)
        self.by_paper = {naming.paper: naming for naming in [*world.deliveries, *world.receipts]}
        # which papers are named by their very number, by papers of which kind
        self.named: set[tuple[str, str, str, str]] = set()
        for naming in self.by_paper.values():
            for reference in (naming.order, naming.delivery):
                if reference and reference.written and naming.paper.came:
                    self.named.add(
                        (naming.paper.kind, reference.names, naming.paper.chain, reference.written)
                    )
        self.rows_of = Counter(
            (row.invoice.chain, row.receipt.written) for row in world.rows if row.receipt.written
        )

    def all(self) -> list[Expected]:
        """Deliveries and receipts by their fields, receipts and invoices by rows, remarks, sums."""
        found: dict[Pair, Expected] = {}
        for naming in self.by_paper.values():
            for reference in (naming.order, naming.delivery):
                if reference and reference.meant.came and naming.paper.came:
                    self._add(
                        found, pair(reference.meant, naming.paper), naming.paper.amount,
                        reference.noise, self._told(naming, reference),
                    )  # fmt: skip
        for row in self.world.rows:
            self._add(
                found, pair(row.receipt.meant, row.invoice), row.amount, row.receipt.noise,
                self._told_row(row),
            )  # fmt: skip
        for unasked in self.world.unasked:
            is_told = unasked.remark is not None or self._only_sum(unasked)
            for receipt in unasked.receipts:
                self._add(
                    found, pair(receipt, unasked.invoice), receipt.amount,
                    "remark only" if unasked.remark else "sum only", is_told,
                )  # fmt: skip
        return list(found.values())

    def _add(
        self, found: dict[Pair, Expected], key: Pair, amount: Decimal, noise: str, told: bool
    ) -> None:
        found[key] = Expected(key, amount, noise, told)

    def _told(self, naming: Naming, reference: Reference) -> bool:
        """By the number or the context, else by the other number that the paper carries."""
        if self._by_itself(naming.paper, reference):
            return True
        if naming.delivery and reference is naming.order:
            # the delivery note that it names says the order
            delivery = naming.delivery.meant
            of_order = self.by_paper[delivery].order
            return bool(
                delivery.came
                and of_order
                and self._by_itself(naming.paper, naming.delivery)
                and self._by_itself(delivery, of_order)
            )
        if naming.order and reference is naming.delivery and naming.order.written:
            # the order that it names has this one delivery
            return naming.order.noise == "exact" and self._only_of(
                "delivery", naming.order.meant, reference.meant
            )
        return False

    def _told_row(self, row: Row) -> bool:
        if self._by_itself_row(row):
            return True
        return any(
            other.noise == "exact"
            and self._only_of("goods_receipt", other.meant, row.receipt.meant)
            for other in (row.order, row.delivery)
        )

    def _only_of(self, kind: str, of: Paper, paper: Paper) -> bool:
        """Whether this is the only paper of the kind that names the other by its very number."""
        naming_it = [
            found
            for found in self.papers.get((kind, of.chain), [])
            if any(
                reference and reference.names == of.kind and reference.written == of.no
                for reference in (self.by_paper[found].order, self.by_paper[found].delivery)
            )
        ]
        return naming_it == [paper]

    def _by_itself(self, paper: Paper, reference: Reference) -> bool:
        if reference.written is None:
            return self._only_pair(paper, reference)
        return self._fits_best(reference, paper.store, paper.on, paper.amount)

    def _by_itself_row(self, row: Row) -> bool:
        if row.receipt.written is None:
            return False
        return self._fits_best(row.receipt, row.invoice.store, row.delivery.meant.on, row.amount)

    def _fits_best(self, reference: Reference, store: str, on, amount: Decimal) -> bool:
        """What is written leads to the paper meant, and to no other that fits as well."""
        meant, written = reference.meant, reference.written
        assert written
        if written == meant.no:
            return True
        nearness = reading(written, meant.no)
        if nearness == APART:
            return False

        def context(paper: Paper) -> tuple[bool, bool, bool]:
            return (
                paper.store == store,
                abs((paper.on - on).days) <= NEAR_DAYS,
                _near(paper.amount, amount),
            )

        fitting = context(meant)
        return not any(
            other is not meant
            and all(theirs >= ours for theirs, ours in zip(context(other), fitting, strict=True))
            and reading(written, other.no) <= nearness
            for other in self.papers[meant.kind, meant.chain]
        )

    def _only_pair(self, paper: Paper, reference: Reference) -> bool:
        """No number: the same amount at the same store within days, and only these two so."""
        meant = reference.meant

        def pairs_with(first: Paper, second: Paper) -> bool:
            return (
                first.store == second.store
                and first.amount == second.amount
                and abs((first.on - second.on).days) <= NEAR_DAYS
            )

        candidates = [
            other
            for other in self.papers[meant.kind, meant.chain]
            if pairs_with(paper, other)
            and (paper.kind, other.kind, other.chain, other.no) not in self.named
        ]
        rivals = [
            other
            for other in self.papers[paper.kind, paper.chain]
            if pairs_with(other, meant) and self._lacks(other, reference.names)
        ]
        return candidates == [meant] and rivals == [paper]

    def _lacks(self, paper: Paper, names: str) -> bool:
        naming = self.by_paper[paper]
        reference = naming.order if names == "order" else naming.delivery
        return reference is not None and reference.written is None

    def _only_sum(self, unasked: Unasked) -> bool:
        """Whether no other receipts of the store that no application names sum to the invoice."""
        invoice = unasked.invoice
        amounts = [
            receipt.amount
            for receipt in self.papers["goods_receipt", invoice.chain]
            if receipt.store == invoice.store
            and 0 <= (invoice.on - receipt.on).days <= SUM_DAYS
            and not self.rows_of[receipt.chain, receipt.no]
        ]
        if len(amounts) > MOST_IN_A_SUM:
            return False
        ways: Counter[Decimal] = Counter({Decimal(0): 1})
        for amount in amounts:
            for total, count in list(ways.items()):
                if total + amount <= invoice.amount:
                    ways[total + amount] += count
        return ways[invoice.amount] == 1


def reading(written: str, no: str) -> int:
    """How what is written leads to a number."""
    if written == no:
        return EXACT
    first, second = _read(written), _read(no)
    if first.lstrip("0") == second.lstrip("0"):
        return ALIKE
    shorter, longer = sorted((first, second), key=len)
    if len(shorter) >= SHORTEST_END and longer.endswith(shorter):
        return END
    first, second = first.lstrip("0"), second.lstrip("0")
    return EDIT if one_edit(first, second) else APART


def _read(no: str) -> str:
    """A number by what all its spellings have in common, but for zeros in front."""
    signs = re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", no)).upper()
    signs = re.sub(r"^[A-Z]*[A-HJKMNP-Z](?=[0-9OIL]{5,}$)", "", signs)
    return signs.translate(str.maketrans("OIL", "011"))


def one_edit(first: str, second: str) -> bool:
    """Whether one sign changed, added or left out, or two swapped, makes one the other."""
    if first == second or abs(len(first) - len(second)) > 1:
        return False
    start = 0
    while start < min(len(first), len(second)) and first[start] == second[start]:
        start += 1
    ahead, behind = first[start:], second[start:]
    if len(ahead) == len(behind):
        return ahead[1:] == behind[1:] or (ahead[:2] == behind[1::-1] and ahead[2:] == behind[2:])
    shorter, longer = sorted((ahead, behind), key=len)
    return longer[1:] == shorter


def _near(first: Decimal, second: Decimal) -> bool:
    return abs(first - second) * 100 <= abs(second) * NEAR_PERCENT
