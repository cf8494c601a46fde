"""On which weekdays each list is sent: a paper waits for the next one."""

from __future__ import annotations

from datetime import date, timedelta

_WEEKDAYS: dict[str, tuple[int, ...]] = {
    "orders/QL": (1, 4),
    "goods_receipts/LZ": (0, 2, 4),
    "deliveries": (0, 1, 2, 3, 4, 5),
    "invoices": (0, 3),
    "invoice_applications": (0, 2, 4),
    "invoice_handovers": (4,),
}


def listed_on(what: str, day: date, chain_id: str = "") -> date:
    """The day of the list that first shows something of `day`; that day itself by default."""
    weekdays = _WEEKDAYS.get(f"{what}/{chain_id}") or _WEEKDAYS.get(what)
    while weekdays and day.weekday() not in weekdays:
        day += timedelta(days=1)
    return day
