"""The sheet of warnings, which people answer."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from assets.reported.content.labels import (
    OWNERS,
    SEVERITIES,
    SEVERITY_TONES,
    WARNING_KINDS,
    WARNING_STATES,
)
from assets.reported.content.parties import Parties
from assets.reported.content.sentences import sentence, warning_answer
from assets.reported.content.worklist import HOW, SUBJECT, entries
from receivables.decisions import Subject
from receivables.workbook import Column, Kind, Language, Sheet, bilingual


def warnings_sheet(
    warnings: Sequence[dict[str, Any]], parties: Parties, as_of: date, language: Language
) -> Sheet:
    """Warnings of a day, each to be answered."""
    columns = [
        Column("kind", bilingual("预警", "Warning"), codes=WARNING_KINDS),
        Column("customer_id", bilingual("客户", "Customer"), Kind.CODE),
        Column("customer_name", bilingual("客户名称", "Name"), widest=34),
        Column("severity", bilingual("级别", "Severity"), codes=SEVERITIES, tones=SEVERITY_TONES),
        Column("evidence", bilingual("依据", "Evidence"), widest=56),
        *entries("warning"),
        Column("first_on", bilingual("首次出现", "First"), Kind.DAY),
        Column("days", bilingual("持续天数", "Days"), Kind.COUNT),
        Column("deadline", bilingual("处理期限", "Deadline"), Kind.DAY),
        Column("owner", bilingual("责任人", "Owner"), codes=OWNERS),
        Column("state", bilingual("状态", "State"), codes=WARNING_STATES),
        Column("answer", bilingual("处理意见", "Answer"), widest=30),
        Column("cleared_on", bilingual("解除日期", "Cleared"), Kind.DAY),
        SUBJECT,
    ]

    def cells(row: dict[str, Any]) -> tuple[Any, ...]:
        said = {
            **row,
            "subject": str(Subject("warning", row["warning_id"], as_of)),
            "customer_name": parties.name(row["customer_id"]),
            "evidence": sentence(row["evidence"], language),
            "answer": warning_answer(row["answer"], language),
            "days": (as_of - row["first_on"]).days,
        }
        return tuple(None if column.is_entry else said[column.key] for column in columns)

    rows = [cells(row) for row in warnings]
    return Sheet(bilingual("预警", "Warnings"), columns, rows, HOW, 1, "warnings")
