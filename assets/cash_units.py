"""What `matched.cash_answers` reads of the units that payments in question may be for."""

# Versions of the units of a chain ($1) known by $2 that are open on some day of the window, which
# begins on $3: of the stores $4, named by $5, on a statement of one of the amounts $6, or claimed
# by one of the payments $7.
UNITS = """
    with stores as (select unnest($4) as store_id),

    named_claims as (
        select * from matched.payment_claims where chain_id = $1
        union all by name
        select * from matched.followed_claims where chain_id = $1
    ),

    numbers as (
        select unnest($5) as no
        union
        select unit_no
        from named_claims
        where list_contains($7, account_no || '/' || transaction_no)
    ),

    statement_receipts as (
        select receipt_no as no
        from matched.resolved_statement_lines
        where
            chain_id = $1
            and known_on <= $2
            and receipt_no is not null
            and (
                statement_no in (select no from numbers)
                or statement_no in (
                    select statement_no
                    from staged.statements
                    where
                        chain_id = $1
                        and known_on <= $2
                        and amount in (select unnest($6))
                )
            )
        union
        select receipt_no
        from matched.invoiced_goods
        where chain_id = $1 and known_on <= $2 and invoice_no in (select no from numbers)
        union
        select no from numbers
    ),

    goods as (
        select
            'goods_receipt' as unit_kind, receipt_no as unit_no, known_on, amount,
            receipt_date as document_on, store_id, receipt_no as document_no
        from staged.goods_receipts
        where
            chain_id = $1
            and known_on <= $2
            and receipt_no in (
                select receipt_no
                from staged.goods_receipts
                semi join stores using (store_id)
                where chain_id = $1 and known_on <= $2
                union
                select no from statement_receipts
            )
    ),

    buyers as (
        select
            invoice_no, min_by(chain_id, known_on) as chain_id,
            min_by(buyer_id, known_on) as buyer_id
        from staged.invoices
        where
            known_on <= $2
            and invoice_no in (
                select invoice_no
                from matched.invoice_rests
                where chain_id = $1 and known_on <= $2
            )
        group by invoice_no
    ),

    -- the store of a rest is that of the first goods of its invoice, else its buyer
    goods_stores as (
        select
            parts.invoice_no,
            min_by(goods.store_id, [cast(parts.known_on as varchar), parts.receipt_no]) as store_id
        from matched.invoiced_goods as parts
        inner join goods on parts.receipt_no = goods.unit_no
        where parts.chain_id = $1 and parts.known_on <= $2
        group by parts.invoice_no
    ),

    rests as (
        select
            'invoice' as unit_kind, rests.invoice_no as unit_no, rests.known_on, rests.amount,
            rests.issued_on as document_on,
            coalesce(goods_stores.store_id, buyers.buyer_id) as store_id,
            rests.invoice_no as document_no
        from matched.invoice_rests as rests
        inner join buyers using (invoice_no)
        left join goods_stores using (invoice_no)
        where
            rests.chain_id = $1
            and buyers.chain_id = $1
            and rests.known_on <= $2
            and (
                coalesce(goods_stores.store_id, buyers.buyer_id) in (select store_id from stores)
                or rests.invoice_no in (select no from numbers)
            )
    ),

    openings as (
        select
            'opening_item' as unit_kind, item_id as unit_no, known_on, balance as amount,
            document_on, customer_id as store_id, document_no
        from staged.opening_items
        where
            chain_id = $1
            and known_on <= $2
            -- a later list may give an item to another customer
            and item_id in (
                select item_id
                from staged.opening_items
                where
                    chain_id = $1
                    and known_on <= $2
                    and (
                        customer_id in (select store_id from stores)
                        or store_id in (select store_id from stores)
                        or item_id in (select no from numbers)
                        or document_no in (select no from numbers)
                    )
            )
    ),

    versions as (
        select * from goods
        union all
        select * from rests
        union all
        select * from openings
    ),

    before as (
        select unit_kind, unit_no, max_by(amount, known_on) as amount
        from versions
        where known_on < $3
        group by unit_kind, unit_no
    ),

    -- claims meet their units as a rule in full; whether they did is worked out from all of them
    claimed as (
        select unit_kind, unit_no, sum(amount) as amount, max(known_on) as last_on
        from named_claims
        where known_on <= $2
        group by unit_kind, unit_no
    ),

    done as (
        select before.unit_kind, before.unit_no
        from before
        inner join claimed
            on before.unit_kind = claimed.unit_kind and before.unit_no = claimed.unit_no
        anti join (
            select unit_kind, unit_no from versions where known_on >= $3
        ) as changed
            on before.unit_kind = changed.unit_kind and before.unit_no = changed.unit_no
        where
            claimed.last_on < $3
            and before.amount = claimed.amount
            and before.unit_no not in (select no from statement_receipts)
    )

    select versions.*
    from versions
    anti join done using (unit_kind, unit_no)
    where versions.store_id is not null
    order by versions.known_on, versions.unit_kind, versions.unit_no
"""
