"""What the values of a column look like, whatever its heading says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

import polars as pl

from receivables.contracts import Field
from receivables.contracts.payments import DEDUCTION_KINDS
from receivables.sources.proposing.words import meaning
from receivables.sources.values import DateOrder, How, fine_decimals, half_width, read_column

_TAX_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
# At most so many different words, of which one comes again, are types and not names.
_FEW = 12
CODE_AND_NAME = re.compile(r"^([A-Za-z0-9_-]{1,20})\s*[(（](.+)[)）]$")
_UNKNOWN_WORDS = 0.7
# 3001 中心店, 3001-中心店, [3001]中心店: the code and how a layout finds it.
CODE_BEFORE_NAME = {
    r"^([A-Za-z0-9_-]{2,20})\s": re.compile(r"^[A-Za-z0-9_-]{2,20}\s+\S*[\u4e00-\u9fff]"),
    r"^[\[【]?([A-Za-z0-9]{2,20})": re.compile(
        r"^[\[【]?[A-Za-z0-9]{2,20}[\]】_:：/-]+\s*\S*[\u4e00-\u9fff]"
    ),
}
_CODE = re.compile(r"^(?=.*\d)[A-Za-z0-9_/.#-]{2,40}$")
_PARTY = re.compile(r"(?:公司|集团|商店|超市|中心|厂|店|行|部|社)(?:[（(].*[）)])?$")


@dataclass(frozen=True)
class Profile:
    """The filled values of a column below a heading, trimmed; `empty` counts the others."""

    values: tuple[str, ...]
    empty: int = 0

    @property
    def samples(self) -> tuple[str, ...]:
        """A few different values, to show."""
        return tuple(dict.fromkeys(self.values))[:4]

    @cached_property
    def numbers(self) -> tuple[Decimal | None, ...]:
        """Each value as a number; None where it is none."""
        return tuple(fine_decimals(self._series).values.to_list())

    @cached_property
    def number(self) -> int:
        """Values that read as a number and are no identifiers."""
        return self._count_of(lambda value, n: n is not None and not _is_long_code(value))

    @cached_property
    def with_cases(self) -> int:
        """Quantities that name their cases, too: 24(2)."""
        return self._count(lambda value: re.fullmatch(r"-?[\d,.]+\([\d,.]+\)", value) is not None)

    @cached_property
    def cents(self) -> int:
        """Values written with one or two decimals, as money is."""
        return self._count(lambda value: bool(re.search(r"\.\d{1,2}\D*$", value)))

    @cached_property
    def negative(self) -> int:
        """Numbers below zero."""
        return sum(1 for number in self.numbers if number is not None and number < 0)

    @cached_property
    def date(self) -> int:
        """Values that read as a day in whichever order suits most."""
        return self.dates(self.date_order)

    @cached_property
    def date_order(self) -> DateOrder:
        """The order of day, month and year that reads most values."""
        orders: tuple[DateOrder, ...] = ("ymd", "dmy", "mdy")
        return max(orders, key=self.dates)

    def dates(self, order: DateOrder) -> int:
        """Values that read as a day in an order and lie in the years of papers."""
        field = Field("day", "", (), "date", "", True, pl.Date(), {})
        read = read_column(self._series, field, How(date_order=order)).values
        return int(read.dt.year().is_between(2000, 2100).sum())

    @cached_property
    def rate(self) -> int:
        """Values that are shares: 13%, 0.13, 13, 免税."""
        return self._count(
            lambda v: bool(
                re.fullmatch(
                    r"0?\.\d{1,4}|(?:13|9|6|3|1|0)(?:\.0+)?|\d{1,2}(?:\.\d+)?%|免税|不征税", v
                )
            )
        )

    @cached_property
    def digits_20(self) -> int:
        """Numbers of digital invoices."""
        return self._count(lambda value: bool(re.fullmatch(r"\d{20}", value)))

    @cached_property
    def digits_8(self) -> int:
        """Numbers of paper invoices."""
        return self._count(lambda value: bool(re.fullmatch(r"\d{8}", value)))

    @cached_property
    def tax_id(self) -> int:
        """Social credit codes whose check digit is right."""
        return self._count(is_tax_id)

    @cached_property
    def code_and_name(self) -> int:
        """Values such as 5015(上海店)."""
        return self._count(lambda value: CODE_AND_NAME.match(value) is not None)

    @cached_property
    def code_pattern(self) -> str | None:
        """The pattern that finds the code where all values are a code before a name."""
        for pattern, form in CODE_BEFORE_NAME.items():
            if self.values and all(form.match(value) for value in self.values):
                return pattern
        return None

    @cached_property
    def code(self) -> int:
        """Identifiers: letters and digits, no words, no decimals."""
        return self._count(
            lambda value: _CODE.match(value) is not None and not re.search(r"\.\d", value)
        )

    @cached_property
    def party(self) -> int:
        """Names that end as those of companies and shops do."""
        return self._count(lambda value: _PARTY.search(value) is not None)

    @cached_property
    def text(self) -> int:
        """Values with a letter or a Chinese character."""
        return self._count(lambda value: any(sign.isalpha() for sign in value))

    @cached_property
    def is_counter(self) -> bool:
        """Whether the values count from one up."""
        plain = [value.removesuffix(".0") for value in self.values]
        return len(plain) > 1 and plain == [str(n) for n in range(1, len(plain) + 1)]

    @cached_property
    def few_words(self) -> dict[str, int]:
        """The words and how often each stands, if they are few; else nothing."""
        counts = Counter(self.values)
        is_few = len(counts) <= _FEW and (len(counts) < len(self.values) or len(counts) <= 2)
        return dict(counts.most_common()) if is_few and self.text > 0 else {}

    @property
    def count(self) -> int:
        """Number of filled values."""
        return len(self.values)

    @property
    def distinct(self) -> int:
        """Number of different values."""
        return len(set(self.values))

    @cached_property
    def _series(self) -> pl.Series:
        return pl.Series("raw", self.values, dtype=pl.String)

    def _count(self, test: Callable[[str], bool]) -> int:
        return sum(1 for value in half_width(self._series).to_list() if test(value))

    def _count_of(self, test: Callable[[str, Decimal | None], bool]) -> int:
        pairs = zip(self.values, self.numbers, strict=True)
        return sum(1 for value, number in pairs if test(value, number))


def profile(values: Sequence[str | None]) -> Profile:
    """The profile of a column's cells."""
    filled = tuple(value.strip() for value in values if value and value.strip())
    return Profile(filled, len(values) - len(filled))


def is_tax_id(value: str) -> bool:
    """Whether a text is a social credit code with the right check digit."""
    if len(value) != 18 or any(sign not in _TAX_SIGNS for sign in value):
        return False
    total = sum(_TAX_SIGNS.index(sign) * 3**place % 31 for place, sign in enumerate(value[:17]))
    return _TAX_SIGNS[(31 - total % 31) % 31] == value[17]


def _is_long_code(value: str) -> bool:
    """Long whole numbers, and those with leading zeros, are identifiers."""
    return re.fullmatch(r"0\d+|\d{9,}", value) is not None


def reading(about: Field, found: Profile) -> tuple[int, str]:
    """How many of the values suit a field, and what they are called in a sentence."""
    tests: dict[str, tuple[int, str]] = {
        "money": (found.number, "read as an amount"),
        "quantity": (found.number + found.with_cases, "read as a number"),
        "points": (found.number, "read as a number"),
        "date": (found.date, "read as a date"),
        "rate": (found.rate, "read as a rate"),
        "whole": (found.number, "read as a whole number"),
        "text": (found.text, "are words"),
    }
    if about.name in ("invoice_no", "red_of_invoice_no"):
        return found.digits_20 + found.digits_8, "are invoice numbers (20 or 8 digits)"
    if about.name == "buyer_tax_id":
        return found.tax_id, "are tax ids with the right check digit"
    if about.name == "store_code":
        return max(found.code_and_name, found.code, found.party, found.text), _store_words(found)
    if about.type == "choice":
        return _of_choice(about, found), "are of a few words"
    if about.type == "code":
        return max(found.code, found.digits_20), "are identifiers"
    return tests.get(about.type, (found.count, "are filled"))


def _of_choice(about: Field, found: Profile) -> int:
    """Values that are words of a choice; any few words may be document types but 票扣 and 账扣."""
    known = {word for words in about.choices.values() for word in words}
    told = sum(1 for v in found.values if v in known or meaning(about.name, v))
    ways = {word for words in DEDUCTION_KINDS.values() for word in words}
    if about.name != "deduction_kind" and set(found.values) <= ways:
        return 0
    if about.name == "deduction_kind" or not found.few_words:
        return told
    # Words that nobody knows may be document types; those that are known come first.
    return max(told, round(_UNKNOWN_WORDS * found.count))


def _store_words(found: Profile) -> str:
    if found.code_pattern:
        return "are a code before a name"
    if found.code_and_name == found.count:
        return "are code(name)"
    return "are codes" if found.code == found.count else "name a store"
