"""The numbers of papers in the remarks of invoices that no application names."""

from collections.abc import Iterator
from typing import Any

import polars as pl

from assets.python_model import PythonModel
from io_managers.session import Session, Window
from receivables.said_numbers import numbers_in

SCHEMA = {
    "known_on": pl.Date,
    "chain_id": pl.String,
    "invoice_no": pl.String,
    "place": pl.Int32,
    "number": pl.String,
    "names_kind": pl.String,
    "is_announced": pl.Boolean,
    "file_id": pl.String,
    "sheet": pl.String,
    "row_no": pl.Int64,
}


def said(session: Session, window: Window) -> pl.DataFrame:
    """The numbers said by the window's versions of invoices, as in `SCHEMA`."""
    session.use(window)
    rows = [row for version in session.rows(_VERSIONS) for row in _numbers(version)]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _numbers(version: dict[str, Any]) -> Iterator[tuple[object, ...]]:
    """A red invoice's remark names its blue one: that is no goods."""
    found = numbers_in(version["remark"], version["range_max"])
    for place, number in enumerate(found, start=1):
        if number.number != version["red_of_invoice_no"]:
            yield (
                version["known_on"], version["chain_id"], version["invoice_no"], place,
                number.number, number.names_kind, number.is_announced,
                version["file_id"], version["sheet"], version["row_no"],
            )  # fmt: skip


# What an earlier version of the invoice said already is not said anew.
_VERSIONS = """
    select
        invoices.known_on, invoices.chain_id, invoices.invoice_no, invoices.remark,
        invoices.red_of_invoice_no, invoices.file_id, invoices.sheet, invoices.row_no,
        cast(getvariable('policy').matching.range_max as integer) as range_max
    from staged.invoices
    anti join (
        select invoice_no, min(known_on) as named_on
        from matched.resolved_applications
        where
            known_on <= getvariable('day_until')
            and invoice_no is not null
            and receipt_no is not null
        group by invoice_no
    ) as named
        on invoices.invoice_no = named.invoice_no and invoices.known_on >= named.named_on
    anti join staged.invoices as earlier
        on
            invoices.invoice_no = earlier.invoice_no
            and invoices.chain_id = earlier.chain_id
            and invoices.remark = earlier.remark
            and invoices.known_on > earlier.known_on
    where
        invoices.known_on between getvariable('day_from') and getvariable('day_until')
        and invoices.chain_id is not null
        and regexp_matches(invoices.remark, '[0-9０-９]')
    order by invoices.known_on, invoices.invoice_no
"""

MODEL = PythonModel(
    table="matched.remark_numbers",
    description=(
        "One row per invoice and number that its remark says (chain_id, invoice_no, number), on "
        "the day of the version that says it first. Invoices that an application names by then "
        "are not read. Whether there is a paper of that number is for `invoice_mentions` to tell."
    ),
    queries=(_VERSIONS,),
    schema=SCHEMA,
    make=said,
)

remark_numbers = MODEL.asset()
