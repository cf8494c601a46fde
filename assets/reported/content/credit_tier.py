"""The credit-tier pack: whom we trust how far and why, whom to stop, what moved, what warns."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from assets.reported.content.figures import DayFigures, file_blocks
from assets.reported.content.labels import (
    ACTION_TONES,
    CREDIT_ACTIONS,
    LIMIT_BASES,
    SCORE_PARTS,
    TIER_TONES,
)
from assets.reported.content.parties import Parties
from assets.reported.content.reading import Day
from assets.reported.content.sentences import sentence
from assets.reported.content.since import credit_changes, moved_tiers, moves_sheet
from assets.reported.content.warnings import warnings_sheet
from receivables.policy import Policy
from receivables.workbook import (
    Block,
    Chart,
    Column,
    KeyFigure,
    Kind,
    Label,
    Language,
    Pack,
    Sheet,
    TieOut,
    bilingual,
)

TITLE = bilingual("信用等级与授信", "Credit tiers and limits")

Row = dict[str, Any]

_CUSTOMER = Column("customer_id", bilingual("客户", "Customer"), Kind.CODE)
_NAME = Column("customer_name", bilingual("客户名称", "Name"), widest=30)
_MANAGER = Column("manager", bilingual("负责人", "Manager"))
_ACTION = Column("action", bilingual("措施", "Action"), codes=CREDIT_ACTIONS, tones=ACTION_TONES)


def credit_tier_pack(day: Day, policy: Policy, figures: DayFigures, parties: Parties) -> Pack:
    """The credit-tier pack of a day."""
    tiers, holds, warnings = day.rows("credit_tiers"), day.rows("holds"), day.rows("warnings")
    language = policy.packs.language
    return Pack(
        kind="credit_tier",
        title=TITLE,
        as_of=day.as_of,
        policy_version=policy.version,
        company=policy.packs.company,
        key_figures=_key_figures(tiers, holds, warnings, figures),
        tie_outs=_tie_outs(tiers, holds, figures),
        blocks=[
            credit_changes(figures),
            moved_tiers(tiers, parties, language),
            _by_tier(tiers),
            _by_action(tiers),
            *file_blocks(figures),
        ],
        charts=_charts(tiers, parties),
        sheets=[
            _tiers(tiers, parties),
            _evidence(tiers, parties, language),
            _holds(holds, parties, language),
            _held_stores(day.rows("held_stores"), parties),
            moves_sheet(tiers, parties, language),
            warnings_sheet(warnings, parties, day.as_of, language),
        ],
    )


def _key_figures(
    tiers: list[Row], holds: list[Row], warnings: list[Row], figures: DayFigures
) -> list[KeyFigure]:
    standing = [row for row in warnings if row["cleared_on"] is None]
    over = sum(row["judged_exposure"] > row["credit_limit"] for row in tiers)
    return [
        KeyFigure(bilingual("授信敞口", "Exposure"), _sum(tiers, "exposure")),
        KeyFigure(bilingual("超额度客户", "Over limit"), over, Kind.COUNT),
        KeyFigure(
            bilingual("停货客户欠款", "On hold"),
            figures.now["on_hold"],
            change=figures.change("on_hold"),
        ),
        KeyFigure(
            bilingual("停货客户数", "Customers on hold"),
            len({row["customer_id"] for row in holds}),
            Kind.COUNT,
            figures.change("customers_on_hold"),
        ),
        KeyFigure(bilingual("未解除预警", "Warnings"), len(standing), Kind.COUNT),
    ]


def _tie_outs(tiers: list[Row], holds: list[Row], figures: DayFigures) -> list[TieOut]:
    parts = sum((_points(row) for row in tiers), Decimal(0))
    return [
        TieOut(
            bilingual("评分合计 = 各项得分合计", "scores = sum of their parts"),
            _sum(tiers, "score"),
            parts,
        ),
        TieOut(
            bilingual(
                "敞口 = 应收 + 暂估 + 在途 − 未核销回款",
                "exposure = receivables + uninvoiced + on the way − unapplied cash",
            ),
            _sum(tiers, "exposure"),
            _sum(tiers, "open_receivables")
            + _sum(tiers, "accepted_uninvoiced")
            + _sum(tiers, "delivered_unreceived")
            - _sum(tiers, "unapplied_cash"),
        ),
        TieOut(
            bilingual("停货清单合计 = 停货客户欠款", "hold list = on hold"),
            _sum(holds, "amount"),
            figures.now["on_hold"],
        ),
    ]


def _points(row: Row) -> Decimal:
    return sum((part["points"] for part in row["score_parts"] or ()), Decimal(0))


def _sum(rows: Sequence[Row], column: str) -> Decimal:
    return sum((row[column] for row in rows if row[column] is not None), Decimal(0))


def _by_tier(tiers: list[Row]) -> Block:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in tiers:
        groups[row["credit_tier"]].append(row)
    return Block(
        bilingual("按信用等级", "By tier"),
        [
            Column("tier", bilingual("等级", "Tier")),
            Column("customers", bilingual("客户数", "Customers"), Kind.COUNT),
            Column("limit", bilingual("授信额度", "Limit"), Kind.MONEY),
            Column("exposure", bilingual("敞口", "Exposure"), Kind.MONEY),
            Column("overdue", bilingual("逾期", "Overdue"), Kind.MONEY),
        ],
        [
            (
                tier,
                len(rows),
                _sum(rows, "credit_limit"),
                _sum(rows, "exposure"),
                _sum(rows, "overdue"),
            )
            for tier, rows in sorted(groups.items())
        ],
    )


def _by_action(tiers: list[Row]) -> Block:
    counts = Counter(row["action"] for row in tiers)
    return Block(
        bilingual("按建议措施", "By action"),
        [
            Column("action", bilingual("措施", "Action"), codes=CREDIT_ACTIONS),
            Column("customers", bilingual("客户数", "Customers"), Kind.COUNT),
        ],
        sorted(counts.items(), key=lambda entry: (-entry[1], entry[0])),
    )


def _charts(tiers: list[Row], parties: Parties) -> list[Chart]:
    counts = Counter(row["credit_tier"] for row in tiers)
    largest = sorted(tiers, key=lambda row: (-row["judged_exposure"], row["customer_id"]))[:8]
    if not tiers:
        return []
    return [
        Chart(
            bilingual("各等级客户数", "Customers by tier"),
            [bilingual("客户数", "Customers")],
            sorted(counts.items()),
        ),
        Chart(
            bilingual("敞口最大的客户：敞口与额度", "Largest exposures against their limits"),
            [bilingual("敞口", "Exposure"), bilingual("额度", "Limit")],
            [
                (parties.name(row["customer_id"]), row["judged_exposure"], row["credit_limit"])
                for row in largest
            ],
            horizontal=True,
        ),
    ]


def _tiers(tiers: list[Row], parties: Parties) -> Sheet:
    parts = _part_names(tiers)
    columns = [
        _CUSTOMER,
        _NAME,
        Column("customer_class", bilingual("客户分类", "Class")),
        Column("credit_tier", bilingual("信用等级", "Tier"), tones=TIER_TONES),
        Column("previous_tier", bilingual("原等级", "Before")),
        Column("score", bilingual("评分", "Score"), Kind.SCORE),
        *(Column(f"part_{part}", _part_label(part), Kind.SCORE) for part in parts),
        Column("limit_basis", bilingual("额度依据", "Limit basis"), codes=LIMIT_BASES),
        Column("credit_limit", bilingual("授信额度", "Limit"), Kind.MONEY),
        *(Column(key, label, Kind.MONEY, total=True) for key, label in _EXPOSURE.items()),
        Column("headroom", bilingual("剩余额度", "Headroom"), Kind.MONEY),
        Column("overdue", bilingual("逾期", "Overdue"), Kind.MONEY, total=True, alarm=True),
        Column("days_late", bilingual("平均迟付天数", "Days late"), Kind.SCORE),
        _ACTION,
        _MANAGER,
    ]
    rows = []
    for row in tiers:
        points = {part["part"]: part["points"] for part in row["score_parts"] or ()}
        rows.append(
            (
                row["customer_id"],
                parties.name(row["customer_id"]),
                row["customer_class"],
                row["credit_tier"],
                row["previous_tier"],
                row["score"],
                *(points.get(part) for part in parts),
                row["limit_basis"],
                row["credit_limit"],
                *(row[key] for key in _EXPOSURE),
                row["credit_limit"] - row["judged_exposure"],
                row["overdue"],
                row["days_late"],
                row["action"],
                parties.manager(row["customer_id"]),
            )
        )
    note = bilingual(
        "评分各项之和等于总分；总部有授信的，剩余额度按集团敞口计算",
        "the parts of a score sum to it; a head office answers for its group's exposure",
    )
    return Sheet(bilingual("信用等级", "Tiers"), columns, rows, note, 2, "tiers")


_EXPOSURE = {
    "open_receivables": bilingual("已开票应收", "Receivables"),
    "accepted_uninvoiced": bilingual("应收暂估", "Uninvoiced"),
    "delivered_unreceived": bilingual("在途", "On the way"),
    "unapplied_cash": bilingual("未核销回款", "Unapplied"),
    "exposure": bilingual("敞口", "Exposure"),
}


def _evidence(tiers: list[Row], parties: Parties, language: Language) -> Sheet:
    columns = [
        _CUSTOMER,
        _NAME,
        Column("part", bilingual("评分项", "Part"), codes=SCORE_PARTS),
        Column("points", bilingual("得分", "Points"), Kind.QUANTITY, total=True),
        Column("weight", bilingual("满分", "Weight"), Kind.QUANTITY),
        Column("evidence", bilingual("依据", "Evidence"), widest=90),
    ]
    rows = []
    for row in tiers:
        name = parties.name(row["customer_id"])
        rows += [
            (
                row["customer_id"],
                name,
                part["part"],
                part["points"],
                part["weight"],
                sentence(part["evidence"], language),
            )
            for part in row["score_parts"] or ()
        ]
        why = sentence(row["reason"], language)
        rows.append((row["customer_id"], name, "conclusion", None, None, why))
    note = bilingual("每一分的依据，以及等级、额度与措施的理由", "where each point comes from")
    return Sheet(bilingual("评分依据", "Evidence"), columns, rows, note, 2, "evidence")


def _part_label(part: str) -> Label:
    return SCORE_PARTS.get(part) or bilingual(part, part)


def _part_names(tiers: list[Row]) -> list[str]:
    named = {part["part"] for row in tiers for part in row["score_parts"] or ()}
    order = list(SCORE_PARTS)
    return sorted(named, key=lambda name: (order.index(name) if name in order else 99, name))


def _holds(holds: list[Row], parties: Parties, language: Language) -> Sheet:
    columns = [
        _CUSTOMER,
        _NAME,
        _ACTION,
        Column("amount", bilingual("须收回金额", "To collect"), Kind.MONEY, total=True),
        Column("oldest_due_on", bilingual("最早到期日", "Oldest due"), Kind.DAY),
        Column("reason", bilingual("停货原因", "Reason"), widest=60),
        Column("release_when", bilingual("解除条件", "Release when"), widest=40),
        _MANAGER,
    ]
    rows = [
        (
            row["customer_id"],
            parties.name(row["customer_id"]),
            row["action"],
            row["amount"],
            row["oldest_due_on"],
            sentence(row["reason"], language),
            sentence(row["release_when"], language),
            parties.manager(row["customer_id"]),
        )
        for row in holds
    ]
    note = bilingual("到期未回笼先停货；交仓库执行", "no shipments until released")
    return Sheet(bilingual("停货清单", "Holds"), columns, rows, note, 2, "holds")


def _held_stores(stores: list[Row], parties: Parties) -> Sheet:
    columns = [
        Column("chain_id", bilingual("连锁", "Chain"), Kind.CODE),
        Column("store_id", bilingual("门店", "Store"), Kind.CODE),
        Column("store_name", bilingual("门店名称", "Name"), widest=36),
        Column("customer_id", bilingual("欠款客户", "Debtor"), Kind.CODE),
        Column("customer_name", bilingual("客户名称", "Debtor name"), widest=36),
    ]
    rows = [
        (
            row["chain_id"],
            row["store_id"],
            parties.name(row["store_id"]),
            row["customer_id"],
            parties.name(row["customer_id"]),
        )
        for row in stores
    ]
    note = bilingual("因付款客户欠款而停止送货的门店", "stores that get no goods")
    return Sheet(bilingual("停货门店", "Stores on hold"), columns, rows, note, 3, "held_stores")
