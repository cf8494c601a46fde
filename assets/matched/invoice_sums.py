"""Which goods receipts sum to the invoices that no application and no remark names."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from assets.python_model import PythonModel
from io_managers.session import Session, Window
from receivables.receipt_sums import (
    NEVER,
    Finding,
    Invoice,
    Questions,
    Receipt,
    Verdict,
    sentence,
)

TABLE = "matched.invoice_sums"

SCHEMA = {
    "known_on": pl.Date,
    "chain_id": pl.String,
    "invoice_no": pl.String,
    "verdict": pl.String,
    "answer_no": pl.Int32,
    "receipt_no": pl.String,
    "amount": pl.Decimal(18, 2),
    "score": pl.Decimal(5, 4),
    "reason": pl.String,
    "evidence": pl.String,
    "file_id": pl.String,
    "sheet": pl.String,
    "row_no": pl.Int64,
}

# What a score is worth of one that is applied, where several answers fit.
CONTESTED_PART, SEVERAL_PART = Decimal("0.9"), Decimal("0.7")

Row = dict[str, Any]


def summed(session: Session, window: Window) -> pl.DataFrame:
    """The answers that changed on the window's days, as in `SCHEMA`."""
    session.use(window)
    invoices = _by_chain(session.rows(_INVOICES))
    standing = _by_chain(session.rows(_STANDING) if session.columns(TABLE) else [])
    receipts = _by_chain(session.rows(_RECEIPTS) if invoices else [])
    (policy,) = session.rows(_POLICY)
    rows: list[tuple[object, ...]] = []
    for chain_id in sorted(invoices):
        papers = {row["invoice_no"]: row for row in invoices[chain_id]}
        questions = Questions(
            {no: _invoice(row) for no, row in papers.items()},
            _candidates(receipts.get(chain_id, ())),
            _findings(row for row in standing.get(chain_id, ()) if row["invoice_no"] in papers),
            policy["most"],
            policy["most_a_day"],
            policy["score"] >= policy["apply_from"],
        )
        for day, no, found in questions.answers(window.days):
            rows += _rows(day, papers[no], found, policy["score"])
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _invoice(row: Row) -> Invoice:
    return Invoice(
        row["invoice_no"], row["amount"], row["asked_from"], row["asked_until"],
        row["closed_on"] or NEVER, row["closed_by"] or "",
    )  # fmt: skip


def _candidates(rows: Iterable[Row]) -> Mapping[str, list[Receipt]]:
    """The receipts of each invoice, by number."""
    found: dict[str, list[Receipt]] = {}
    for row in rows:
        amounts = tuple((version["known_on"], version["amount"]) for version in row["amounts"])
        receipt = Receipt(
            row["receipt_no"], row["receipt_date"], amounts, row["from_on"],
            row["taken_on"] or NEVER,
        )  # fmt: skip
        found.setdefault(row["invoice_no"], []).append(receipt)
    return found


def _findings(rows: Iterable[Row]) -> dict[str, Finding]:
    """The answers that stood before the window, from the rows in which they were told."""
    told: dict[str, list[Row]] = {}
    for row in rows:
        told.setdefault(row["invoice_no"], []).append(row)
    found: dict[str, Finding] = {}
    for no, lines in told.items():
        subsets: dict[int, list[tuple[str, Decimal]]] = {}
        for line in lines:
            if line["receipt_no"] is not None:
                subset = subsets.setdefault(line["answer_no"], [])
                subset.append((line["receipt_no"], line["amount"]))
        found[no] = Finding(
            Verdict(lines[0]["verdict"]),
            tuple(tuple(sorted(subsets[place])) for place in sorted(subsets)),
            why=lines[0]["reason"] or "",
        )
    return found


def _rows(day: date, paper: Row, found: Finding, score: Decimal) -> Iterator[tuple[object, ...]]:
    """A row per receipt of each answer; one without receipt where there is no answer."""
    told = (found.why or None, sentence(found, paper["buyer_id"], paper["amount"]))
    origin = (paper["file_id"], paper["sheet"], paper["row_no"])
    about = (day, paper["chain_id"], paper["invoice_no"], found.verdict.value)
    if not found.subsets:
        yield *about, None, None, None, None, *told, *origin
    for place, subset in enumerate(found.subsets, start=1):
        likeness = round(score * _part(found.verdict), 4)
        for receipt_no, amount in subset:
            yield *about, place, receipt_no, amount, likeness, *told, *origin


def _part(verdict: Verdict) -> Decimal:
    if verdict == Verdict.ONE:
        return Decimal(1)
    return CONTESTED_PART if verdict == Verdict.CONTESTED else SEVERAL_PART


def _by_chain(rows: Iterable[Row]) -> dict[str, list[Row]]:
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row["chain_id"], []).append(row)
    return grouped


_POLICY = """
    select
        cast(getvariable('policy').matching.sum_receipts_max as integer) as most,
        cast(getvariable('policy').matching.sum_invoices_max as integer) as most_a_day,
        cast(getvariable('policy').matching.scores.sum_of_receipts as decimal(5, 4)) as score,
        cast(getvariable('policy').matching.apply_from as decimal(5, 4)) as apply_from
"""

_STANDING = """
    select chain_id, invoice_no, verdict, answer_no, receipt_no, amount, reason
    from matched.invoice_sums
    where known_on < getvariable('day_from')
    qualify known_on = max(known_on) over (partition by chain_id, invoice_no)
    order by chain_id, invoice_no, answer_no, receipt_no
"""

# Invoices that are asked in the window, and those of which something stands. Another paper that
# names the invoice, or its end, closes the question.
_QUESTIONS = """
    standing as (
        select invoice_no
        from matched.invoice_sums
        where known_on < getvariable('day_from')
        group by invoice_no
        having arg_max(verdict, known_on) <> 'withdrawn'
    ),

    in_question as (
        select invoice_no
        from staged.invoices
        where
            chain_id is not null and buyer_id is not null
            and known_on
            >= getvariable('day_from')
            - cast(getvariable('policy').matching.sum_window_days as integer)
            and known_on
            <= getvariable('day_until')
            - cast(getvariable('policy').matching.pair_wait_days as integer)
        union
        select invoice_no from standing
    ),

    first_versions as (
        select
            invoice_no, min(known_on) as known_on, min_by(chain_id, known_on) as chain_id,
            min_by(buyer_id, known_on) as buyer_id, min_by(amount, known_on) as amount,
            min_by(issued_on, known_on) as issued_on, bool_or(is_red) as is_red,
            min_by(file_id, known_on) as file_id, arg_min_null(sheet, known_on) as sheet,
            min_by(row_no, known_on) as row_no
        from staged.invoices
        semi join in_question using (invoice_no)
        where
            known_on <= getvariable('day_until')
            and chain_id is not null and buyer_id is not null
        group by invoice_no
    ),

    closings as (
        select
            invoice_no, min(known_on) as closed_on, min_by(closed_by, (known_on, rank)) as closed_by
        from (
            select invoice_no, known_on, 1 as rank, 'an application names the invoice' as closed_by
            from matched.resolved_applications
            where invoice_no is not null
            union all
            select invoice_no, known_on, 2, 'the remark of the invoice names papers'
            from matched.remark_numbers
            where is_announced
            union all
            select invoice_no, known_on, 2, 'the remark of the invoice names papers'
            from matched.invoice_mentions
            union all
            select invoice_no, known_on, 0, 'the invoice ended: ' || reason
            from matched.invoice_ends
        )
        semi join in_question using (invoice_no)
        where known_on <= getvariable('day_until')
        group by invoice_no
    ),

    questions as (
        select
            first_versions.* exclude (is_red),
            closings.closed_on, closings.closed_by,
            cast(
                first_versions.known_on
                + cast(getvariable('policy').matching.pair_wait_days as integer) as date
            ) as asked_from,
            cast(
                first_versions.known_on
                + cast(getvariable('policy').matching.sum_window_days as integer) as date
            ) as asked_until
        from first_versions
        left join closings using (invoice_no)
        left join (select invoice_no, true as stands from standing) as standing using (invoice_no)
        where
            not first_versions.is_red and first_versions.amount > 0
            and (
                coalesce(standing.stands, false)
                or coalesce(closings.closed_on, date '9999-12-31')
                > first_versions.known_on
                + cast(getvariable('policy').matching.pair_wait_days as integer)
            )
    )
"""

_INVOICES = f"""
    with {_QUESTIONS}
    select * from questions order by chain_id, invoice_no
"""

# Receipts of the store that is billed, and of stores whose debtor it is by then, in the days before
# the invoice. A receipt that an application or a remark names is taken.
_RECEIPTS = f"""
    with {_QUESTIONS},

    asked as (
        select * from questions where asked_until >= getvariable('day_from')
    ),

    billed_stores as (
        select
            chain_id, buyer_id, buyer_id as store_id, date '0001-01-01' as valid_from,
            date '9999-12-31' as valid_to, date '0001-01-01' as from_on
        from asked
        union
        select
            asked.chain_id, asked.buyer_id, terms.store_id, terms.valid_from, terms.valid_to,
            terms.known_on
        from staged.store_terms as terms
        inner join asked on terms.chain_id = asked.chain_id and terms.debtor_id = asked.buyer_id
        where terms.known_on <= getvariable('day_until')
    ),

    first_receipts as (
        select
            receipts.chain_id, receipts.receipt_no,
            min_by(receipts.store_id, receipts.known_on) as store_id,
            min_by(receipts.receipt_date, receipts.known_on) as receipt_date
        from staged.goods_receipts as receipts
        semi join billed_stores using (chain_id, store_id)
        where
            receipts.known_on <= getvariable('day_until')
            and receipts.receipt_date >= (
                select
                    min(issued_on)
                    - cast(getvariable('policy').matching.sum_window_days as integer)
                from asked
            )
        group by receipts.chain_id, receipts.receipt_no
    ),

    pairs as (
        select
            asked.chain_id, asked.invoice_no, first_receipts.receipt_no,
            min(billed_stores.from_on) as from_on
        from asked
        inner join billed_stores
            on asked.chain_id = billed_stores.chain_id and asked.buyer_id = billed_stores.buyer_id
        inner join first_receipts
            on
                billed_stores.chain_id = first_receipts.chain_id
                and billed_stores.store_id = first_receipts.store_id
                and first_receipts.receipt_date
                between billed_stores.valid_from and billed_stores.valid_to
                and first_receipts.receipt_date <= asked.issued_on
                and first_receipts.receipt_date
                >= asked.issued_on
                - cast(getvariable('policy').matching.sum_window_days as integer)
        group by asked.chain_id, asked.invoice_no, first_receipts.receipt_no
    ),

    -- what stands on receipts falls with them, however long ago it was asked
    standing_pairs as (
        select distinct sums.chain_id, sums.invoice_no, sums.receipt_no
        from matched.invoice_sums as sums
        semi join questions using (invoice_no)
        where sums.known_on < getvariable('day_from') and sums.receipt_no is not null
    ),

    together as (
        select chain_id, invoice_no, receipt_no, from_on from pairs
        union all
        select chain_id, invoice_no, receipt_no, date '0001-01-01'
        from standing_pairs
        anti join pairs using (chain_id, invoice_no, receipt_no)
    ),

    versions as (
        select
            receipts.chain_id, receipts.receipt_no,
            min_by(receipts.receipt_date, receipts.known_on) as receipt_date,
            list(
                {{'known_on': receipts.known_on, 'amount': receipts.amount}}
                order by receipts.known_on
            ) as amounts
        from staged.goods_receipts as receipts
        semi join together using (chain_id, receipt_no)
        where receipts.known_on <= getvariable('day_until')
        group by receipts.chain_id, receipts.receipt_no
    ),

    taken as (
        select chain_id, receipt_no, min(known_on) as taken_on
        from (
            select chain_id, receipt_no, known_on from matched.resolved_applications
            union all
            select chain_id, receipt_no, known_on from matched.remark_goods
        )
        semi join versions using (chain_id, receipt_no)
        where known_on <= getvariable('day_until')
        group by chain_id, receipt_no
    ),

    final as (
        select
            together.chain_id, together.invoice_no, together.receipt_no, together.from_on,
            versions.receipt_date, versions.amounts, taken.taken_on
        from together
        inner join questions using (invoice_no)
        inner join versions
            on
                together.chain_id = versions.chain_id
                and together.receipt_no = versions.receipt_no
        left join taken
            on
                together.chain_id = taken.chain_id
                and together.receipt_no = taken.receipt_no
        where coalesce(taken.taken_on, date '9999-12-31') > questions.asked_from
    )

    select * from final order by chain_id, invoice_no, receipt_no
"""

MODEL = PythonModel(
    table=TABLE,
    description=(
        "One row per invoice that no application and no remark names, choice of receipts that sum "
        "to it (answer_no) and receipt (receipt_no), on the day on which the answer changed; a day "
        "replaces all rows of the invoice. An invoice without a choice has one row that says why. "
        "Only what is the only choice, and no other invoice's, is taken (`one`)."
    ),
    reads=frozenset(
        {
            "matched.invoice_ends", "matched.invoice_mentions", "matched.remark_goods",
            "matched.remark_numbers", "matched.resolved_applications", "staged.goods_receipts",
            "staged.invoices", "staged.store_terms",
        }
    ),
    schema=SCHEMA,
    make=summed,
)  # fmt: skip

invoice_sums = MODEL.asset()
