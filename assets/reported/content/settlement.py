"""The settlement pack: whether chains settle, deduct and pay as agreed, and what was let go."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from assets.reported.content.labels import PAPERS, PATTERNS
from assets.reported.content.parties import Parties
from assets.reported.content.reading import Day
from assets.reported.content.settlement_sheets import SHEETS, sheet_of
from receivables.policy import Policy
from receivables.workbook import (
    Block,
    Chart,
    Column,
    KeyFigure,
    Kind,
    Pack,
    TieOut,
    bilingual,
)

TITLE = bilingual("结算执行与费用", "Settlement and fees")

Row = dict[str, Any]

_PERMILLE = Decimal("0.001")


@dataclass(frozen=True)
class _Facts:
    """The rows of every sheet, by its name, and what the ledger wrote off."""

    rows: Mapping[str, Sequence[Row]]
    written_off: Decimal

    @classmethod
    def of(cls, day: Day) -> "_Facts":
        """Read them."""
        return cls({name: day.rows(name) for name in SHEETS}, day.rows("written_off")[0]["amount"])

    def sum(self, name: str, column: str) -> Decimal:
        """The sum of a column; rows without a figure count nothing."""
        return sum((row[column] or Decimal(0) for row in self.rows[name]), Decimal(0))

    def where(self, name: str, column: str, value: Any) -> list[Row]:
        """The rows that say so."""
        return [row for row in self.rows[name] if row[column] == value]


def settlement_pack(day: Day, policy: Policy, parties: Parties) -> Pack:
    """The settlement pack of a day."""
    facts, language = _Facts.of(day), policy.packs.language
    return Pack(
        kind="settlement",
        title=TITLE,
        as_of=day.as_of,
        policy_version=policy.version,
        company=policy.packs.company,
        key_figures=_key_figures(facts, day),
        tie_outs=_tie_outs(facts),
        blocks=[_behaviour(facts), _fees(facts)],
        charts=_charts(facts),
        sheets=[sheet_of(name, facts.rows[name], parties, language) for name in SHEETS],
    )


def _key_figures(facts: _Facts, day: Day) -> list[KeyFigure]:
    month = f"{day.as_of:%Y-%m}"
    let_go = sum((row["amount"] for row in facts.where("write_offs", "month", month)), Decimal(0))
    return [
        KeyFigure(
            bilingual("未按约定结算的单据", "Papers that settle otherwise"),
            sum(row["orders"] for row in facts.where("settlement_behaviour", "verdict", "differs")),
            Kind.COUNT,
        ),
        KeyFigure(
            bilingual("合计不符的对账单", "Statements that differ"),
            len(facts.where("statement_totals", "differs", True)),
            Kind.COUNT,
        ),
        KeyFigure(
            bilingual("本年超合同扣款", "Deducted beyond agreement"),
            facts.sum("deduction_use", "disputed"),
        ),
        KeyFigure(bilingual("本月核销", "Written off this month"), let_go),
        KeyFigure(
            bilingual("失信承诺", "Broken promises"),
            len(facts.where("promises", "promise_state", "broken")),
            Kind.COUNT,
        ),
    ]


def _tie_outs(facts: _Facts) -> list[TieOut]:
    added = ("goods_amount", "adjustments", "prepayments")
    taken = ("invoice_deducted", "cash_deducted")
    name = "statement_totals"
    return [
        TieOut(
            bilingual(
                "对账单应付 = 货款 + 调整 + 预付 − 票扣 − 账扣",
                "payable = goods + adjustments + prepayments − deductions",
            ),
            facts.sum(name, "payable"),
            sum((facts.sum(name, part) for part in added), Decimal(0))
            - sum((facts.sum(name, part) for part in taken), Decimal(0)),
        ),
        TieOut(
            bilingual("各月核销合计 = 应收台账核销", "write-offs by month = ledger"),
            facts.sum("write_offs", "amount"),
            facts.written_off,
        ),
        TieOut(
            bilingual("代销：验收 = 已报销售 + 在店", "consigned: accepted = sold + at the store"),
            facts.sum("consigned_stock", "accepted"),
            facts.sum("consigned_stock", "reported") + facts.sum("consigned_stock", "at_store"),
        ),
    ]


def _behaviour(facts: _Facts) -> Block:
    """How each chain settles, against what was agreed."""
    papers: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in facts.rows["settlement_behaviour"]:
        papers[row["chain_id"], row["pattern"]].append(row)

    def cells(key: tuple[str, str]) -> tuple[Any, ...]:
        rows = papers[key]
        other = [row for row in rows if row["verdict"] == "differs"]
        worst = max(other, key=lambda row: (row["orders"], row["paper"]), default=None)
        every = sum(row["orders"] for row in rows)
        return (
            *key,
            every,
            sum(row["orders"] for row in other),
            (Decimal(every - sum(row["orders"] for row in other)) / every).quantize(_PERMILLE),
            worst["paper"] if worst else None,
            worst["evidence_pattern"] if worst else None,
        )

    return Block(
        bilingual("按约定结算的情况", "How chains settle, against what was agreed"),
        [
            Column("chain", bilingual("连锁", "Chain"), Kind.CODE),
            Column("pattern", bilingual("约定模式", "Agreed"), codes=PATTERNS),
            Column("papers", bilingual("单据数", "Papers"), Kind.COUNT),
            Column("other", bilingual("不一致", "Otherwise"), Kind.COUNT),
            Column("share", bilingual("一致率", "As agreed"), Kind.PERCENT),
            Column("paper", bilingual("主要出在", "Mostly by"), codes=PAPERS),
            Column("as", bilingual("实际模式", "Settled as"), codes=PATTERNS),
        ],
        [cells(key) for key in sorted(papers)],
        most=16,
        sheet="settlement_behaviour",
    )


def _fees(facts: _Facts) -> Block:
    """What chains deducted this year under agreements, and how much of it is too much."""
    by_chain: dict[str, list[Row]] = defaultdict(list)
    for row in facts.rows["deduction_use"]:
        by_chain[row["chain_id"]].append(row)
    sums = ("taken_this_month", "taken_this_year", "disputed")
    return Block(
        bilingual("本年合同内费用扣款", "Fees deducted under agreements this year"),
        [
            Column("chain", bilingual("连锁", "Chain"), Kind.CODE),
            Column("month", bilingual("本月扣款", "This month"), Kind.MONEY),
            Column("year", bilingual("本年扣款", "This year"), Kind.MONEY),
            Column("disputed", bilingual("其中超合同", "Beyond agreement"), Kind.MONEY),
        ],
        [
            (chain, *(sum((row[key] for row in rows), Decimal(0)) for key in sums))
            for chain, rows in sorted(by_chain.items())
        ],
        most=16,
        sheet="deduction_use",
    )


def _charts(facts: _Facts) -> list[Chart]:
    fees: dict[str, Decimal] = defaultdict(Decimal)
    for row in facts.rows["deduction_use"]:
        fees[row["fee_name"] or "–"] += row["taken_this_year"]
    largest = sorted(fees.items(), key=lambda entry: (-entry[1], entry[0]))[:10]
    if not largest:
        return []
    return [
        Chart(
            bilingual("本年扣款最多的费用", "Largest fees this year"),
            [bilingual("扣款", "Deducted")],
            largest,
            horizontal=True,
        )
    ]
