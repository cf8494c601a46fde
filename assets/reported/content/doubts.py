"""What a person should look into beside the exceptions.

Statements that changed, numbers and names that find nobody, totals that the rows do not give.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from assets.reported.content.reading import Day
from assets.reported.content.sentences import doubt_evidence
from receivables.contracts import KINDS
from receivables.workbook import Block, Column, Kind, Label, Language, Sheet, bilingual

_CHANGES = {
    "added": bilingual("新增", "added"),
    "removed": bilingual("删除", "removed"),
    "changed": bilingual("金额变更", "changed"),
}
_LINES = {
    "receipt": bilingual("验收", "receipt"),
    "return": bilingual("退货", "return"),
    "deduction": bilingual("扣款", "deduction"),
    "adjustment": bilingual("调整", "adjustment"),
    "prepayment": bilingual("预付", "prepayment"),
}
_PAPERS = {
    "invoice_handover": bilingual("交票记录", "hand-over"),
    "invoice_application": bilingual("开票申请", "application"),
    "statement": bilingual("对账单", "statement"),
    "statement_invoice": bilingual("结算发票", "invoice of a statement"),
    "remittance_advice": bilingual("付款通知", "advice"),
    "red_invoice": bilingual("红字发票", "red invoice"),
}
_VERDICTS = {
    "unknown": bilingual("无此发票", "unknown"),
    "ambiguous": bilingual("多张相符", "ambiguous"),
    "contested": bilingual("已取其一", "contested"),
}


@dataclass(frozen=True)
class Doubts:
    """Rows of each sort as of a day; of the first two, those of the last 31 days."""

    restated_lines: Sequence[dict[str, Any]]
    file_totals: Sequence[dict[str, Any]]
    doubtful_numbers: Sequence[dict[str, Any]]
    identity_proposals: Sequence[dict[str, Any]]

    @classmethod
    def of(cls, day: Day) -> "Doubts":
        """Read what is doubtful on a day."""
        return cls(
            day.rows("restated_lines"),
            day.rows("file_totals"),
            day.rows("doubtful_numbers"),
            day.rows("identity_proposals"),
        )

    def block(self) -> Block:
        """How much of each sort there is, for the cover; an empty block where there is nothing."""
        names = [row for row in self.identity_proposals if row["place"] == 1]
        counted = [
            (_RESTATED, len(self.restated_lines), _sum(self.restated_lines, "difference")),
            (_TOTALS, len(self.file_totals), _sum(self.file_totals, "difference")),
            (_NUMBERS, len(self.doubtful_numbers), _sum(self.doubtful_numbers, "amount")),
            (_NAMES, len(names), _sum(names, "amount")),
        ]
        return Block(
            bilingual("另有待查", "Also to be looked into"),
            [
                Column(
                    "sheet",
                    bilingual("工作表", "Sheet"),
                    codes={title.en: title for title, _, _ in counted},
                ),
                Column("rows", bilingual("条数", "Rows"), Kind.COUNT),
                Column("amount", bilingual("金额", "Amount"), Kind.MONEY),
            ],
            [(title.en, count, amount) for title, count, amount in counted if count],
            empty=bilingual("无", "nothing"),
        )

    def sheets(self, language: Language) -> list[Sheet]:
        """A sheet of each sort."""
        return [
            Sheet(
                _RESTATED,
                _RESTATED_COLUMNS,
                _tuples(self.restated_lines, _RESTATED_COLUMNS, language),
                bilingual(
                    "近 31 天重新发来且内容变动的对账单：逐行比较，差额合计 = 新合计 − 原合计",
                    "statements sent again in the last 31 days: differences sum to new less old",
                ),
                frozen_columns=3,
                name="restated_lines",
            ),
            Sheet(
                _TOTALS,
                _TOTALS_COLUMNS,
                _tuples(self.file_totals, _TOTALS_COLUMNS, language),
                bilingual(
                    "近 31 天收到的文件中，打印合计与读出各行之和不符的",
                    "totals printed in files of the last 31 days that the rows read do not give",
                ),
                name="file_totals",
            ),
            Sheet(
                _NUMBERS,
                _NUMBERS_COLUMNS,
                _tuples(self.doubtful_numbers, _NUMBERS_COLUMNS, language),
                bilingual(
                    "按原样保留，未作猜测；请核对完整发票号后重发该单据",
                    "kept as given, never guessed; send the paper again with the whole number",
                ),
                frozen_columns=3,
                name="doubtful_numbers",
            ),
            Sheet(
                _NAMES,
                _NAMES_COLUMNS,
                _tuples(self.identity_proposals, _NAMES_COLUMNS, language),
                bilingual(
                    "前四列核对后可直接粘贴为 customer_aliases 文件；放入“首次出现”当日的收件夹，"
                    "以前的单据也随之归户",
                    "the first four columns are a customer_aliases file; in the inbox folder of "
                    "the day first seen, earlier papers find their customer, too",
                ),
                frozen_columns=4,
                name="identity_proposals",
            ),
        ]


def _sum(rows: Sequence[dict[str, Any]], name: str) -> Decimal:
    return sum((row[name] or Decimal(0) for row in rows), Decimal(0))


def _tuples(
    rows: Sequence[dict[str, Any]], columns: Sequence[Column], language: Language
) -> list[tuple[Any, ...]]:
    said = [
        {**row, "evidence": doubt_evidence(row["evidence"], language)} if "evidence" in row else row
        for row in rows
    ]
    return [tuple(row[column.key] for column in columns) for row in said]


def _alias(name: str) -> Label:
    """The heading of a field of customer_aliases, as a file may have it."""
    return bilingual(KINDS["customer_aliases"].labels[name], name)


# Words that the reader of customer_aliases understands.
_ALIAS_KINDS = {
    code: bilingual(words[0], code)
    for code, words in KINDS["customer_aliases"].fields["alias_kind"].choices.items()
}

_RESTATED = bilingual("对账单重报", "Restated statements")
_TOTALS = bilingual("合计不符", "Totals that differ")
_NUMBERS = bilingual("发票号待查", "Numbers in doubt")
_NAMES = bilingual("名称待确认", "Names to confirm")

_CHAIN = Column("chain_id", bilingual("连锁", "Chain"), Kind.CODE)
_ROW = Kind.COUNT
_RESTATED_COLUMNS = [
    Column("known_on", bilingual("收到日期", "Known on"), Kind.DAY),
    _CHAIN,
    Column("statement_no", bilingual("对账单号", "Statement"), Kind.CODE),
    Column("change_kind", bilingual("变动", "Change"), codes=_CHANGES),
    Column("line_kind", bilingual("行类型", "Line"), codes=_LINES),
    Column("about_no", bilingual("单号/费用代码", "Paper or fee"), Kind.CODE),
    Column("store_code", bilingual("门店编码", "Store code"), Kind.CODE),
    Column("amount_before", bilingual("原金额", "Before"), Kind.MONEY, total=True),
    Column("amount_after", bilingual("新金额", "After"), Kind.MONEY, total=True),
    Column("difference", bilingual("差额", "Difference"), Kind.MONEY, total=True),
    Column("path_before", bilingual("原文件", "File before")),
    Column("row_no_before", bilingual("原行号", "Row before"), _ROW),
    Column("path_after", bilingual("新文件", "File after")),
    Column("row_no_after", bilingual("新行号", "Row after"), _ROW),
]
_TOTALS_COLUMNS = [
    Column("known_on", bilingual("收到日期", "Known on"), Kind.DAY),
    Column("path", bilingual("文件", "File")),
    Column("sheet", bilingual("工作表", "Sheet")),
    Column("row", bilingual("行号", "Row"), _ROW),
    Column("label", bilingual("标注", "Label")),
    Column("field", bilingual("字段", "Field"), Kind.CODE),
    Column("printed", bilingual("打印合计", "Printed"), Kind.MONEY),
    Column("summed", bilingual("读出合计", "Read"), Kind.MONEY),
    Column("difference", bilingual("差额", "Difference"), Kind.MONEY, total=True),
]
_NUMBERS_COLUMNS = [
    _CHAIN,
    Column("paper_kind", bilingual("单据类别", "Paper"), codes=_PAPERS),
    Column("paper_no", bilingual("单据号", "Number"), Kind.CODE),
    Column("given_no", bilingual("所写发票号", "Invoice as given"), Kind.CODE),
    Column("verdict", bilingual("结论", "Finding"), codes=_VERDICTS),
    Column("evidence", bilingual("依据", "Evidence"), widest=56),
    Column("amount", bilingual("金额", "Amount"), Kind.MONEY, total=True),
    Column("known_on", bilingual("获知日期", "Known on"), Kind.DAY),
    Column("path", bilingual("文件", "File")),
    Column("row_no", bilingual("行号", "Row"), _ROW),
]
_NAMES_COLUMNS = [
    Column("chain_id", _alias("chain_id"), Kind.CODE),
    Column("alias_kind", _alias("alias_kind"), codes=_ALIAS_KINDS),
    Column("alias", _alias("alias"), Kind.CODE),
    Column("customer_id", _alias("customer_id"), Kind.CODE),
    Column("candidate_name", bilingual("候选名称", "Candidate")),
    Column("place", bilingual("名次", "Place"), Kind.COUNT),
    Column("likeness", bilingual("相似度", "Likeness"), Kind.SCORE),
    Column("evidence", bilingual("依据", "Evidence"), widest=56),
    Column("papers", bilingual("单据数", "Papers"), Kind.COUNT),
    Column("amount", bilingual("涉及金额", "At stake"), Kind.MONEY, total=True),
    Column("first_seen_on", bilingual("首次出现", "First seen"), Kind.DAY),
]
