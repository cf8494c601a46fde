"""What `sidan restate` and `sidan rate` found, as workbooks."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from assets.reported.content.labels import (
    ACTION_TONES,
    BUCKETS,
    CAUSES,
    CHANGING_PAPERS,
    CREDIT_ACTIONS,
    TIER_TONES,
)
from pipelines.console import console, stop
from pipelines.rating import Comparison
from pipelines.restating import Restatement
from receivables.policy import Packs
from receivables.workbook import (
    Block,
    Column,
    KeyFigure,
    Kind,
    Label,
    Link,
    Pack,
    Sheet,
    TieOut,
    bilingual,
    write_pack,
)

_DEBTOR = Column("debtor_id", bilingual("付款客户", "Debtor"), Kind.CODE)
_CAUSE = Column("cause", bilingual("原因", "Cause"), codes=CAUSES)
_DIFFERENCE = Column("difference", bilingual("差异", "Difference"), Kind.MONEY, total=True)
_SIDES = (
    Column("as_closed", bilingual("关账时", "As closed"), Kind.MONEY, total=True),
    Column("restated", bilingual("按现知", "Restated"), Kind.MONEY, total=True),
    _DIFFERENCE,
)
_BASES = {
    "overdue": bilingual("按到期日", "by due date"),
    "document": bilingual("按单据日期", "by document date"),
}


def save(pack: Pack, path: Path, packs: Packs) -> None:
    """Write a workbook to `path` and say so, or end with what is in the way."""
    try:
        written = write_pack(
            pack,
            path.parent,
            path.stem,
            language=packs.language,
            max_sheet_rows=packs.max_sheet_rows,
        )
    except OSError as error:
        stop(
            f"{path} cannot be written ({error.strerror}). "
            "Close it where it is open, or name another file."
        )
    names = ", ".join(str(file) for file in written.files)
    console(sys.stderr).print(f"Written: {names}", markup=False)


def restated_pack(told: Restatement, policy_version: str, company: str) -> Pack:
    """The bridge from a day as closed to the day restated: by cause, debtor, paper and bucket."""
    by_paper = sum((row["difference"] for row in told.papers), Decimal(0))
    return Pack(
        kind="restate",
        title=bilingual("重看已关账日", "A closed day restated"),
        as_of=told.day,
        policy_version=policy_version,
        company=company,
        subtitle=bilingual(f"按 {told.known} 所知", f"with what is known on {told.known}"),
        key_figures=[
            KeyFigure(bilingual("关账时应收余额", "Outstanding as closed"), told.as_closed),
            KeyFigure(bilingual("差异", "Difference"), told.difference),
            KeyFigure(bilingual("按现知应收余额", "Outstanding restated"), told.restated),
        ],
        tie_outs=[
            TieOut(
                bilingual("关账时 + 各单据 = 按现知", "as closed + papers = restated"),
                told.as_closed + by_paper,
                told.restated,
            )
        ],
        blocks=[_causes(told)],
        sheets=[
            _sheet(
                "debtors",
                bilingual("按客户", "By debtor"),
                [_DEBTOR, *_SIDES],
                told.debtors,
                [Link("debtor_id", "papers", ("debtor_id",))],
            ),
            _sheet("papers", bilingual("按单据", "By paper"), _papers(), told.papers),
            _sheet(
                "buckets",
                bilingual("账龄", "Aging"),
                [
                    Column("basis", bilingual("口径", "Basis"), codes=_BASES),
                    Column("bucket", bilingual("账龄段", "Bucket"), codes=BUCKETS),
                    # both bases hold the same money: their sum would count it twice
                    *(Column(side.key, side.label, Kind.MONEY) for side in _SIDES),
                ],
                told.buckets,
            ),
        ],
    )


def _causes(told: Restatement) -> Block:
    return Block(
        bilingual("差异按原因", "Difference by cause"),
        [
            _CAUSE,
            Column("papers", bilingual("单据数", "Papers"), Kind.COUNT),
            Column("difference", bilingual("金额", "Amount"), Kind.MONEY),
        ],
        [(row["cause"], row["papers"], row["difference"]) for row in told.causes],
        empty=bilingual("此后没有关于这一天的单据", "nothing that came later is about this day"),
        most=len(CAUSES),
        sheet="papers",
    )


def _papers() -> list[Column]:
    return [
        _DEBTOR,
        Column("store_id", bilingual("门店", "Store"), Kind.CODE),
        _CAUSE,
        Column("paper_kind", bilingual("单据类别", "Paper"), codes=CHANGING_PAPERS),
        Column("paper_no", bilingual("单据号", "Number"), Kind.CODE),
        Column("effective_on", bilingual("业务日期", "Happened on"), Kind.DAY),
        Column("known_on", bilingual("获知日期", "Known on"), Kind.DAY),
        _DIFFERENCE,
    ]


def compared_pack(found: Comparison, movers_only: bool, company: str) -> Pack:
    """The ratings of a day under another policy beside those as closed."""
    chosen = found.movers if movers_only else found.customers
    before, after = bilingual("关账时", "As closed"), bilingual("新政策", "Other policy")
    return Pack(
        kind="rate",
        title=bilingual("换一套信用政策", "Ratings by another policy"),
        as_of=found.day,
        policy_version=found.policy_version,
        company=company,
        key_figures=[
            KeyFigure(bilingual("客户数", "Customers"), len(found.customers), Kind.COUNT),
            KeyFigure(bilingual("有变动的客户", "Would move"), len(found.movers), Kind.COUNT),
        ],
        sheets=[
            _sheet("customers", bilingual("客户", "Customers"), _rated(), chosen),
            _sheet(
                "totals",
                bilingual("合计", "Totals"),
                [
                    Column("figure", bilingual("项目", "Figure")),
                    Column("before", before, Kind.QUANTITY),
                    Column("after", after, Kind.QUANTITY),
                ],
                found.totals,
            ),
        ],
    )


def _rated() -> list[Column]:
    said: dict[str, tuple[str, str, dict[str, Any]]] = {
        "class": ("分类", "Class", {}),
        "tier": ("等级", "Tier", {"tones": TIER_TONES}),
        "score": ("评分", "Score", {"kind": Kind.SCORE}),
        "limit": ("额度", "Limit", {"kind": Kind.MONEY}),
        "action": ("措施", "Action", {"codes": CREDIT_ACTIONS, "tones": ACTION_TONES}),
        "on_hold": ("停货欠款", "On hold", {"kind": Kind.MONEY, "total": True}),
    }
    return [
        Column("customer_id", bilingual("客户", "Customer"), Kind.CODE),
        *(
            Column(f"{key}_{side}", bilingual(f"{when}{zh}", f"{en} {side}"), **details)
            for key, (zh, en, details) in said.items()
            for side, when in (("before", "原"), ("after", "新"))
        ),
        Column("exposure", bilingual("敞口", "Exposure"), Kind.MONEY),
    ]


def _sheet(
    name: str,
    title: Label,
    columns: Sequence[Column],
    rows: Sequence[dict[str, Any]],
    links: Sequence[Link] = (),
) -> Sheet:
    values = [tuple(row[column.key] for column in columns) for row in rows]
    return Sheet(title, columns, values, name=name, links=links)
