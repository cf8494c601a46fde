"""Which rows repeat a document that is known, and which stand: identity across files and days.

A document is all rows of one key in one file. It is compared with the version known before it:
an earlier file of the same day, else the latest earlier day. Equal content is a duplicate;
different content is a new version. Of several versions of one day, the last file's stands.

Files about a document that adds up (an invoice as export, XML and OFD) state parts of it. There
content is what has been stated by then, field by field; a file that states nothing new is a
duplicate. Of papers for goods, a list (one row without an article) beside a detail (the lines)
leaves the lines as they are while its amount is their total; with another amount it contradicts
them, and they fall. A list that only adds to a detail of its day leaves the detail standing.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from receivables.contracts import Contract

FILE_NO = "file_no"
_FINGERPRINT = ["rows", "content"]
_ALONE = {"is_duplicate": False, "is_standing": True, "is_shared": False}
BEFORE = -1  # the number of the last file of history; earlier ones have smaller numbers


def keys_in_several_files(keys: Sequence[pl.DataFrame], contract: Contract) -> pl.DataFrame:
    """Keys of documents that more than one file of a batch has; `keys` has those of each file."""
    key = list(contract.key)
    none = pl.DataFrame(schema={name: contract.fields[name].dtype for name in key})
    # Few files share a key, so numbers that stand for keys are compared before keys are.
    number = pl.struct(key).hash(seed=0).alias("number")
    numbers = [frame.select(number).unique() for frame in keys]
    if len(numbers) < 2:
        return none
    met = pl.concat(numbers)["number"]
    shared = met.filter(met.is_duplicated()).unique()
    if shared.is_empty():
        return none
    suspected = [frame.filter(number.is_in(shared.implode())).unique() for frame in keys]
    found = pl.concat(suspected)
    return found.filter(found.is_duplicated()).unique()


def flags_of_documents(
    compared: pl.DataFrame, contract: Contract, history: pl.DataFrame
) -> pl.DataFrame:
    """`is_duplicate`, `is_standing` and `is_shared` of each document and file: key and `file_no`.

    `compared` holds the rows of whole days of every key that several files have or that has a
    history: the contract's fields, `known_on` and `file_no` (files numbered in the order of day
    and path). `history` holds the rows of the latest version before these days for every key that
    has one: the contract's fields and `file_no`, below zero. Of a kind that adds up it is one row,
    what has been stated by then, or, with lines, the rows of all versions.
    """
    key = list(contract.key)
    before = history.with_columns(
        pl.lit(None, compared.schema["known_on"]).alias("known_on"),
        pl.col(FILE_NO).cast(compared.schema[FILE_NO]),
    )
    rows = pl.concat(
        [frame.select(*contract.fields, "known_on", FILE_NO) for frame in (before, compared)]
    )
    if contract.adds_up_with_lines:
        return _document_flags(_added_up(rows, contract), key)
    if contract.adds_up:
        rows = stated_by_then(rows.sort(*key, FILE_NO), contract)
    return _document_flags(_documents(rows, contract), key)


def with_flags(batch: pl.DataFrame, contract: Contract, flags: pl.DataFrame) -> pl.DataFrame:
    """The batch with `is_duplicate`, `is_standing` and `is_shared` in place of `file_no`.

    Rows of documents that `flags` does not name are neither duplicates nor replaced nor shared.
    """
    if flags.is_empty():
        new = [pl.lit(value).alias(name) for name, value in _ALONE.items()]
        return batch.with_columns(new).drop(FILE_NO)
    on = [*contract.key, FILE_NO]
    return (
        batch.join(flags, on=on, how="left", nulls_equal=True, maintain_order="left")
        .with_columns(pl.col(name).fill_null(value) for name, value in _ALONE.items())
        .drop(FILE_NO)
    )


def stated_by_then(rows: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """Each row with what it leaves out filled in from the rows of its document before it.

    `rows` is in the order in which the papers became known.
    """
    stated = [name for name in contract.fields if name not in contract.key]
    return rows.with_columns(pl.col(stated).forward_fill().over(contract.key))


def _documents(rows: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """One row per document and file with a fingerprint of its rows, in whatever order."""
    content = pl.struct(list(contract.fields)).hash(seed=0)
    return (
        rows.select(*contract.key, FILE_NO, "known_on", content.alias("content"))
        .group_by(*contract.key, FILE_NO, "known_on")
        .agg(pl.len().alias("rows"), pl.col("content").sum())
        .with_columns(pl.lit(False).alias("is_addition"))
    )


def _added_up(rows: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """One row per document and file with a fingerprint of what has been stated by then.

    `is_addition` tells a list that leaves lines of an earlier file standing.
    """
    key, stated, money = list(contract.key), list(contract.document_fields), contract.money or ""
    lines = pl.struct(*contract.line_fields, *contract.line_terms, money).hash(seed=0)
    content = pl.struct(list(contract.fields)).hash(seed=0)
    is_list = pl.all_horizontal(pl.col(list(contract.line_fields)).is_null()).alias("is_list")
    total = pl.col(money)
    papers = (
        rows.with_columns(lines.alias("lines"), content.alias("content"), is_list)
        .group_by(*key, FILE_NO, "known_on")
        .agg(
            pl.len().alias("rows"),
            pl.col("lines", "content").sum(),
            (pl.col("is_list").all() & (pl.len() == 1)).alias("is_list"),
            total.cast(pl.Decimal(38, 2)).sum(),
            # rows that disagree are told apart by all they say
            pl.any_horizontal(
                (pl.col(name).min() != pl.col(name).max()).fill_null(False) for name in stated
            ).alias("differ"),
            *(pl.col(name).min() for name in stated),
        )
        .sort(*key, FILE_NO)
        .with_columns(
            (pl.col("is_list") & (total == total.shift(1).over(key)))
            .fill_null(False)
            .alias("is_addition")
        )
    )
    own = pl.when("differ").then("content").when("is_list").then(0).otherwise("lines")
    kept = pl.when(~pl.col("is_addition"))
    return (
        papers.with_columns(kept.then(own).alias("lines"), kept.then("rows").alias("rows"))
        .with_columns(pl.col("rows", "lines", *stated).forward_fill().over(key))
        .with_columns(pl.struct("lines", money, *stated).hash(seed=0).alias("content"))
        .select(*key, FILE_NO, "known_on", *_FINGERPRINT, "is_addition")
    )


def _document_flags(documents: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """Flags per document and file; history are the files before all others."""
    # A duplicate equals the version before it, so comparing with the file just before is
    # comparing with the latest version.
    fingerprint = pl.struct(_FINGERPRINT)
    documents = (
        documents.sort(*key, FILE_NO)
        .with_columns(
            (fingerprint == fingerprint.shift(1).over(key)).fill_null(False).alias("is_duplicate"),
            pl.int_range(pl.len()).over(key).alias("before"),
        )
        .filter(pl.col(FILE_NO) > BEFORE)
    )
    is_new = ~pl.col("is_duplicate")
    day = [*key, "known_on"]
    last_whole = pl.col(FILE_NO).filter(is_new & ~pl.col("is_addition")).max().over(day)
    last = pl.coalesce(last_whole, pl.col(FILE_NO).filter(is_new).max().over(day))
    return documents.select(
        *key,
        FILE_NO,
        "is_duplicate",
        (is_new & (pl.col(FILE_NO) == last)).alias("is_standing"),
        # among the files known by the end of the day
        (pl.col("before").max().over(day) > 0).alias("is_shared"),
    )
