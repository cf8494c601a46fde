"""The tables of the hand-made day that speak of debtors' accounts: columns and rows."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from tests.reported.closed_tables import MONEY

D = Decimal
EDGES = [(0, "not_due"), (30, "1-30"), (60, "31-60"), (90, "61-90"), (120, "91-120")]
EDGES += [(180, "121-180"), (365, "181-365")]

ACCOUNT_COLUMNS: dict[str, dict[str, Any]] = {
    "aged.parties": {
        "as_of": pl.Date,
        "customer_id": pl.String,
        "group_id": pl.String,
        "region": pl.String,
        "manager": pl.String,
    },
    "aged.provision": {
        "as_of": pl.Date,
        "chain_id": pl.String,
        "debtor_id": pl.String,
        "band": pl.String,
        "band_no": pl.Int64,
        "percent": pl.Decimal(9, 4),
        "amount": MONEY,
        "provision": MONEY,
    },
    "aged.concentrations": {
        "as_of": pl.Date,
        "place": pl.Int64,
        "debtor_id": pl.String,
        "balance": MONEY,
        "share_percent": pl.Decimal(9, 2),
        "share_percent_until": pl.Decimal(9, 2),
    },
    "settled.trial": {
        "as_of": pl.Date,
        "debtor_id": pl.String,
        "chain_id": pl.String,
        "opening": MONEY,
        "opened": MONEY,
        "charged": MONEY,
        "credited": MONEY,
        "transferred": MONEY,
        "cash": MONEY,
        "deductions": MONEY,
        "write_offs": MONEY,
        "closing": MONEY,
    },
}


def balance_rows(
    day: date, chain: str, debtor: str, before: Decimal, after: Decimal
) -> Iterator[tuple[str, dict[str, Any]]]:
    """How the month brought a balance about (cash took what was there before), and provisions."""
    account = {"debtor_id": debtor, "chain_id": chain}
    nothing = dict.fromkeys(("opened", "credited", "transferred", "deductions"), D(0))
    half = D("0.50")
    for as_of, opening, charged, cash, write_offs, closing in (
        (date(2026, 7, 20), D(0), before, D(0), D(0), before),
        (day, before, after, before - half, half, after),
    ):
        entries = {"charged": charged, "cash": cash, "write_offs": write_offs}
        yield (
            "settled.trial",
            {
                "as_of": as_of,
                **account,
                "opening": opening,
                **nothing,
                **entries,
                "closing": closing,
            },
        )
    # the month's total before it was known in full, and after
    for known_on, amount in ((day.replace(day=5), D("0.20")), (day, half)):
        yield (
            "settled.write_off_totals",
            {
                "known_on": known_on,
                **account,
                "month": f"{day:%Y-%m}",
                "small_differences": amount,
                "deductions": D(0),
                "amount": amount,
                "entries": 1,
            },
        )
    bands = ((1, "within 1 year", D(5), after - 1000), (2, "over 1 year", D(50), D(1000)))
    for number, band, percent, amount in bands:
        provision = (amount * percent / 100).quantize(D("0.01"))
        yield (
            "aged.provision",
            {
                "as_of": day,
                **account,
                "band": band,
                "band_no": number,
                "percent": percent,
                "amount": amount,
                "provision": provision,
            },
        )


def bucket_of(days: int, first: str, basis: str) -> str:
    """The bucket of an age under the default policy."""
    if days == 0 or (basis == "document" and days <= 30):
        return first
    return next((name for edge, name in EDGES if days <= edge and name != "not_due"), ">365")
