"""The figures of all levels as Markdown."""

from __future__ import annotations

from collections.abc import Iterable

from benchmarks.matching.figures import Result

# Of the level at which the targets are set: precision, money found, wrong money.
PRECISION, MONEY_FOUND, WRONG_MONEY = 0.9995, 0.97, 1e-5


def markdown(results: dict[str, Result]) -> str:
    """One table over the levels, then for each level its rules and its noise."""
    lines = [*_levels(results)]
    for level, result in results.items():
        lines += ["", f"### Noise {level}", "", *_rules(result), "", *_noise(result)]
    return "\n".join(lines)


def meets_targets(result: Result) -> bool:
    """Whether a world meets what is set for standard noise."""
    return (
        result.applied.precision >= PRECISION
        and result.expected.money_recall >= MONEY_FOUND
        and result.applied.wrong_share <= WRONG_MONEY
    )


def _levels(results: dict[str, Result]) -> Iterable[str]:
    yield from _head(
        "noise", "links", "true", "wrong money per 100,000", "inferred", "of them true",
        "linkable pairs found", "linkable money found", "money with evidence",
        "proposed", "of them true",
    )  # fmt: skip
    for level, result in results.items():
        yield _row(
            level,
            f"{result.applied.links:,}",
            _percent(result.applied.precision),
            f"{result.applied.wrong_share * 100_000:.2f}",
            f"{result.inferred.links:,}",
            _percent(result.inferred.precision),
            _percent(result.expected.recall),
            _percent(result.expected.money_recall),
            _percent(result.expected.evidence),
            f"{result.suspects:,}",
            _percent(result.true_suspects / result.suspects) if result.suspects else "",
        )


def _rules(result: Result) -> Iterable[str]:
    yield from _head("rule", "links", "true", "money", "wrong money")
    for rule, made in result.made.items():
        yield _row(
            rule,
            f"{made.links:,}",
            _percent(made.precision),
            f"{made.money:,.2f}",
            f"{made.wrong_money:,.2f}",
        )


def _noise(result: Result) -> Iterable[str]:
    yield from _head(
        "what befell the number", "pairs", "linkable", "found", "of linkable", "of linkable money"
    )
    for noise, found in result.found.items():
        yield _row(
            noise,
            f"{found.pairs:,}",
            f"{found.linkable:,}",
            f"{found.found:,}",
            _percent(found.recall),
            _percent(found.money_recall),
        )


def _percent(share: float) -> str:
    """Rounded down, so that 100 % says that nothing is wrong."""
    return f"{int(share * 100_000) / 1000:.3f} %" if share < 1 else "100 %"


def _head(*cells: str) -> Iterable[str]:
    yield _row(*cells)
    yield _row("---", *("---:" for _ in cells[1:]))


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"
