"""The aging pack: who owes what since when, on both bases, by debtor, store and manager."""

from decimal import Decimal

from assets.reported.content.balances import concentration_sheet, provision_sheet, trial_sheet
from assets.reported.content.figures import DayFigures, file_blocks, key_figures, tie_outs
from assets.reported.content.labels import ITEM_KINDS, YES_NO
from assets.reported.content.movement import (
    bridge_block,
    bridge_sheet,
    changes_sheet,
    collections_sheet,
    movers_block,
)
from assets.reported.content.parties import Parties
from assets.reported.content.reading import Day
from assets.reported.content.trend import trend_chart
from assets.reported.content.views import (
    OVERDUE,
    Bases,
    Cell,
    Views,
    bucket_label,
    largest_first,
    lines_by,
)
from receivables.policy import Policy
from receivables.workbook import Chart, Column, Kind, Link, Pack, Sheet, bilingual

TITLE = bilingual("账龄分析", "Aging")
TOP_DEBTORS = 8

INVOICED, UNINVOICED = bilingual("已开票", "Invoiced"), bilingual("应收暂估", "Uninvoiced")


def aging_pack(day: Day, policy: Policy, figures: DayFigures, parties: Parties) -> Pack:
    """The aging pack of a day."""
    bases = Bases.of(policy)
    cells = day.rows("aging_cells")
    bridge = day.rows("bridge")
    due = [cell for cell in cells if cell["basis"] == "overdue"]
    by_document = [cell for cell in cells if cell["basis"] == "document"]
    return Pack(
        kind="aging",
        title=TITLE,
        as_of=day.as_of,
        policy_version=policy.version,
        company=policy.packs.company,
        key_figures=key_figures(figures),
        tie_outs=tie_outs(figures),
        blocks=[
            bridge_block(bridge, day.rows("change_papers")),
            movers_block(bridge, parties),
            *file_blocks(figures),
        ],
        charts=[*_charts(due, bases, parties), *trend_chart(figures)],
        sheets=[
            *Views(due, bases.overdue, parties, is_due=True).sheets(),
            _open_items(day),
            bridge_sheet(bridge, parties),
            changes_sheet(day),
            trial_sheet(day, parties),
            *Views(by_document, bases.document, parties, is_due=False).sheets(),
            provision_sheet(day, parties),
            concentration_sheet(day, parties),
            collections_sheet(day, parties),
        ],
    )


_CHAIN = Column("chain_id", bilingual("连锁", "Chain"), Kind.CODE)
_ITEM_COLUMNS = [
    _CHAIN,
    Column("debtor_id", bilingual("付款客户", "Debtor"), Kind.CODE),
    Column("debtor_name", bilingual("客户名称", "Debtor name"), widest=30),
    Column("store_id", bilingual("门店", "Store"), Kind.CODE),
    Column("store_name", bilingual("门店名称", "Store name"), widest=30),
    Column("item_kind", bilingual("类型", "Kind"), codes=ITEM_KINDS),
    Column("document_no", bilingual("单据号", "Document"), Kind.CODE),
    Column("document_on", bilingual("单据日期", "Document date"), Kind.DAY),
    Column("due_on", bilingual("到期日", "Due"), Kind.DAY),
    Column("age_days", bilingual("账龄天数", "Age (days)"), Kind.COUNT),
    Column("overdue_days", bilingual("逾期天数", "Overdue (days)"), Kind.COUNT, alarm=True),
    Column("original_amount", bilingual("原始金额", "Original"), Kind.MONEY, total=True),
    Column("balance", bilingual("未清余额", "Balance"), Kind.MONEY, total=True),
    Column("order_no", bilingual("订单号", "Order"), Kind.CODE, is_printed=False),
    Column("is_invoiced", bilingual("已开票", "Invoiced"), codes=YES_NO, is_printed=False),
    Column("manager", bilingual("负责人", "Manager"), is_printed=False),
]


def _open_items(day: Day) -> Sheet:
    return Sheet(
        bilingual("未清明细", "Open items"),
        _ITEM_COLUMNS,
        day.tuples("open_items", [column.key for column in _ITEM_COLUMNS]),
        bilingual(
            "逐笔未清项目，按付款客户、门店、到期日排列；负数为退货、红字或多付；"
            "每户首行可返回账龄表",
            "every open item by debtor, store and due date; negative: credits; the first row of a "
            "debtor leads back",
        ),
        frozen_columns=3,
        name="open_items",
        links=[
            Link("debtor_id", "debtors", ("debtor_id", "chain_id"), first_only=True),
            Link("store_id", "stores", ("store_id", "chain_id"), first_only=True),
        ],
    )


def _charts(due: list[Cell], bases: Bases, parties: Parties) -> list[Chart]:
    whole = lines_by(due, lambda cell: cell["is_invoiced"], bases.overdue)
    nothing = dict.fromkeys(bases.overdue, Decimal(0))
    invoiced = whole[True].buckets if True in whole else nothing
    uninvoiced = whole[False].buckets if False in whole else nothing
    debtors = largest_first(lines_by(due, lambda cell: (cell["debtor_id"],), bases.overdue))
    return [
        Chart(
            bilingual("应收余额按逾期分段", "Outstanding by days overdue"),
            [INVOICED, UNINVOICED],
            [(bucket, invoiced[bucket], uninvoiced[bucket]) for bucket in bases.overdue],
            kind="stacked",
            codes={bucket: bucket_label(bucket) for bucket in bases.overdue},
        ),
        Chart(
            bilingual("余额最大的付款客户", "Largest debtors"),
            [bilingual("未到期", "Not due"), OVERDUE],
            [
                (parties.name(debtor), line.total - line.overdue, line.overdue)
                for (debtor,), line in debtors[:TOP_DEBTORS]
            ],
            kind="stacked",
            horizontal=True,
            colours=("4A90C2", "D1603D"),
        ),
    ]
