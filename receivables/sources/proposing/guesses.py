"""Which column of a table is which field, and which kind of paper the table is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from receivables.contracts import KINDS, Contract, Field
from receivables.sources.proposing.blocks import Block
from receivables.sources.proposing.pairs import Pair, once
from receivables.sources.proposing.profile import Profile, reading
from receivables.sources.proposing.words import LIKELY, Vocabulary, kind_words, meaning, words

# A heading whose values mostly do not suit is not believed.
_MOST = 0.6
_NEARLY_ALL = 0.9
# Money is with tax: of two columns, the one that says so.
_WITH_TAX = 6
# A store's name will do where no column has its code.
_NAMED_ONLY = 0.8
# A guess by values alone weighs less than any by heading.
_BY_VALUES = 45
# What a kind without money loses where the table has amounts.
_MONEY_IGNORED = 6
# Told by the layout or counted by the reader, whatever the table has.
FILLED_IN = frozenset({"chain_id", "line_no"})
# Numbers of a whole paper: a column of identifiers without their heading is something else.
_OF_THE_PAPER = frozenset({"statement_no", "advice_no", "account_no"})
_KIND_FIELDS = frozenset({"line_kind", "receipt_kind", "notice_kind"})
# Without one of these a table of money is a summary and not the lines of a statement.
_LINE_MARKS = frozenset(
    {"receipt_no", "document_date", "store_code", "fee_name", "fee_code", "order_no", "invoice_no"}
)


@dataclass(frozen=True)
class Guess:
    """A column taken for a field, with what speaks for it."""

    field: str
    heading: str
    score: float
    evidence: str


@dataclass(frozen=True)
class Reading:
    """A table read as papers of one kind: its columns by field, and how well that fits."""

    kind: str
    guesses: Mapping[str, Guess]
    score: float
    missing: tuple[str, ...]
    words: tuple[str, ...]

    @property
    def contract(self) -> Contract:
        """The contract of the kind."""
        return KINDS[self.kind]

    def heading(self, field: str) -> str | None:
        """The heading taken for a field."""
        guess = self.guesses.get(field)
        return guess.heading if guess else None


def readings(
    block: Block, known: Vocabulary, titles: str, pairs: Sequence[Pair], kind: str | None
) -> list[Reading]:
    """The table as each kind that it may be, the best first; `kind` allows only that one.

    `titles` is what stands above it, `pairs` what the file says once.
    """
    kinds = [kind] if kind else list(KINDS)
    found = (_as_kind(block, one, known, titles, pairs) for one in kinds)
    fitting = [one for one in found if _may_be(one, asked=kind is not None)]
    return sorted(fitting, key=lambda one: -one.score)


def _may_be(reading_: Reading, *, asked: bool) -> bool:
    contract, guesses = reading_.contract, reading_.guesses
    money = contract.money
    if money and money not in guesses and not is_reckoned(money, guesses):
        return False
    if asked:
        return bool(guesses)
    required = [f.name for f in contract.fields.values() if not f.is_optional]
    told = [name for name in required if name not in FILLED_IN | _KIND_FIELDS]
    if reading_.kind == "statements" and not _LINE_MARKS & guesses.keys():
        return False
    named = [guess for guess in guesses.values() if guess.score > _BY_VALUES]
    lacking = set(told) & set(reading_.missing)
    return len(named) >= 2 and len(lacking) <= len(told) / 2


def _as_kind(
    block: Block, kind: str, known: Vocabulary, titles: str, pairs: Sequence[Pair]
) -> Reading:
    contract = KINDS[kind]
    guesses = _by_headings(block, kind, known)
    once_told = {
        name
        for name in contract.fields
        if name not in guesses and once(kind, name, pairs, block.grid.name, known)
    }
    guesses |= dict(_by_values(block, contract, guesses, once_told))
    spoken = kind_words(kind, " ".join(block.headings))
    titled = kind_words(kind, titles)
    given = guesses.keys() | once_told | FILLED_IN
    missing = tuple(
        name
        for name, field in contract.fields.items()
        if not field.is_optional and name not in given and not is_reckoned(name, guesses)
    )
    score = sum(_weight(contract, name) * g.score / 100 for name, g in guesses.items())
    score += sum(_weight(contract, name) for name in once_told)
    score += min(3, len(spoken)) + 2 * min(3, len(titled))
    score -= 2 * len([name for name in missing if name not in _KIND_FIELDS])
    score -= 0 if contract.money or not _has_money(block) else _MONEY_IGNORED
    return Reading(kind, guesses, score, missing, (*titled, *spoken))


def is_reckoned(name: str, guesses: Mapping[str, Guess]) -> bool:
    """Whether a table gives an amount by quantity and price only."""
    return name == "amount" and name not in guesses and {"quantity", "unit_price"} <= guesses.keys()


def _has_money(block: Block) -> bool:
    return any(found.count and found.cents >= found.count / 2 for found in block.profiles.values())


def _weight(contract: Contract, name: str) -> float:
    if name in contract.key:
        return 3
    return 1 if contract.fields[name].is_optional else 2


def _by_headings(block: Block, kind: str, known: Vocabulary) -> dict[str, Guess]:
    """Headings and fields paired, the surest pair first."""
    candidates = [
        guess
        for heading, found in block.profiles.items()
        for field in KINDS[kind].fields.values()
        if (guess := _guess(kind, field, heading, found, known)) is not None
    ]
    return _paired(sorted(candidates, key=lambda guess: -guess.score))


def _guess(
    kind: str, field: Field, heading: str, found: Profile, known: Vocabulary
) -> Guess | None:
    match = known.match(kind, field.name, heading.partition("#")[0])
    least = 97 if field.name in FILLED_IN else LIKELY
    if match.score < least or field.name == "line_no":
        return None
    if not found.count:
        return None
    suits, said = reading(field, found)
    share = suits / found.count
    if share < _MOST:
        return None
    like = "" if match.score >= 97 else f" like {match.known}"
    evidence = f"heading {match.score:.0f} of 100{like}; {suits} of {found.count} {said}"
    # Of two equal headings, the fuller column is the one to take.
    fullness = found.count / (found.count + found.empty)
    has_code = found.code or found.code_and_name or found.code_pattern
    if field.name == "store_code" and not has_code:
        share *= _NAMED_ONLY
    with_tax = field.name in ("amount", "unit_price") and re.search(r"价税|(?<!不)含税", heading)
    score = (
        match.score * share
        + (_WITH_TAX if with_tax else 0)
        - (4 if "#" in heading else 0)
        - 3 * (1 - fullness)
    )
    return Guess(field.name, heading, score, evidence)


def _paired(candidates: Sequence[Guess]) -> dict[str, Guess]:
    taken: dict[str, Guess] = {}
    headings: set[str] = set()
    for guess in candidates:
        if guess.field not in taken and guess.heading not in headings:
            taken[guess.field] = guess
            headings.add(guess.heading)
    return taken


def _by_values(
    block: Block, contract: Contract, taken: Mapping[str, Guess], told: Set[str]
) -> Iterator[tuple[str, Guess]]:
    """Fields that no heading names but values do."""
    counters = words()["headings"]["line_no"]
    free = {
        h: p
        for h, p in block.profiles.items()
        if h not in _headings(taken) and p.count and h not in counters
    }
    for name, field in contract.fields.items():
        if name in taken or name in told | FILLED_IN | _OF_THE_PAPER or is_reckoned(name, taken):
            continue
        suiting = [(h, said) for h, p in free.items() if (said := _speaks_for(field, h, p))]
        if suiting:
            heading, said = max(suiting, key=lambda one: _fitness(field, free[one[0]]))
            del free[heading]
            yield name, Guess(name, heading, _BY_VALUES, f"by its values only: {said}")


def _headings(taken: Mapping[str, Guess]) -> set[str]:
    return {guess.heading for guess in taken.values()}


def _speaks_for(field: Field, heading: str, found: Profile) -> str | None:
    """What the values say for a field, if they say it without its heading."""
    many = _NEARLY_ALL * found.count
    told = {
        "invoice_no": (found.digits_20, "have 20 digits"),
        "buyer_tax_id": (found.tax_id, "are tax ids with the right check digit"),
        "store_code": (
            max(found.code_and_name, _store_codes(field, heading, found)),
            "are of few places",
        ),
        "receipt_no": (_own_numbers(found), "are numbers of their own"),
        "deduction_kind": (reading(field, found)[0], "say how a fee is settled"),
    }
    required = {
        "date": (found.date, "read as a date"),
        "money": (found.number if found.cents else 0, "read as an amount"),
        "code": (0 if _is_figure(heading, found) else found.code, "are identifiers"),
    }
    if field.name in _KIND_FIELDS:
        suits, _ = reading(field, found)
        few = found.few_words if suits else {}
        known = [word for word in few if meaning(field.name, word)]
        return f"{len(known)} of {len(few)} words are document types" if (
            few and len(known) >= _MOST * len(few) and not found.number
        ) else None  # fmt: skip
    if field.name in ("payer_name", "buyer_name"):
        count, said = found.party, "end as names of companies and shops do"
    elif field.name in told:
        count, said = told[field.name]
    elif not field.is_optional and field.type in required:
        count, said = required[field.type]
    else:
        return None
    if field.type == "money" and ("税" in heading or "价" in heading):
        return None
    return f"{count} of {found.count} {said}" if count and count >= many else None


def _is_figure(heading: str, found: Profile) -> bool:
    """Whether values that look like identifiers are days, amounts or counters."""
    is_named = any(word in heading for word in words()["no_number"])
    return is_named or found.date > found.count / 2 or found.cents > 0 or found.is_counter


def _own_numbers(found: Profile) -> int:
    """Long identifiers of which none comes twice: the numbers of papers."""
    is_long = min(map(len, found.values)) >= 6
    is_own = found.distinct == found.count > 1 and not found.cents and found.date < found.count
    return found.code if is_long and is_own else 0


def _store_codes(field: Field, heading: str, found: Profile) -> int:
    """Codes of one length that come again and again: where no heading tells, those of stores."""
    is_alike = len({len(value) for value in found.values}) == 1
    is_code = all(re.fullmatch(r"[A-Z]{0,2}\d{2,6}", value) for value in found.values)
    is_other = found.date or found.cents or any(word in heading for word in words()["no_store"])
    comes_again = 2 * found.distinct <= found.count and not field.is_optional
    return found.count if is_alike and is_code and comes_again and not is_other else 0


def _fitness(field: Field, found: Profile) -> float:
    """Of several columns that suit by their values: the most money, the most different numbers."""
    if field.type == "money":
        return float(abs(sum(number or 0 for number in found.numbers)))
    return found.distinct if field.type == "code" else found.count


def repeats(block: Block, contract: Contract, guesses: Mapping[str, Guess]) -> bool:
    """Whether papers of which each is one row stand in several."""
    key = [block.column(guesses[name].heading) for name in contract.key if name in guesses]
    rows = list(zip(*key, strict=True))
    return not contract.has_lines and len(key) == len(contract.key) and len(set(rows)) < len(rows)
