"""The mail of a day to one manager: the accounts they are responsible for, and only those."""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

from assets.reported.content.labels import OWNERS, next_action, said
from assets.reported.content.letter import MOST, amount_said, signed, warning_lines
from assets.reported.content.parties import Parties
from assets.reported.content.reading import Day
from assets.reported.content.sentences import sentence
from receivables.mail import MANAGER, Account, Change, Figure, Letter, PackFile
from receivables.workbook import Kind, Label, Language, bilingual

LISTED = 15  # accounts in a mail

ACCOUNT_FIGURES: Sequence[tuple[str, Label, Kind, bool]] = (
    ("outstanding", bilingual("应收余额", "Outstanding"), Kind.MONEY, False),
    ("overdue", bilingual("逾期金额", "Overdue"), Kind.MONEY, True),
    ("on_hold", bilingual("停货客户欠款", "On hold"), Kind.MONEY, True),
    ("exceptions", bilingual("未结异常", "Open exceptions"), Kind.COUNT, False),
    ("warnings", bilingual("未解除预警", "Standing warnings"), Kind.COUNT, False),
)
_TEXTS = {
    "zh": {
        "change": "较前一日 {}",
        "since": "最早于 {} 到期（{} 天）",
        "hold": "停货：{name}，{reason}",
        "exception": "{reason} {order}：{amount}，{owner}：{action}",
    },
    "en": {
        "change": "{} since the day before",
        "since": "oldest due {} ({} days)",
        "hold": "hold shipments: {name}, {reason}",
        "exception": "{reason} {order}: {amount}, {owner}: {action}",
    },
}


def audience_of(address: str) -> str:
    """The audience's name for a manager's address: told apart also where addresses read alike."""
    name = re.sub(r"[^a-z0-9]+", "_", address.partition("@")[0].lower()).strip("_")
    return f"{MANAGER}{name}_{hashlib.sha256(address.encode()).hexdigest()[:6]}"


def manager_letters(
    day: Day, language: Language, workbooks: Callable[[str], Sequence[PackFile]]
) -> Iterator[tuple[str, Letter]]:
    """The address and the letter of each manager who has anything to look at on a day.

    `workbooks` are the files for an address.
    """
    before = {
        row["customer_id"]: row
        for row in Day(day.connection, day.as_of - timedelta(days=1)).rows("manager_accounts")
    }
    exceptions: dict[str, list[dict[str, Any]]] = {}
    for row in day.rows("manager_exceptions"):
        exceptions.setdefault(row["manager_email"], []).append(row)
    parties = Parties.of(day)
    warnings: dict[str, list[dict[str, Any]]] = {}
    for row in day.rows("warnings"):
        warnings.setdefault(row["customer_id"], []).append(row)
    for address, group in groupby(day.rows("manager_accounts"), lambda row: row["manager_email"]):
        accounts = list(group)
        own = [each for row in accounts for each in warnings.get(row["customer_id"], ())]
        wrong = exceptions.get(address, [])
        made = _letter(day.as_of, address, accounts, before, wrong, language)
        lines = warning_lines(sorted(own, key=_gravest_first), parties, language)
        yield (
            address,
            replace(made, to_do=[*made.to_do, *lines], packs=workbooks(address)),
        )


def _gravest_first(warning: dict[str, Any]) -> tuple[Any, ...]:
    severity = ("high", "medium", "low").index(warning["severity"])
    return (severity, warning["first_on"], warning["kind"], warning["customer_id"])


def _letter(
    as_of: date,
    address: str,
    accounts: list[dict[str, Any]],
    before: dict[str, dict[str, Any]],
    exceptions: list[dict[str, Any]],
    language: Language,
) -> Letter:
    owing = [row for row in accounts if row["outstanding"]]
    return Letter(
        day=as_of,
        audience=audience_of(address),
        language=language,
        figures=[_figure(known, accounts, before, language) for known in ACCOUNT_FIGURES],
        changes=_changes(accounts, before),
        to_do=[*_holds(accounts, language), *_exceptions(exceptions, language)],
        notices=[],
        packs=[],
        accounts=[_account(row, as_of, language) for row in owing[:LISTED]],
        more_accounts=max(0, len(owing) - LISTED),
        reader=accounts[0]["manager"] or address,
    )


def _figure(
    known: tuple[str, Label, Kind, bool],
    accounts: list[dict[str, Any]],
    before: dict[str, dict[str, Any]],
    language: Language,
) -> Figure:
    name, label, kind, is_bad = known
    value = sum(row[name] for row in accounts)
    change = value - sum(before[row["customer_id"]][name] for row in accounts
                         if row["customer_id"] in before)  # fmt: skip
    return Figure(
        label=label.say(language),
        value=amount_said(value, kind),
        change=_TEXTS[language]["change"].format(signed(change, kind)) if before else "",
        is_bad=is_bad and value > 0,
    )


def _changes(accounts: list[dict[str, Any]], before: dict[str, dict[str, Any]]) -> list[Change]:
    """The accounts that moved most since the day before."""
    if not before:
        return []
    moved = [
        (row["outstanding"] - before.get(row["customer_id"], {}).get("outstanding", Decimal(0)),
         row["customer_name"])
        for row in accounts
    ]  # fmt: skip
    moved.sort(key=lambda move: (-abs(move[0]), move[1]))
    return [Change(name, signed(amount, Kind.MONEY)) for amount, name in moved[:MOST] if amount]


def _holds(accounts: list[dict[str, Any]], language: Language) -> list[str]:
    return [
        _TEXTS[language]["hold"].format(
            name=row["customer_name"], reason=sentence(row["hold_reason"], language)
        )
        for row in accounts
        if row["hold_reason"]
    ][:MOST]


def _exceptions(exceptions: list[dict[str, Any]], language: Language) -> list[str]:
    return [
        _TEXTS[language]["exception"].format(
            reason=row[f"reason_{language}"],
            order=row["order_no"] or row["document_no"],
            amount=amount_said(row["amount"], Kind.MONEY),
            owner=said(OWNERS, row["owner"] or "–", language),
            action=next_action(row["reason"], row["next_action"], language),
        )
        for row in exceptions
    ]


def _account(row: dict[str, Any], as_of: date, language: Language) -> Account:
    due_on = row["oldest_due_on"]
    return Account(
        name=row["customer_name"],
        outstanding=amount_said(row["outstanding"], Kind.MONEY),
        overdue=amount_said(row["overdue"], Kind.MONEY),
        remark=_TEXTS[language]["since"].format(due_on, (as_of - due_on).days) if due_on else "",
    )
