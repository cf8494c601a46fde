"""Payments without references against the truth: `python -m benchmarks.cash --receipts 4000`.

Money is wrongly applied where it was put on a unit that the payment was not for. A payment that
is asked about costs a question; one that is wrongly applied costs trust.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.cash.stories import KINDS as STORIES
from benchmarks.cash.stories import Story, stories
from benchmarks.cash.world import KINDS, Case, cases, large_case
from receivables.cash.answers import Answer, Verdict, answer
from receivables.cash.items import Part, yuan
from receivables.policy import Cash


@dataclass
class Tally:
    """What became of some payments; money in cents."""

    receipts: int = 0
    money: int = 0
    applied: int = 0
    money_applied: int = 0
    wrong: int = 0
    money_wrong: int = 0

    def add(self, cents: int, truth: frozenset[Part], placed: frozenset[Part] | None) -> None:
        """Count a payment, what it is for, and what it was placed on (None: it is asked about)."""
        self.receipts += 1
        self.money += abs(cents)
        if placed is None:
            return
        self.applied += 1
        self.money_applied += abs(cents)
        if placed != truth:
            self.wrong += 1
            self.money_wrong += sum(abs(part.cents) for part in placed - truth if part.cents > 0)

    def row(self, name: str) -> str:
        """A row of the report."""
        share = 100 * self.money_applied / self.money if self.money else 0
        return (
            f"| {name} | {self.receipts:,} | {self.applied:,} | {share:.1f} % | {self.wrong:,} | "
            f"{yuan(self.money_wrong):,.2f} |"
        )


@dataclass
class Report:
    """The tallies by kind of payment and by rule, and the seconds that each answer took."""

    by_kind: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    by_rule: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    verdicts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    seconds: list[float] = field(default_factory=list)
    stories: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))

    def add_story(self, story: Story, policy: Cash) -> None:
        """Count the payments of a story that was walked through."""
        placed = story.placed(policy)
        for receipt in story.receipts:
            no = receipt.payment[0]
            self.stories[story.kind].add(receipt.cents, story.truth[no], placed[no])

    def add(self, case: Case, found: Answer, seconds: float) -> None:
        """Count an answered payment."""
        placed = parts_of(found)
        self.by_kind[case.kind].add(case.cents, case.truth, placed)
        self.by_kind["all"].add(case.cents, case.truth, placed)
        if placed is not None:
            self.by_rule[found.rule].add(case.cents, case.truth, placed)
        self.verdicts[found.verdict.value] += 1
        self.seconds.append(seconds)

    def text(self) -> str:
        """The report as Markdown tables."""
        head = "| {} | receipts | applied | share of money | wrong | money wrong |"
        rule = "|---|---:|---:|---:|---:|---:|"
        lines = [head.format("payment for"), rule]
        lines += [self.by_kind[kind].row(kind) for kind in [*KINDS, "all"] if kind in self.by_kind]
        if self.stories:
            lines += ["", head.format("walked day by day"), rule]
            lines += [self.stories[kind].row(kind) for kind in STORIES if kind in self.stories]
        lines += ["", head.format("applied by"), rule]
        lines += [tally.row(name) for name, tally in sorted(self.by_rule.items())]
        ordered = sorted(self.seconds)
        verdicts = ", ".join(f"{name} {n:,}" for name, n in sorted(self.verdicts.items()))
        mean, most = sum(ordered) / len(ordered), ordered[-1]
        usual = ordered[len(ordered) * 95 // 100]
        times = f"{mean:.3f} in the mean, {usual:.2f} for 95 of 100, {most:.2f} at most"
        lines += ["", f"verdicts: {verdicts}", f"processor seconds per receipt: {times}"]
        return "\n".join(lines)


def parts_of(found: Answer) -> frozenset[Part] | None:
    """What an answer puts money on; None, if it asks."""
    if found.verdict != Verdict.APPLIED:
        return None
    return frozenset(part for item in found.items for part in item.parts)


def timed(case: Case, policy: Cash) -> tuple[Answer, float]:
    """The answer to a payment, and the seconds of one processor that it took."""
    started = time.process_time()
    found = answer(case.cents, case.pool, policy)
    return found, time.process_time() - started


def run(seeds: Sequence[int], receipts: int, policy: Cash) -> Report:
    """Answer so many payments of each seed."""
    report = Report()
    for seed in seeds:
        for case in cases(seed, receipts):
            found, seconds = timed(case, policy)
            report.add(case, found, seconds)
        for story in stories(seed, receipts // 4):
            report.add_story(story, policy)
    return report


def main() -> None:
    """Run the benchmark and print its report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--receipts", type=int, default=2000, help="payments of each seed")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    options = parser.parse_args()
    print(run(options.seeds, options.receipts, Cash()).text())
    for seed in options.seeds:
        case = large_case(seed)
        found, seconds = timed(case, Cash())
        placed = parts_of(found)
        told = (
            found.verdict.value if placed is None else "right" if placed == case.truth else "WRONG"
        )
        print(f"200 items, 12 paid: {told} after {seconds:.2f} s")


if __name__ == "__main__":
    main()
