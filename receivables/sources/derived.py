"""What a paper does not print but says: identifiers of several cells, reckoned amounts, sums.

A bank that numbers no entry, an order without its amounts, an invoice of which an export has the
lines only: all of it follows from what the rows do say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from receivables.contracts import Contract
from receivables.sources.acceptance import Draft, Fault
from receivables.sources.layouts import Column
from receivables.sources.values import FINE, fine_decimals, half_width

_INDEX = "__index"
_FIRST = "__first"


def joined(cells: Sequence[pl.Series]) -> pl.Series:
    """One identifier of several cells, the same however an export formats its figures and dates.

    `2026-05-20`, `1,000.00`, `5` give `20260520-1000-5`; empty where all cells are empty.
    """
    frame = pl.DataFrame([_bare(cell).alias(str(place)) for place, cell in enumerate(cells)])
    identifier = pl.concat_str(pl.all(), separator="-", ignore_nulls=True)
    return frame.select(pl.when(identifier != "").then(identifier).alias("raw"))["raw"]


def _bare(cell: pl.Series) -> pl.Series:
    """Figures without trailing zeros, days and times as their digits, other text without spaces."""
    frame = half_width(cell).alias("text").to_frame()
    text, day = pl.col("text"), r"^\s*(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?:\s*日)?"
    digits = [text.str.extract(day, group).str.zfill(2) for group in (1, 2, 3)]
    plain_day = pl.concat_str(*digits, text.str.replace(day, ""))
    # A day and its midnight are one; a spreadsheet adds the midnight.
    without_midnight = pl.coalesce(plain_day, text).str.replace(r"\s+0?0:00(:00)?(\.0+)?$", "")
    signs = frame.select(without_midnight.str.replace_all(r"[\s:]", ""))["text"]
    figures = fine_decimals(frame["text"]).values.cast(pl.String).str.replace(r"\.?0+$", "")
    return pl.select(pl.coalesce(figures, signs)).to_series()


def zero_padded(text: pl.Series, digits: int) -> pl.Series:
    """Numbers with the leading zeros that a spreadsheet has taken away."""
    frame = text.str.strip_chars().to_frame("raw")
    padded = pl.col("raw").str.zfill(digits)
    return frame.select(
        pl.when(pl.col("raw").str.contains(r"^\d+$")).then(padded).otherwise("raw")
    )["raw"]


def reckoned(typed: pl.DataFrame, columns: Mapping[str, Column]) -> pl.DataFrame:
    """Rows with the fields filled in that follow from others, in the order of the columns.

    A figure that the paper states is kept.
    """
    for name, column in columns.items():
        dtype = typed.schema[name]
        for each in column.chain:
            if each.reckoned and isinstance(dtype, pl.Decimal):
                value = _value(each.reckoned).round(dtype.scale, mode="half_away_from_zero")
                value = value.cast(dtype, strict=False)
                typed = typed.with_columns(pl.coalesce(pl.col(name), value).alias(name))
    return typed


def _value(formula: str) -> pl.Expr:
    """The value of fields with + - * between spaces; products first."""
    words = formula.split()
    terms = [("+", pl.col(words[0]).cast(FINE))]
    for operator, name in zip(words[1::2], words[2::2], strict=True):
        figure = pl.col(name).cast(FINE)
        if operator == "*":
            sign, product = terms[-1]
            terms[-1] = (sign, product * figure)
        else:
            terms.append((operator, figure))
    value = terms[0][1]
    for sign, term in terms[1:]:
        value = value - term if sign == "-" else value + term
    return value


def gathered(draft: Draft) -> Draft:
    """A row per document of a draft that has its lines: money adds up, the first says the rest.

    A document of which one line cannot be read is faulty as a whole. Rows without an identity stay
    apart.
    """
    contract, typed = draft.contract, draft.typed
    numbers = _documents(typed, contract)
    first = numbers.to_frame(_FIRST).with_row_index(_INDEX)
    heads = first.filter(pl.col(_INDEX) == pl.col(_FIRST))[_INDEX]
    faults, shown = [], dict.fromkeys(draft.raw, heads)
    for fault in draft.faults:
        faulty = first.with_columns(fault.rows.fill_null(False).alias("faulty"))
        found = faulty.group_by(_FIRST, maintain_order=True).agg(
            pl.col("faulty").any(),
            pl.col(_INDEX).sort_by(~pl.col("faulty"), maintain_order=True).first(),
        )
        sentence = fault.sentence
        if isinstance(sentence, pl.Series):
            sentence = sentence.gather(found[_INDEX])
        faults.append(Fault(fault.field, found["faulty"], sentence))
        shown[fault.field] = found[_INDEX]
    money = {name for name, field in contract.fields.items() if field.type == "money"}
    together = (
        typed.with_columns(numbers.alias(_FIRST))
        .group_by(_FIRST, maintain_order=True)
        .agg(_sum_or_first(name, is_sum=name in money) for name in typed.columns)
        .drop(_FIRST)
        .cast(typed.schema)
    )
    told = {fault.field for fault in faults}
    raw = {
        name: column.gather(shown[name])
        for name, column in draft.raw.items()
        if name not in money or name in told
    }
    return Draft(contract, together, raw, faults, draft.headings)


def _documents(typed: pl.DataFrame, contract: Contract) -> pl.Series:
    """For each row, the number of the first row of its document."""
    key = list(contract.key)
    number = pl.col(_INDEX)
    has_none = pl.any_horizontal(pl.col(name).is_null() for name in key)
    return (
        typed.select(key)
        .with_row_index(_INDEX)
        .select(pl.when(has_none).then(number).otherwise(number.first().over(key)).alias(_FIRST))
    )[_FIRST]


def _sum_or_first(name: str, *, is_sum: bool) -> pl.Expr:
    column = pl.col(name)
    if is_sum:
        return pl.when(column.count() > 0).then(column.sum()).alias(name)
    return column.drop_nulls().first()
