"""What `matched.invoice_sums` asks: the invoices in question, and what receipts they may bill."""

POLICY = """
    select
        cast(getvariable('policy').matching.sum_receipts_max as integer) as most,
        cast(getvariable('policy').matching.sum_invoices_max as integer) as most_a_day,
        cast(getvariable('policy').matching.sum_chance as double) as chance,
        cast(getvariable('policy').matching.scores.sum_of_receipts as decimal(5, 4)) as score,
        cast(getvariable('policy').matching.apply_from as decimal(5, 4)) as apply_from
"""

STANDING = """
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

INVOICES = " ".join(["with", _QUESTIONS, "select * from questions order by chain_id, invoice_no"])

# Receipts of the store that is billed, and of stores whose debtor it is by then, in the days before
# the invoice. A receipt that an application or a remark names is taken. What a person decided on a
# receipt and an invoice counts from its day, of one day the decision dated last.
_RECEIPT_STEPS = """
    spoken as (
        select
            decisions.subject_id, decisions.known_on, decisions.decided_on,
            words.meaning = 'match' as is_match
        from staged.decisions as decisions
        inner join staged.decision_words as words
            on
                decisions.subject_kind = words.subject_kind
                and lower(trim(decisions.decision)) = words.word
        where
            decisions.known_on <= getvariable('day_until')
            and decisions.subject_kind = 'suspected_match'
    ),

    -- what stands on receipts falls with them, however long ago it was asked
    standing_pairs as (
        select distinct sums.chain_id, sums.invoice_no, sums.receipt_no
        from matched.invoice_sums as sums
        semi join questions using (invoice_no)
        where sums.known_on < getvariable('day_from') and sums.receipt_no is not null
    ),

    asked as (
        select *
        from questions
        where
            asked_until >= getvariable('day_from')
            or invoice_no in (
                select standing_pairs.invoice_no
                from standing_pairs
                inner join spoken on substr(
                    md5(
                        standing_pairs.chain_id || '|goods_receipt|' || standing_pairs.receipt_no
                        || '|invoice|' || standing_pairs.invoice_no
                    ),
                    1, 16
                ) = spoken.subject_id
                where spoken.known_on >= getvariable('day_from')
            )
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
                {'known_on': receipts.known_on, 'amount': receipts.amount}
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

    said as (
        select
            together.chain_id, together.invoice_no, together.receipt_no, spoken.known_on,
            max_by(
                spoken.is_match, {'on': spoken.decided_on, 'no': not spoken.is_match}
            ) as is_match
        from together
        inner join spoken on substr(
                    md5(
                        together.chain_id || '|goods_receipt|' || together.receipt_no
                        || '|invoice|' || together.invoice_no
                    ),
                    1, 16
                ) = spoken.subject_id
        group by
            together.chain_id, together.invoice_no, together.receipt_no, spoken.known_on
    ),

    decided as (
        select
            chain_id, invoice_no, receipt_no,
            list({'known_on': known_on, 'is_match': is_match} order by known_on) as decided
        from said
        group by chain_id, invoice_no, receipt_no
    ),

    final as (
        select
            together.chain_id, together.invoice_no, together.receipt_no, together.from_on,
            versions.receipt_date, versions.amounts, taken.taken_on,
            decided.decided
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
        left join decided
            on
                together.chain_id = decided.chain_id
                and together.invoice_no = decided.invoice_no
                and together.receipt_no = decided.receipt_no
        where coalesce(taken.taken_on, date '9999-12-31') > questions.asked_from
    )

    select * from final order by chain_id, invoice_no, receipt_no
"""

RECEIPTS = " ".join(["with", _QUESTIONS, ",", _RECEIPT_STEPS])
