"""Values that stand once in a file: beside a label, below a heading, or in its name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from receivables.contracts import KINDS, Field
from receivables.sources.grids import TOP_ROWS
from receivables.sources.proposing.blocks import Block, is_wordy
from receivables.sources.proposing.profile import CODE_AND_NAME, profile, reading
from receivables.sources.proposing.words import Vocabulary, canonical, words

_PAIR = re.compile(
    r"([^\s:：,，;；|]{2,14}?)\s*[:：]\s*([^\s:：,，;；|]+(?:\s*(?:至|到|~|—|-)\s*\d\S*)?)"
)
_DAY = r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{8}"
_PERIOD = re.compile(rf"({_DAY})\s*(?:至|到|~|～|—|–|-+)\s*({_DAY})")
_YEAR_LAST = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{4}")
_SURE = 84
# Fields that may stand once for a whole table.
_ONCE = frozenset(
    {
        "statement_no", "party_code", "period_start", "period_end", "planned_pay_on", "account_no",
        "order_no", "order_date", "deliver_by", "store_code", "advice_no", "paid_on", "receipt_no",
        "receipt_date", "delivery_no", "delivery_date", "invoice_no", "issued_on", "buyer_name",
        "buyer_tax_id", "chain_id", "notice_no",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Pair:
    """A label and its value: the sheet, and how a layout points at it."""

    sheet: str | None
    label: str
    value: str
    source: str  # beside, below, or the pattern of a cell that holds several pairs

    def spec(self, sheet: str | None) -> dict[str, Any]:
        """The column of a layout, for a table of a sheet."""
        if self.source in ("beside", "below"):
            place: dict[str, Any] = {self.source: self.label}
        else:
            place = {"cell": self.source}
        return {"sheet": self.sheet, **place} if self.sheet != sheet else place


def pairs_of(blocks: Sequence[Block]) -> list[Pair]:
    """Every label with a value above the tables, and tables of one row as labels."""
    found: list[Pair] = []
    for block in blocks:
        for row in block.above:
            if row.number < TOP_ROWS:
                found += _in_row(block.grid.name, row.cells)
        if len(block.data) == 1 and block.header.number < TOP_ROWS:
            row = block.data[0]
            found += [
                Pair(block.grid.name, heading, value, "below")
                for heading, place in block.headings.items()
                if (value := row.cells[place])
            ]
    return found


def _in_row(sheet: str | None, cells: Sequence[str | None]) -> Iterator[Pair]:
    filled = [cell for cell in cells if cell]
    for place, cell in enumerate(filled):
        inside = _PAIR.findall(cell)
        if len(inside) > 1:
            for label, value in inside:
                pattern = rf"{re.escape(label)}\s*[:：]\s*(\S+)"
                yield Pair(sheet, label, value, pattern)
        elif inside:
            label, _, value = cell.replace("：", ":").partition(":")
            yield Pair(sheet, label.strip(), value.strip(), "beside")
        elif place + 1 < len(filled) and is_wordy(cell.rstrip(":：")):
            label = cell.rstrip(":：").strip()
            yield Pair(sheet, label, filled[place + 1], "beside")


def once(
    kind: str, field: str, pairs: Sequence[Pair], sheet: str | None, known: Vocabulary
) -> tuple[dict[str, Any], str] | None:
    """The column of a field that stands once in the file, with the evidence."""
    if field not in _ONCE:
        return None
    if field in ("period_start", "period_end"):
        found = _period(field, pairs, sheet)
        if found:
            return found
    scored = [
        (score, pair.sheet == sheet, pair)
        for pair in pairs
        if (score := _score(kind, field, pair.label, known)) >= _SURE
        and _suits(KINDS[kind].fields[field], pair.value)
    ]
    if not scored:
        return None
    score, _, pair = max(scored, key=lambda one: one[:2])
    spec = pair.spec(sheet)
    if KINDS[kind].fields[field].type == "date":
        order = profile([one.value for one in pairs if _YEAR_LAST.match(one.value)]).date_order
        spec |= {"date_order": order} if _YEAR_LAST.match(pair.value) and order != "ymd" else {}
    if field in ("store_code", "party_code") and CODE_AND_NAME.match(pair.value):
        spec["part"] = "code"
    return spec, f"{pair.label}: {pair.value} (label {score:.0f} of 100)"


def _score(kind: str, field: str, label: str, known: Vocabulary) -> float:
    score = known.match_label(kind, field, label).score
    if field in ("statement_no", "advice_no", "notice_no"):
        is_own = canonical(label) in {canonical(word) for word in words()["own_number"]}
        return max(score, _SURE if is_own else 0)
    return score


def _suits(field: Field, value: str) -> bool:
    suits, _ = reading(field, profile([value]))
    return bool(suits) or field.name in ("party_code", "store_code", "buyer_name")


def _period(
    field: str, pairs: Sequence[Pair], sheet: str | None
) -> tuple[dict[str, Any], str] | None:
    for pair in sorted(pairs, key=lambda pair: pair.sheet != sheet):
        found = _PERIOD.search(pair.value)
        if found is None or not _is_of_period(pair.label):
            continue
        group = 1 if field == "period_start" else 2
        spec = pair.spec(sheet)
        if "cell" in spec:
            before = r".*?[至到~～—–-]+\s*" if group == 2 else r"\s*"
            spec["cell"] = rf"{re.escape(pair.label)}\s*[:：]{before}({_DAY})"
        elif group == 1:
            spec["find"] = f"^({_DAY})"
        else:
            spec["find"] = f"({_DAY})$"
        return spec, f"{pair.label}: {pair.value}"
    return None


def period_text(pairs: Sequence[Pair], sheet: str | None) -> tuple[dict[str, Any], str] | None:
    """The whole period as text, which tells a statement without a number from the next one."""
    for pair in sorted(pairs, key=lambda pair: pair.sheet != sheet):
        is_whole = _PERIOD.search(pair.value) or re.fullmatch(r"\d{4}\D?\d{1,2}月?", pair.value)
        if _is_of_period(pair.label) and is_whole:
            return pair.spec(sheet), f"{pair.label}: {pair.value}"
    return None


def _is_of_period(label: str) -> bool:
    return any(word in canonical(label) for word in words()["periods"])
