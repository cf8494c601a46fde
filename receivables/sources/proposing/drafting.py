"""One table of a proposal: its columns and settings, each with the evidence for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from receivables.contracts import Field
from receivables.sources.proposing.blocks import Block
from receivables.sources.proposing.guesses import FILLED_IN, Reading, is_reckoned, repeats
from receivables.sources.proposing.merged import filled_down, merged_headings
from receivables.sources.proposing.pairs import Pair, once, period_text
from receivables.sources.proposing.profile import Profile, profile
from receivables.sources.proposing.words import Vocabulary, meaning, words

_KINDS = {
    "statements": "line_kind",
    "goods_receipts": "receipt_kind",
    "deduction_notices": "notice_kind",
}
_ORDER_IN_TEXT = r"(?:订单号?|订货单号?|采购单号?|PO)\s*[:：#]?\s*([A-Za-z0-9][A-Za-z0-9-]{4,})"
_BY_SIGN = {"~^[-(（−]|-$": "return", "~.": "receipt"}
_DEDUCTION, _FEE, _CLAIM = {"const": "deduction"}, {"const": "fee"}, {"const": "claim"}
# A required field that nothing tells is given this: no row is taken until somebody writes it.
ASK = {"const": ""}


@dataclass(frozen=True)
class Line:
    """One column of a layout: its field, what the YAML says, and why."""

    field: str
    spec: Any
    why: str


@dataclass
class Draft:
    """One table of a proposal."""

    block: Block
    reading: Reading
    settings: dict[str, tuple[Any, str]] = field(default_factory=dict)
    columns: list[Line] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """The kind of the rows."""
        return self.reading.kind

    @property
    def used(self) -> set[str]:
        """Headings that a column stands under."""
        specs = [line.spec for line in self.columns]
        named = {spec if isinstance(spec, str) else spec.get("from") for spec in specs}
        return {name for name in named if name} | set(self.settings.get("where", ({}, ""))[0])

    @property
    def unused(self) -> list[tuple[str, Profile]]:
        """Columns that no field takes, with their values."""
        return [(h, p) for h, p in self.block.profiles.items() if h not in self.used]


def draft(
    block: Block, reading: Reading, pairs: Sequence[Pair], known: Vocabulary, chain: str | None
) -> Draft:
    """A table read as one kind, as a layout would say it."""
    made = Draft(block, reading)
    merged = merged_headings(block, reading)
    if merged:
        why = "merged cells: " + "; ".join(f"{h}: {said}" for h, said in merged.items())
        made.settings["fill_down"] = (list(merged), why)
    if repeats(block, reading.contract, reading.guesses):
        made.settings["gather"] = (True, "a paper stands in several rows, which add up")
    if reading.kind == "bank_receipts":
        made.settings |= _money_in(block, reading)
    kinds = _kind_column(block, reading, merged)
    for name, about in reading.contract.fields.items():
        if name == "receipt_no" and kinds and kinds.line.spec == _DEDUCTION:
            continue  # the number of a fee's own paper is no goods receipt
        line = (
            _chain(reading, chain)
            if name == "chain_id"
            else kinds.line
            if kinds and name == kinds.line.field
            else _column(made, about, merged, kinds)
            if name in reading.guesses
            else _elsewhere(made, about, pairs, known)
        )
        if line:
            made.columns.append(line)
    made.questions += kinds.questions if kinds else []
    made.questions += [
        f"{line.field} ({reading.contract.fields[line.field].label}): {line.why}."
        for line in made.columns
        if line.spec == ASK
    ]
    return made


def _chain(reading: Reading, chain: str | None) -> Line:
    if chain:
        return Line("chain_id", {"const": chain}, "as given")
    if guess := reading.guesses.get("chain_id"):
        return Line("chain_id", guess.heading, guess.evidence)
    return Line("chain_id", ASK, "write the chain's number as your list of customers has it")


@dataclass(frozen=True)
class _Kinds:
    """The column of the document type, and per row the code that its word stands for."""

    line: Line
    codes: tuple[str | None, ...]
    questions: list[str]


def _kind_column(block: Block, reading: Reading, merged: Mapping[str, str]) -> _Kinds | None:
    name = _KINDS.get(reading.kind)
    if name is None:
        return None
    if name == "notice_kind" and name not in reading.guesses:
        is_claim = any("索赔" in text for text in (*block.headings, *_titles(block)))
        line = Line(name, _CLAIM if is_claim else _FEE, "by the words of headings and title")
        return _Kinds(line, (), [])
    heading = reading.heading(name)
    is_of_fees = name == "line_kind" and _is_of_deductions(block, reading)
    about = reading.contract.fields[name]
    is_told = heading and any(_code_of(about, word) for word in block.profiles[heading].values)
    if heading and (is_told or not is_of_fees):
        return _kinds_by_words(block, reading, name, heading, merged)
    if is_of_fees:
        line = Line(name, _DEDUCTION, "a table of fees")
        return _Kinds(line, (), [])
    amount = reading.heading("amount") or ""
    negative = block.profiles[amount].negative if amount else 0
    if negative:
        why = f"no column of types: {negative} of {len(block.data)} amounts are negative"
        return _Kinds(Line(name, {"from": amount, "map": _BY_SIGN}, why), (), [])
    return _Kinds(
        Line(name, {"const": "receipt"}, "no column of types; no negative amount"), (), []
    )


def _is_of_deductions(block: Block, reading: Reading) -> bool:
    title = " ".join(_titles(block))
    is_named = any(word in title for word in words()["deduction_titles"])
    has_fee = "fee_name" in reading.guesses or "fee_code" in reading.guesses
    return has_fee or (is_named and "receipt_no" not in reading.guesses)


def _titles(block: Block) -> list[str]:
    return [block.grid.name or "", *(cell for row in block.above[-2:] for cell in row.filled)]


def _kinds_by_words(
    block: Block, reading: Reading, name: str, heading: str, merged: Mapping[str, str]
) -> _Kinds:
    cells = filled_down(block, merged, heading)
    counts = {word: cells.count(word) for word in dict.fromkeys(cells) if word}
    about = reading.contract.fields[name]
    mapped = {word: code for word in counts if (code := _code_of(about, word))}
    unknown = [word for word in counts if word not in mapped]
    said = "; ".join(f"{word}: {count} row(s)" for word, count in counts.items() if word in mapped)
    questions = [
        f"{name}: what is {word!r} ({counts[word]} row(s))? Add it to the map as one of "
        f"{', '.join(about.choices)}."
        for word in unknown
    ]
    evidence = reading.guesses[name].evidence
    why = f"{evidence}; {said}" + (f"; NOT KNOWN: {', '.join(unknown)}" if unknown else "")
    codes = tuple(mapped.get(cell) if cell else None for cell in cells)
    # Words that the contract reads by itself need no map, and its other words are read then, too.
    is_plain = all(word.lower() in _contract_words(about) for word in counts)
    spec = heading if is_plain else {"from": heading, "map": mapped}
    return _Kinds(Line(name, spec, why), codes, questions)


def _code_of(about: Field, word: str) -> str | None:
    return _contract_words(about).get(word.lower()) or meaning(about.name, word)


def _contract_words(about: Field) -> dict[str, str]:
    return {word: code for code, names in about.choices.items() for word in (code, *names)}


def _column(
    made: Draft, about: Field, merged: Mapping[str, str], kinds: _Kinds | None
) -> Line | None:
    guess = made.reading.guesses[about.name]
    found, spec, why = made.block.profiles[guess.heading], {"from": guess.heading}, [guess.evidence]
    more: Iterator[tuple[dict[str, Any], str]] = iter(())
    if about.type == "money" or about.type == "quantity":
        more = _of_numbers(made, about, found, guess.heading, kinds)
    elif about.type == "choice":
        more = _of_words(made, about, found)
    elif about.type == "date" and found.date_order != "ymd":
        order = found.date_order
        more = iter([({"date_order": order}, f"{found.date} of {found.count} read as {order}")])
    elif about.name in ("store_code", "party_code") and found.code_and_name:
        more = iter([({"part": "code"}, "")])
    elif about.name in ("store_code", "party_code") and found.code_pattern:
        more = iter([({"find": found.code_pattern}, "")])
    elif about.type == "code":
        empty = sorted(set(found.values) & set(words()["nothing"]))
        more = iter([({"none": empty}, f"{', '.join(empty)} for none")] if empty else [])
    for setting, said in more:
        spec |= setting
        why.append(said)
    memo = made.reading.heading("memo")
    if about.name == "payer_name" and found.empty and memo:
        spec |= {"else": memo}
        why.append(f"{found.empty} rows name no payer, such as interest; their memo stands in")
    plain = guess.heading if len(spec) == 1 else spec
    return Line(about.name, plain, "; ".join(part for part in why if part))


def _of_numbers(
    made: Draft, about: Field, found: Profile, heading: str, kinds: _Kinds | None
) -> Iterator[tuple[dict[str, Any], str]]:
    turned = about.name == made.reading.contract.money or about.name == "quantity"
    above = " ".join(cell for row in made.block.above for cell in row.filled)
    unit = re.search(r"[千万]元", heading) or re.search(r"单位\s*[:：]?\s*([千万]元)", above)
    if about.type == "money" and unit:
        yield {"unit": "stated"}, f"the file counts in {unit[0]}"
    if turned and kinds and kinds.line.spec in (_DEDUCTION, _FEE, _CLAIM):
        positive = sum(1 for number in found.numbers if number and number > 0)
        if positive > found.negative:
            said = f"{positive} of {found.count} are positive, and a deduction takes away"
            yield {"times": -1}, said
    if about.name == "quantity" and found.with_cases:
        yield {"find": r"^-?[\d,，.]+"}, f"{found.with_cases} name their cases in brackets"
    if turned and kinds and kinds.codes:
        yield from _turned(made.block.column(heading), kinds)
    if about.type == "money" and any(_has_third_decimal(number) for number in found.numbers):
        yield {"round": True}, "some have more than two decimals"


def _turned(cells: Sequence[str | None], kinds: _Kinds) -> Iterator[tuple[dict[str, Any], str]]:
    """Which types stand with positive figures although they take away."""
    numbers = _numbers(cells)
    codes: list[str] = []
    for code in ("return", "deduction"):
        of_code = [n for n, c in zip(numbers, kinds.codes, strict=True) if c == code and n]
        positive = sum(1 for number in of_code if number > 0)
        if of_code and positive > len(of_code) / 2:
            codes.append(code)
            yield {}, f"{positive} of {len(of_code)} rows of {code} are positive"
    if codes:
        yield {"negate_when": {kinds.line.field: codes}}, ""


def _numbers(cells: Sequence[str | None]) -> list[Decimal | None]:
    numbers = iter(profile(cells).numbers)
    return [next(numbers) if cell and cell.strip() else None for cell in cells]


def _has_third_decimal(number: Decimal | None) -> bool:
    return number is not None and abs(number - round(number, 2)) > Decimal("0.000001")


def _of_words(made: Draft, about: Field, found: Profile) -> Iterator[tuple[dict[str, Any], str]]:
    """A map for the words of a choice that the contract does not know by itself."""
    if all(word.lower() in _contract_words(about) for word in found.values):
        return
    mapped = {word: code for word in dict.fromkeys(found.values) if (code := _code_of(about, word))}
    made.questions += [
        f"{about.name}: what is {word!r}? Add it to the map as one of {', '.join(about.choices)}."
        for word in dict.fromkeys(found.values)
        if word not in mapped
    ]
    yield {"map": mapped}, ""


def _elsewhere(made: Draft, about: Field, pairs: Sequence[Pair], known: Vocabulary) -> Line | None:
    """A field that no column gives: once in the file, in another's words, or to be asked for."""
    kind, sheet = made.kind, made.block.grid.name
    if about.name in FILLED_IN:
        return None
    if is_reckoned(about.name, made.reading.guesses):
        return Line("amount", {"reckoned": "quantity * unit_price"}, "no column of amounts")
    if found := once(kind, about.name, pairs, sheet, known):
        return Line(about.name, *found)
    if about.name == "order_no" and (told := _order_in_text(made)):
        return told
    if about.is_optional:
        return None
    if about.name in ("statement_no", "advice_no"):
        if found := period_text(pairs, sheet):
            return Line(about.name, found[0], f"no number found: the period stands in; {found[1]}")
        spec = {"file_name": r"^(.+?)(?:\.[A-Za-z]+)?$"}
        return Line(about.name, spec, "no number found: the file's name stands in")
    return Line(about.name, ASK, "nothing in the file tells it; say where it stands")


def _order_in_text(made: Draft) -> Line | None:
    for heading, found in made.block.profiles.items():
        if heading in made.used or not found.text or found.code == found.count:
            continue
        count = sum(1 for value in found.values if re.search(_ORDER_IN_TEXT, value))
        if count and count >= found.count / 2:
            spec = {"from": heading, "find": _ORDER_IN_TEXT}
            return Line("order_no", spec, f"{count} of {found.count} name an order")
    return None


def _money_in(block: Block, reading: Reading) -> dict[str, tuple[Any, str]]:
    """The rows of a bank's list that are money in."""
    into, out = set(words()["money_in"]), set(words()["money_out"])
    for heading, found in block.profiles.items():
        values = set(found.values)
        if values and values <= into | out and values & into:
            mark = "|".join(sorted(values & into))
            return {"where": ({heading: f"^(?:{mark})$"}, "only money that came in")}
    amount = reading.heading("amount")
    if amount is None:
        return {}
    found = block.profiles[amount]
    is_of_credits = any(len(word) > 1 and word in amount for word in words()["money_in"])
    if found.negative and not is_of_credits:
        pattern, said = r"^[^-(（−]*[1-9]", f"{found.negative} of {found.count} are negative"
        return {"where": ({amount: pattern}, f"only money that came in: {said}")}
    paid = [heading for heading in block.headings if heading != amount and _is_money_out(heading)]
    if paid or found.empty or any(number == 0 for number in found.numbers):
        return {"where": ({amount: "[1-9]"}, "only rows with money in")}
    return {}


def _is_money_out(heading: str) -> bool:
    return any(len(word) > 1 and word in heading for word in words()["money_out"])
