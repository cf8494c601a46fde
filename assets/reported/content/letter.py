"""What the mail of a day says: five figures, what changed, what to do, what to be careful about."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import islice
from typing import Any

from assets.reported.content.figures import KEY_FIGURES, DayFigures
from assets.reported.content.labels import (
    CAUSES,
    CHANGES,
    OWNERS,
    PAIRS,
    WARNING_KINDS,
    next_action,
    said,
)
from assets.reported.content.movement import bridge_totals
from assets.reported.content.parties import Parties
from assets.reported.content.reading import Day
from assets.reported.content.sentences import sentence
from receivables.mail import Change, Figure, Letter, PackFile
from receivables.workbook import Kind, Language

MOST = 5  # lines of each sort in a mail; the packs hold all of them

_BAD = {"overdue", "on_hold"}
_TEXTS = {
    "zh": {
        "change": "较前一日 {}",
        "many": "{} 项",
        "hold": "停货：{name}，{reason}",
        "more_holds": "另有 {} 家停货客户，见信用等级包",
        "exception": "{reason} {order}：{amount}，{owner}：{action}",
        "warning": "预警 {kind}：{name}，{evidence}；{owner}，{deadline} 前处理",
        "files": "{} 个文件无法识别，未入账；请见账龄包封面",
        "rows": "{} 行数据被退回，未入账；请见账龄包封面",
        "totals": "{} 个文件内打印的合计与读出的各行不符；请见异常清单“合计不符”",
        "pairs": "勾稽不符：{}",
    },
    "en": {
        "change": "{} since the day before",
        "many": "{}",
        "hold": "hold shipments: {name}, {reason}",
        "more_holds": "{} more customers on hold, see the credit tier pack",
        "exception": "{reason} {order}: {amount}, {owner}: {action}",
        "warning": "warning {kind}: {name}, {evidence}; {owner} by {deadline}",
        "files": "{} files could not be read and are not counted; see the aging pack's cover",
        "rows": "{} rows were rejected and are not counted; see the aging pack's cover",
        "totals": "{} totals printed in files differ from the rows read; see the exception list",
        "pairs": "does not tie: {}",
    },
}


def letter(
    day: Day,
    audience: str,
    language: Language,
    figures: DayFigures,
    packs: Sequence[PackFile],
    is_summary: bool = False,
) -> Letter:
    """The mail of a day to one audience, with the files it carries."""
    return Letter(
        day=day.as_of,
        audience=audience,
        language=language,
        figures=[_figure(figures, *known, language) for known in KEY_FIGURES],
        changes=_changes(day, figures, language),
        to_do=[] if is_summary else _to_do(day, Parties.of(day), language),
        notices=_notices(figures, language),
        packs=packs,
        tells_what_to_do=not is_summary,
    )


def _figure(figures: DayFigures, name: str, label: Any, kind: Kind, language: Language) -> Figure:
    value, change = figures.now[name], figures.change(name)
    words = _TEXTS[language]["change"]
    return Figure(
        label=label.say(language),
        value=amount_said(value, kind),
        change="" if change is None else words.format(signed(change, kind)),
        is_bad=name in _BAD and value > 0,
    )


def _changes(day: Day, figures: DayFigures, language: Language) -> list[Change]:
    if figures.before is None:
        return []
    moved = [
        Change(said(CAUSES, cause, language), signed(amount, Kind.MONEY))
        for cause, amount in bridge_totals(day.rows("bridge"))
        if cause not in {"opening", "closing"}
    ]
    counted = [
        Change(
            said(CHANGES, row["what"], language),
            _TEXTS[language]["many"].format(row["many"]),
            "" if row["amount"] is None else amount_said(row["amount"], Kind.MONEY),
        )
        for row in figures.changes
    ]
    return [*moved, *counted]


def _to_do(day: Day, parties: Parties, language: Language) -> list[str]:
    texts = _TEXTS[language]
    holds = day.rows("holds")
    lines = [
        texts["hold"].format(
            name=parties.name(row["customer_id"]),
            reason=sentence(row["reason"], language),
        )
        for row in holds[:MOST]
    ]
    if len(holds) > MOST:
        lines.append(texts["more_holds"].format(len(holds) - MOST))
    keys = (
        f"reason_{language}",
        "order_no",
        "document_no",
        "amount",
        "owner",
        "reason",
        "next_action",
    )
    for label, order_no, document_no, amount, owner, reason, action in islice(
        day.tuples("exceptions", keys), MOST
    ):
        lines.append(
            texts["exception"].format(
                reason=label,
                order=order_no or document_no,
                amount=amount_said(amount, Kind.MONEY),
                owner=said(OWNERS, owner or "–", language),
                action=next_action(reason, action, language),
            )
        )
    return [*lines, *warning_lines(day.rows("warnings"), parties, language)]


def warning_lines(
    warnings: Iterable[dict[str, Any]], parties: Parties, language: Language
) -> list[str]:
    """The gravest of the warnings that stand, with who answers them by when."""
    standing = [row for row in warnings if row["cleared_on"] is None]
    return [
        _TEXTS[language]["warning"].format(
            kind=said(WARNING_KINDS, row["kind"], language),
            name=parties.name(row["customer_id"]),
            evidence=sentence(row["evidence"], language),
            owner=said(OWNERS, row["owner"] or "–", language),
            deadline=row["deadline"],
        )
        for row in standing[:MOST]
    ]


def _notices(figures: DayFigures, language: Language) -> list[str]:
    texts = _TEXTS[language]
    notices = []
    if figures.untied:
        names = "; ".join(PAIRS[pair].say(language) for pair in figures.untied)
        notices.append(texts["pairs"].format(names))
    if figures.unreadable_files:
        notices.append(texts["files"].format(figures.unreadable_files))
    if figures.rejected_rows:
        notices.append(texts["rows"].format(figures.rejected_rows))
    if figures.totals_that_differ:
        notices.append(texts["totals"].format(figures.totals_that_differ))
    return notices


def amount_said(value: Decimal | int, kind: Kind) -> str:
    """A figure in a mail."""
    return f"{value:,}" if kind is Kind.COUNT else f"{value:,.2f}"


def signed(value: Decimal | int, kind: Kind) -> str:
    """A change in a mail, with its sign."""
    return ("+" if value > 0 else "") + amount_said(value, kind)
