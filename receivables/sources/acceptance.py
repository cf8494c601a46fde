"""Holding typed rows against their contract: accepted rows, and rejected ones with a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import polars as pl

from receivables.contracts import Contract, Field
from receivables.sources.parsed import REJECTED_SCHEMA, Part, total

MAX_VALUE_LENGTH = 200
_INDEX = "__index"


@dataclass(frozen=True)
class Fault:
    """Values of one field that could not be read: which rows, and the sentence.

    `sentence` may hold one `{}` for the value as sent; or it is a column with every row's own.
    """

    field: str
    rows: pl.Series
    sentence: str | pl.Series


@dataclass
class Draft:
    """Typed rows of one kind before the contract is held against them.

    `typed` has the contract's columns; `raw` the columns as sent, by field; `headings` what the
    file calls each field.
    """

    contract: Contract
    typed: pl.DataFrame
    raw: Mapping[str, pl.Series]
    faults: Sequence[Fault] = ()
    headings: Mapping[str, str] = field(default_factory=dict)

    def named(self, name: str) -> str:
        """The field as a person finds it: its name and its heading in the file."""
        heading = self.headings.get(name) or self.contract.fields[name].label
        return name if heading == name else f"{name} ({heading})"


def accept(draft: Draft) -> Part:
    """Split a draft into accepted and rejected rows; nothing is lost in between."""
    contract, typed = draft.contract, draft.typed
    rows_in, amount_in = typed.height, total(typed, contract.money)
    faults = [fault for fault in draft.faults if fault.rows.any()]
    if not faults and contract.is_kept_by(typed):
        return Part(contract, typed, REJECTED_SCHEMA.to_frame(), rows_in, amount_in)
    indexed = typed.with_row_index(_INDEX)
    complaints = [_unreadable(draft, fault) for fault in faults]
    unread = (
        pl.concat(complaints)[_INDEX].unique() if complaints else pl.Series([], dtype=pl.UInt32)
    )
    complaints += _broken_rules(draft, indexed.filter(~pl.col(_INDEX).is_in(unread.implode())))
    told = pl.concat(complaints)
    rejected = _one_row_each(contract, indexed, told)
    accepted = indexed.filter(~pl.col(_INDEX).is_in(told[_INDEX].unique().implode())).drop(_INDEX)
    return Part(contract, accepted, rejected, rows_in, amount_in)


def merge(parts: Sequence[Part]) -> Part:
    """One part from the parts of one kind that stand in several tables of a file.

    Where a document is one row, a second row of the same document is rejected.
    """
    first = parts[0]
    merged = Part(
        first.contract,
        pl.concat([part.accepted for part in parts]),
        pl.concat([part.rejected for part in parts]),
        sum(part.rows_in for part in parts),
        sum((part.amount_in for part in parts), Decimal("0.00")),
    )
    key = list(first.contract.key)
    if first.contract.has_lines or not merged.accepted.select(key).is_duplicated().any():
        return merged
    repeated = ~merged.accepted.select(pl.struct(key).is_first_distinct()).to_series()
    return _without_repeats(merged, repeated)


def _without_repeats(part: Part, repeated: pl.Series) -> Part:
    contract, key = part.contract, part.contract.key
    rows = part.accepted.filter(repeated)
    names = " + ".join(key)
    value = rows.select(pl.concat_str(key, separator=" + ", ignore_nulls=True)).to_series()
    index = pl.Series(range(rows.height), dtype=pl.UInt32)
    told = _complaint(
        index, key[-1], value, f"{names}: '{{}}' stands in an earlier row of this file already."
    )
    rejected = _one_row_each(contract, rows.with_row_index(_INDEX), told)
    return Part(
        contract,
        part.accepted.filter(~repeated),
        pl.concat([part.rejected, rejected]),
        part.rows_in,
        part.amount_in,
    )


def _one_row_each(contract: Contract, indexed: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """One rejected row per row: the first fault's field and value, the sentences of all."""
    faults = told.group_by(_INDEX, maintain_order=True).agg(
        pl.col("field").first(),
        pl.col("value").first(),
        pl.col("reason").unique(maintain_order=True).str.join(" "),
    )
    money = pl.col(contract.money) if contract.money else pl.lit(None)
    return (
        indexed.select(
            _INDEX, "sheet", pl.col("row_no").alias("row"), money.fill_null(0).alias("amount")
        )
        .join(faults, on=_INDEX)
        .sort(_INDEX)
        .select(
            pl.lit(contract.kind).alias("kind"),
            "sheet",
            "row",
            "field",
            "value",
            "reason",
            "amount",
        )  # fmt: skip
        .cast(REJECTED_SCHEMA)
    )


def _complaint(index: pl.Series, field: str, value: pl.Series, sentence: str) -> pl.DataFrame:
    before, mark, after = sentence.partition("{}")
    text = value.cast(pl.String)
    shown = pl.lit(text).str.slice(0, MAX_VALUE_LENGTH).fill_null("")
    reason = pl.concat_str(pl.lit(before), shown, pl.lit(after)) if mark else pl.lit(sentence)
    return pl.DataFrame({_INDEX: index.cast(pl.UInt32), "value": text}).select(
        _INDEX, pl.lit(field).alias("field"), "value", reason.alias("reason")
    )


def _unreadable(draft: Draft, fault: Fault) -> pl.DataFrame:
    index = fault.rows.arg_true()
    raw = draft.raw[fault.field].gather(index)
    if isinstance(fault.sentence, pl.Series):
        own = fault.sentence.gather(index)
        return _complaint(index, fault.field, raw, "").with_columns(own.alias("reason"))
    return _complaint(index, fault.field, raw, f"{draft.named(fault.field)}: {fault.sentence}")


def _broken_rules(draft: Draft, indexed: pl.DataFrame) -> list[pl.DataFrame]:
    """A complaint per broken rule of the contract, in the order of the fields."""
    schema = draft.contract.schema
    if schema.is_valid(indexed.drop(_INDEX)):
        return []
    # The row number within its sheet is not unique across sheets, so the index stands in for it.
    numbered = indexed.with_columns(row_no=pl.col(_INDEX).cast(pl.Int64))
    _, failure = schema.filter(numbered.drop(_INDEX))
    details = failure.details()
    order = {name: place for place, name in enumerate(draft.contract.fields)}
    broken = sorted(
        failure.counts(), key=lambda rule: order.get(rule.partition("|")[0], len(order))
    )
    complaints = []
    for rule in broken:
        rows = details.filter(pl.col(rule) == "invalid")
        name, sentence = _told(draft, rule)
        value = draft.raw[name].gather(rows["row_no"]) if name in draft.raw else rows[name]
        complaints.append(_complaint(rows["row_no"], name, value, sentence))
    return complaints


def _told(draft: Draft, rule: str) -> tuple[str, str]:
    """Field and sentence of a rule of the schema."""
    contract = draft.contract
    name, _, check = rule.partition("|")
    if not check:
        return contract.rule_field(rule), contract.sentence(rule)
    named = draft.named(name)
    if check == "nullability":
        return name, f"{named} is missing."
    return name, f"{named}: {_limit(contract, contract.fields[name], check)}"


def _limit(contract: Contract, about: Field, check: str) -> str:
    column = contract.schema.columns()[about.name]
    if about.type == "rate":
        return "'{}' does not lie between 0 and 1."
    if check in ("min", "max"):
        limit = getattr(column, check)
        side = (
            "before"
            if about.type == "date" and check == "min"
            else {"min": "below", "max": "after" if about.type == "date" else "above"}[check]
        )
        return f"'{{}}' lies {side} {limit}, which is not plausible."
    return unreadable_sentence(about)


def unreadable_sentence(about: Field) -> str:
    """What to say of a value that is not of the field's type; holds one `{}` for the value."""
    if about.type == "choice":
        words = ", ".join(f"{code} ({names[0]})" for code, names in about.choices.items())
        return f"'{{}}' is not one of {words}."
    return _SENTENCES[about.type]


_SENTENCES = {
    "text": "'{}' is not text.",
    "code": "'{}' is not the paper's own number: a spreadsheet has rounded it or lost its value.",
    "money": "'{}' is not an amount with at most two decimals.",
    "quantity": "'{}' is not a number.",
    "points": "'{}' is not a number.",
    "rate": "'{}' is not a rate such as 0.13 or 13%.",
    "date": "'{}' is not a date such as 2026-08-01.",
    "month": "'{}' is not a month such as 2026-08.",
    "whole": "'{}' is not a whole number.",
    "flag": "'{}' is neither yes nor no (是, 否).",
    "pay_days": "'{}' is not a list of days of the month such as 10;25.",
}
