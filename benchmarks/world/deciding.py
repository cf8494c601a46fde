"""What people of the supplier decide on deductions that nothing supports."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from benchmarks.world.looks.canonical import Row
from benchmarks.world.model import Story, deduction_id

_DECISIONS: tuple[tuple[date, str, Decimal | None, str], ...] = (
    (date(2026, 8, 3), "write_off", None, "金额较小，追讨三次无果"),
    (date(2026, 8, 17), "accept", Decimal("500.00"), "补签店庆赞助协议，限额500元"),
)


def decide(story: Story) -> None:
    """Decide on the first deductions that a chain took out of the blue."""
    for taken, (day, decision, amount, note) in zip(_unsupported(story), _DECISIONS, strict=False):
        row: Row = {
            "subject_kind": "deduction", "subject_id": deduction_id(*taken), "decision": decision,
            "target_id": None, "amount": amount, "note": note, "decided_by": "林文",
            "decided_on": day,
        }  # fmt: skip
        key = ("deduction", str(row["subject_id"]), day.isoformat())
        if story.send("decisions", key, day, [row]):
            story.plant(f"deduction_{decision}", f"{taken[1]} {taken[2]}")


def _unsupported(story: Story) -> list[tuple[str, str, int]]:
    """Chain, statement and line of the unsupported fees that were planted."""
    planted = {
        tuple(example.split()) for example in story.examples.get("unsupported_deduction", [])
    }
    return [
        (statement.chain_id, statement.number, line_no)
        for statement in story.statements
        for line_no, row in enumerate(statement.rows, start=1)
        if (statement.number, row["fee_code"]) in planted
    ]
