"""Who owes and when it falls due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

import chinese_calendar

from benchmarks.world.truth.books import Books

_FOREVER = date(9999, 12, 31)
_TERM = ("term_kind", "term_days", "batch_lag", "pay_days")


@dataclass(frozen=True)
class Settlement:
    """How one order (or one store on one day) is settled."""

    pattern: str
    ship_to_id: str | None
    order_account_id: str | None
    debtor_id: str | None
    agreement: dict[str, Any] | None
    rivals: str
    is_inferred: bool

    @property
    def agreement_id(self) -> str | None:
        """The agreement followed, None where none holds or rivals say different things."""
        return self.agreement["agreement_id"] if self.agreement else None

    @property
    def is_consignment(self) -> bool:
        """Whether goods owe nothing before they are sold."""
        return self.agreement is not None and self.agreement["term_kind"] == "consignment"


def settle(books: Books, chain_id: str, store_id: str | None, day: date) -> Settlement:
    """Follow the most specific agreement valid on `day`, else infer from what the store is."""
    store = books.customer(store_id)
    found: list[tuple[int, dict[str, Any]]] = []
    for rows in books.latest["settlement_agreements"].values():
        row = rows[0]
        if row["chain_id"] != chain_id or row["category"]:
            continue
        if not row["valid_from"] <= day <= (row["valid_to"] or _FOREVER):
            continue
        if row["customer_id"] is not None and row["customer_id"] != store_id:
            continue
        if row["region"] is not None and row["region"] != store.get("region"):
            continue
        rank = 2 if row["customer_id"] else 1 if row["region"] else 0
        found.append((rank, row))
    head_office = store.get("head_office_id") or store_id
    if not found:
        pattern = _inferred(store)
        debtor = store_id if pattern == "branch_branch" else head_office
        account = head_office if pattern == "head_head" else store_id
        return Settlement(pattern, store_id, account, debtor, None, "", True)
    best = max(rank for rank, _ in found)
    equal = [row for rank, row in found if rank == best]
    equal.sort(key=lambda row: row["agreement_id"])
    chosen = equal[0]
    rivals = ";".join(row["agreement_id"] for row in equal[1:])
    # Between rivals that say different things nothing is guessed.
    agree_on_who = len({(row["pattern"], row["debtor_id"]) for row in equal}) == 1
    agree_on_terms = len({tuple(row[name] for name in _TERM) for row in equal}) == 1
    pattern = chosen["pattern"] if agree_on_who else _inferred(store)
    named = chosen["debtor_id"] if agree_on_who else None
    debtor = named or (store_id if pattern == "branch_branch" else head_office)
    account = head_office if pattern == "head_head" else store_id
    followed = chosen if agree_on_who and agree_on_terms else None
    return Settlement(pattern, store_id, account, debtor, followed, rivals, not agree_on_who)


def _inferred(store: dict[str, Any]) -> str:
    if store.get("level") in ("dc", "head_office"):
        return "head_head"
    return "branch_head" if store.get("head_office_id") else "branch_branch"


def due_on(
    agreement: dict[str, Any] | None,
    goods_on: date,
    handed_over_on: date | None,
    sold_by: date | None = None,
) -> date | None:
    """When goods accepted on `goods_on` fall due; None while nothing runs.

    Under invoice terms the hand-over counts, on consignment the end of the period of the sales.
    """
    if agreement is None:
        return None
    start = {
        "monthly": last_of_month(goods_on),
        "receipt": goods_on,
        "invoice": handed_over_on,
        "consignment": sold_by,
    }.get(agreement["term_kind"])
    if start is None:
        return None
    return next_pay_day(start + timedelta(days=agreement["term_days"]), agreement["pay_days"])


@cache
def next_pay_day(day: date, pay_days: str | None) -> date:
    """First pay day on or after `day`, moved to a working day; `day` itself without pay days."""
    if not pay_days:
        return day
    wanted = {int(number) for number in pay_days.split(";")}
    while True:
        last = last_of_month(day).day
        if day.day in {min(number, last) for number in wanted}:
            break
        day += timedelta(days=1)
    while not chinese_calendar.is_workday(day):
        day += timedelta(days=1)
    return day


@cache
def last_of_month(day: date) -> date:
    """Last day of the month of `day`."""
    while (day + timedelta(days=1)).day != 1:
        day += timedelta(days=1)
    return day
