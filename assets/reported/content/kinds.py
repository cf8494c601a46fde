"""The kinds of packs: when each is written, from what, and the figures it is checked by."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from assets.reported.content.accounts import account_packs
from assets.reported.content.aging import aging_pack
from assets.reported.content.application import application_pack
from assets.reported.content.credit_tier import credit_tier_pack
from assets.reported.content.exceptions import exceptions_pack
from assets.reported.content.figures import DayFigures
from assets.reported.content.hold_list import hold_list_pack
from assets.reported.content.parties import Parties
from assets.reported.content.reading import Day
from assets.reported.content.review import review_pack
from assets.reported.content.settlement import settlement_pack
from assets.reported.content.statements import statement_letters
from receivables.policy import Policy
from receivables.workbook import Pack, write_letters, write_pack, write_rows


@dataclass(frozen=True)
class DayOfPacks:
    """What all packs of a day are made from, read once."""

    day: Day
    policy: Policy
    figures: DayFigures
    parties: Parties

    @classmethod
    def of(cls, day: Day, policy: Policy) -> "DayOfPacks":
        """Read the figures and parties of a day."""
        return cls(day, policy, DayFigures.of(day), Parties.of(day))


@dataclass(frozen=True)
class Drafted:
    """The files of a pack, the checked one first.

    `checked` are its rows, items and amount; `beside` the rows of the other files.
    """

    files: Sequence[Path]
    checked: tuple[int, int, Any]
    beside: Mapping[Path, int]

    def figures_of(self, file: Path) -> tuple[int | None, int | None, Any]:
        """Rows, items and amount of a file as reported.packs has them."""
        return self.checked if file == self.files[0] else (self.beside[file], None, None)


Write = Callable[[DayOfPacks, Path, str], Drafted]


@dataclass(frozen=True)
class PackKind:
    """A kind of pack."""

    write: Write
    is_due: Callable[[date, Policy], bool] = lambda day, policy: True


def falls_on(day: date, days: Sequence[int]) -> bool:
    """Whether a day is one of these days of the month; 31 is the last day of any month."""
    is_last = (day + timedelta(days=1)).day == 1
    return day.day in days or (is_last and any(number > day.day for number in days))


def workbook(
    made_by: Callable[[DayOfPacks], Pack], sheet: str, amount: str, *, beside: Sequence[str] = ()
) -> Write:
    """A pack that is one workbook, checked by a column's sum in one of its sheets.

    The rows of the sheets named `beside` are always written as CSV as well.
    """

    def write(of_day: DayOfPacks, folder: Path, stem: str) -> Drafted:
        pack = made_by(of_day)
        packs = of_day.policy.packs
        files = write_pack(
            pack, folder, stem, language=packs.language, max_sheet_rows=packs.max_sheet_rows
        )
        others = {path: files.rows[name] for name, path in files.overflow.items()}
        for each in pack.sheets:
            if each.name in beside and each.name not in files.overflow:
                path = folder / f"{stem}-{each.name}.csv"
                others[path] = write_rows(each, path)
        checked = (sum(files.rows.values()), files.rows[sheet], files.totals[sheet][amount])
        return Drafted([files.workbook, *sorted(others)], checked, others)

    return write


def statements(of_day: DayOfPacks, folder: Path, stem: str) -> Drafted:
    """A statement of account per debtor, all in one archive."""
    archive = folder / f"{stem}.zip"
    letters = statement_letters(of_day.day, of_day.policy, of_day.parties)
    items, amount = write_letters(archive, letters, of_day.day.as_of, of_day.policy.packs.language)
    return Drafted([archive], (items, items, amount), {})


PACKS: Mapping[str, PackKind] = {
    "aging": PackKind(
        workbook(
            lambda d: aging_pack(d.day, d.policy, d.figures, d.parties), "open_items", "balance"
        )
    ),
    "credit_tier": PackKind(
        workbook(
            lambda d: credit_tier_pack(d.day, d.policy, d.figures, d.parties), "tiers", "exposure"
        )
    ),
    "exceptions": PackKind(
        workbook(lambda d: exceptions_pack(d.day, d.policy, d.figures), "exceptions", "amount")
    ),
    "hold_list": PackKind(
        workbook(
            lambda d: hold_list_pack(d.day, d.policy, d.figures, d.parties),
            "held_customers",
            "amount",
            beside=["held_stores"],
        )
    ),
    "invoice_application": PackKind(
        workbook(lambda d: application_pack(d.day, d.policy, d.parties), "applications", "amount")
    ),
    "settlement": PackKind(
        workbook(lambda d: settlement_pack(d.day, d.policy, d.parties), "deduction_use", "disputed")
    ),
    "statements": PackKind(
        statements, is_due=lambda day, policy: falls_on(day, policy.packs.confirmation_days)
    ),
    "review": PackKind(
        workbook(
            lambda d: review_pack(d.day, d.policy, d.figures, d.parties), "people", "outstanding"
        ),
        is_due=lambda day, policy: falls_on(day, policy.credit.review_days),
    ),
}

ACCOUNTS = "accounts"  # a workbook per manager
KINDS = (*PACKS, ACCOUNTS)


def writers(kind: str, of_day: DayOfPacks) -> Iterator[tuple[str, Write]]:
    """Name and writer of each pack of a kind on a day: one, but of accounts one per manager."""
    if kind != ACCOUNTS:
        yield kind, PACKS[kind].write
        return
    for name, pack in account_packs(of_day.day, of_day.policy, of_day.parties):
        yield name, workbook(lambda _, pack=pack: pack, "items", "balance")
