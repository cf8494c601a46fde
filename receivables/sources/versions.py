"""Which rows repeat a document that is known, and which stand: identity across files and days.

A document is all rows of one key in one file. It is compared with the version known before it:
an earlier file of the same day, else the latest earlier day. Equal content is a duplicate;
different content is a new version. Of several versions of one day, the last file's stands.

Files about a document that adds up (an invoice as export, XML and OFD) state parts of it. There
content is what has been stated by then, field by field; a file that states nothing new is a
duplicate.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from receivables.contracts import Contract

FILE_NO = "file_no"
_FINGERPRINT = ["rows", "content"]
_BEFORE = -1  # the number of the file that history stands for


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
    """`is_duplicate` and `is_standing` of each document and file: key and `file_no`.

    `compared` holds the rows of whole days of every key that several files have or that has a
    history: the contract's fields, `known_on` and `file_no` (files numbered in the order of day
    and path). `history` holds the rows of the latest version before these days for every key that
    has one (of a kind that adds up: what has been stated by then, one row).
    """
    key = list(contract.key)
    before = history.with_columns(
        pl.lit(None, compared.schema["known_on"]).alias("known_on"),
        pl.lit(_BEFORE, compared.schema[FILE_NO]).alias(FILE_NO),
    )
    rows = pl.concat(
        [frame.select(*contract.fields, "known_on", FILE_NO) for frame in (before, compared)]
    )
    if contract.adds_up:
        rows = stated_by_then(rows.sort(*key, FILE_NO), contract)
    return _document_flags(_documents(rows, contract), key)


def with_flags(batch: pl.DataFrame, contract: Contract, flags: pl.DataFrame) -> pl.DataFrame:
    """The batch with `is_duplicate` and `is_standing` in place of `file_no`.

    Rows of documents that `flags` does not name are neither duplicates nor replaced.
    """
    if flags.is_empty():
        new = [pl.lit(False).alias("is_duplicate"), pl.lit(True).alias("is_standing")]
        return batch.with_columns(new).drop(FILE_NO)
    on = [*contract.key, FILE_NO]
    return (
        batch.join(flags, on=on, how="left", nulls_equal=True, maintain_order="left")
        .with_columns(
            pl.col("is_duplicate").fill_null(False), pl.col("is_standing").fill_null(True)
        )
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
    )


def _document_flags(documents: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """Flags per document and file; history is the file before all others."""
    # A duplicate equals the version before it, so comparing with the file just before is
    # comparing with the latest version.
    fingerprint = pl.struct(_FINGERPRINT)
    documents = (
        documents.sort(*key, FILE_NO)
        .with_columns(
            (fingerprint == fingerprint.shift(1).over(key)).fill_null(False).alias("is_duplicate")
        )
        .filter(pl.col(FILE_NO) != _BEFORE)
    )
    last = pl.col(FILE_NO).filter(~pl.col("is_duplicate")).max().over(*key, "known_on")
    standing = ~pl.col("is_duplicate") & (pl.col(FILE_NO) == last)
    return documents.select(*key, FILE_NO, "is_duplicate", standing.alias("is_standing"))
