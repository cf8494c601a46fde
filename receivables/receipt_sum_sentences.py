"""What is found about the receipts that sum to an invoice, in a sentence for a person."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from receivables.receipt_sums import DECIDED, Finding, Verdict

_MOST_TOLD = 5  # receipts of a sentence


def sentence(found: Finding, buyer: str, amount: Decimal) -> str:
    """One sentence for a person, with what tells the answers apart."""
    whose = f"of the {found.looked_at:,} receipts that {buyer} may be billed for"
    if found.verdict == Verdict.WITHDRAWN:
        return f"given up: {found.why}"
    if found.verdict == Verdict.UNDECIDED:
        return f"it cannot be told which receipts sum to the invoice: {found.why}"
    if found.verdict == Verdict.NONE:
        return f"{whose}, none sum to {amount:,.2f}"
    if found.verdict == Verdict.SEVERAL:
        return f"{whose}, several choices sum to the invoice: {_choices(found)}"
    if found.why.startswith(DECIDED):
        return f"{_listed(found, 0)}: {found.why}"
    only = f"{whose}, only {_listed(found, 0)} sum to the invoice"
    return f"{only}, but {found.why}" if found.why else only


def _choices(found: Finding) -> str:
    """The receipts by which the first choices differ."""
    shared = frozenset.intersection(*(_numbers(subset) for subset in found.subsets))
    differing = [
        " and ".join(sorted(_numbers(subset) - shared)[:_MOST_TOLD]) or "nothing more"
        for subset in found.subsets[:_MOST_TOLD]
    ]
    return " or ".join(differing) + (f", beside {len(shared):,} in all of them" if shared else "")


def _numbers(subset: Iterable[tuple[str, Decimal]]) -> frozenset[str]:
    return frozenset(no for no, _ in subset)


def _listed(found: Finding, place: int) -> str:
    """The receipts of an answer, then the returns that are taken off."""
    subset = found.subsets[place]
    returned = [no for no, amount in subset if amount < 0]
    told = _shortened([no for no, amount in subset if amount >= 0])
    return f"{told} less {_shortened(returned)}" if returned else told


def _shortened(numbers: Sequence[str]) -> str:
    more = len(numbers) - _MOST_TOLD
    return ", ".join(numbers[:_MOST_TOLD]) + (f" and {more:,} more" if more > 0 else "")
