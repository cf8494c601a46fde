"""Links and proposals held against the truth."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from benchmarks.matching.closing import Link, Suspect
from benchmarks.matching.evidence import Expected
from benchmarks.matching.model import Pair


@dataclass
class Made:
    """Links made: how many, how many of them true, and their money."""

    links: int = 0
    true: int = 0
    money: Decimal = Decimal(0)
    wrong_money: Decimal = Decimal(0)

    def add(self, link: Link, is_true: bool, due: Decimal | None) -> None:
        """Count a link; on a true one, what it explains beyond what is `due` is wrong money too."""
        amount = abs(link.amount)
        right = Decimal(0) if not is_true else amount if due is None else min(amount, abs(due))
        self.links += 1
        self.true += is_true
        self.money += amount
        self.wrong_money += amount - right

    @property
    def precision(self) -> float:
        """Share of the links that are true."""
        return self.true / self.links if self.links else 1.0

    @property
    def wrong_share(self) -> float:
        """Share of the linked money that lies on links that are not true."""
        return float(self.wrong_money / self.money) if self.money else 0.0


@dataclass
class Found:
    """Pairs to be found: how many, how many anybody could link, how many of these were found."""

    pairs: int = 0
    linkable: int = 0
    found: int = 0
    money: Decimal = Decimal(0)
    linkable_money: Decimal = Decimal(0)
    found_money: Decimal = Decimal(0)

    def add(self, expected: Expected, explained: Decimal | None) -> None:
        """Count a pair and how much of it is explained; null: it was not found.

        A pair that was found though it seemed that nobody could tell it counts as linkable.
        """
        is_found = explained is not None
        is_linkable = expected.is_linkable or is_found
        self.pairs += 1
        self.linkable += is_linkable
        self.found += is_found
        self.money += abs(expected.amount)
        self.linkable_money += abs(expected.amount) if is_linkable else 0
        self.found_money += min(abs(explained or Decimal(0)), abs(expected.amount))

    @property
    def recall(self) -> float:
        """Share of the linkable pairs that were found."""
        return self.found / self.linkable if self.linkable else 1.0

    @property
    def money_recall(self) -> float:
        """Share of the linkable money that was found."""
        return float(self.found_money / self.linkable_money) if self.linkable_money else 1.0

    @property
    def evidence(self) -> float:
        """Share of the money for which there is evidence."""
        return float(self.linkable_money / self.money) if self.money else 1.0


@dataclass
class Result:
    """The figures of one closed world."""

    made: dict[str, Made]
    found: dict[str, Found]
    applied: Made
    inferred: Made
    expected: Found
    suspects: int
    true_suspects: int
    wrong: list[Link]
    missed: list[Expected]

    def figures(self) -> dict[str, Any]:
        """All figures, for JSON; money as text."""
        return {
            "applied": _plain(self.applied, "precision", "wrong_share"),
            "inferred": _plain(self.inferred, "precision", "wrong_share"),
            "expected": _plain(self.expected, "recall", "money_recall", "evidence"),
            "suspects": self.suspects,
            "true_suspects": self.true_suspects,
            "rules": {
                rule: _plain(made, "precision", "wrong_share") for rule, made in self.made.items()
            },
            "noise": {
                noise: _plain(found, "recall", "money_recall", "evidence")
                for noise, found in self.found.items()
            },
        }


def compare(
    links: Iterable[Link],
    suspects: Iterable[Suspect],
    truth: set[Pair],
    expected: Iterable[Expected],
    row_pairs: dict[Pair, Pair],
) -> Result:
    """Hold what was linked and proposed against what is true.

    `row_pairs` says of which papers a proposal about a row of an application is.
    """
    links, suspects, expected = list(links), list(suspects), list(expected)
    due = {pair.pair: pair.amount for pair in expected}
    made: dict[str, Made] = {}
    applied, inferred = Made(), Made()
    for link in links:
        is_true = link.pair in truth
        rule = link.rule + (" (row inferred)" if _is_by_row(link) else "")
        for group in (made.setdefault(rule, Made()), applied):
            group.add(link, is_true, due.get(link.pair))
        if link.is_inferred:
            inferred.add(link, is_true, due.get(link.pair))
    explained = _finder(links)
    found: dict[str, Found] = {}
    total = Found()
    for pair in expected:
        for group in (found.setdefault(pair.noise, Found()), total):
            group.add(pair, explained(pair))
    true = sum(
        suspect.pair in truth or row_pairs.get(suspect.pair) in truth for suspect in suspects
    )
    return Result(
        made=dict(sorted(made.items())),
        found=found,
        applied=applied,
        inferred=inferred,
        expected=total,
        suspects=len(suspects),
        true_suspects=true,
        wrong=[link for link in links if link.pair not in truth],
        missed=[pair for pair in expected if pair.is_linkable and explained(pair) is None],
    )


def _is_by_row(link: Link) -> bool:
    return link.is_inferred and link.rule == "application"


def _finder(links: list[Link]) -> Callable[[Expected], Decimal | None]:
    """How much of a pair is explained, or null where it was not found.

    A receipt reaches its order by a link, or through the delivery note where no order is linked.
    """
    amounts = {link.pair: link.amount for link in links}
    orders: dict[tuple[str, str, str], set[str]] = {}
    deliveries: dict[tuple[str, str], set[str]] = {}
    for chain, from_kind, from_no, to_kind, to_no in amounts:
        if from_kind == "order":
            orders.setdefault((chain, to_kind, to_no), set()).add(from_no)
        elif from_kind == "delivery":
            deliveries.setdefault((chain, to_no), set()).add(from_no)

    def explained(expected: Expected) -> Decimal | None:
        chain, from_kind, from_no, to_kind, to_no = expected.pair
        if expected.pair in amounts:
            return amounts[expected.pair]
        if (from_kind, to_kind) != ("order", "goods_receipt") or (chain, to_kind, to_no) in orders:
            return None
        reached = any(
            from_no in orders.get((chain, "delivery", delivery), ())
            for delivery in deliveries.get((chain, to_no), ())
        )
        return expected.amount if reached else None

    return explained


def _plain(figures: Made | Found, *shares: str) -> dict[str, Any]:
    plain = {
        name: f"{value:.2f}" if isinstance(value, Decimal) else value
        for name, value in asdict(figures).items()
    }
    return {**plain, **{name: getattr(figures, name) for name in shares}}
