-- One row per payment (account_no, transaction_no) that the bank sent back as a whole, as its papers say
-- and without anybody's decision, with the day `went_back_on` on which that became known.
-- A line of the bank takes back the payment whose number it has, or, where it says that money was
-- returned, the newest of this payer and amount that has not gone back; as receivables/cash/refunds.py
-- tells it for matched.cash_answers, which reads what is claimed here. Only payments
-- that share a paper matter.
-- Takes `bases` and `shared_papers`.

with recursive keys_of_lines as (
    select distinct account_no, transaction_no
    from staged.bank_receipts
    where
        known_on <= getvariable('day_until')
        and amount < 0
        and -amount in (
            select paid_amount
            from bases
            semi join shared_papers using (chain_id, base_kind, base_no)
        )
),

lines_back as (
    select
        known_on, account_no, transaction_no, chain_id, coalesce(payer_name, '') as payer_name,
        received_on, -amount as amount, amount < 0 as is_back,
        regexp_extract_all(upper(memo), '[0-9A-Z][0-9A-Z_/\-]*[0-9A-Z]') as words,
        coalesce(
            regexp_matches(memo, '冲正|冲回|退汇|退票|撤销|reversal|returned', 'i'), false
        ) as says_returned
    from staged.bank_receipts
    semi join keys_of_lines using (account_no, transaction_no)
    where known_on <= getvariable('day_until')
    qualify row_number() over (partition by account_no, transaction_no order by known_on) = 1
),

-- what somebody decided on such a line outranks what it says
decisions as (
    select subject_id, min(known_on) as decided_on
    from staged.decisions
    where subject_kind = 'cash' and known_on <= getvariable('day_until')
    group by subject_id
),

returns as (
    select
        lines_back.* exclude (is_back),
        row_number() over (
            partition by lines_back.chain_id, lines_back.payer_name, lines_back.amount
            order by lines_back.known_on, lines_back.transaction_no, lines_back.account_no
        ) as turn
    from lines_back
    left join decisions as by_number on lines_back.transaction_no = by_number.subject_id
    left join decisions as by_account
        on lines_back.account_no || '/' || lines_back.transaction_no = by_account.subject_id
    where
        lines_back.is_back
        and lines_back.known_on < coalesce(by_number.decided_on, date '9999-12-31')
        and lines_back.known_on < coalesce(by_account.decided_on, date '9999-12-31')
        and (lines_back.says_returned or len(lines_back.words) > 0)
),

-- the first version of each payment that may be meant
payments as (
    select
        known_on, account_no, transaction_no, chain_id, coalesce(payer_name, '') as payer_name,
        received_on, amount
    from staged.bank_receipts as receipts
    semi join (select distinct payer_name from returns) as payers
        on coalesce(receipts.payer_name, '') = payers.payer_name
    where receipts.known_on <= getvariable('day_until')
    qualify row_number() over (partition by account_no, transaction_no order by known_on) = 1
),

-- a payment of more, of which the line has the number, went back in part
returns_in_part as (
    select distinct named.account_no, named.transaction_no
    from (select *, unnest(words) as word from returns) as named
    inner join payments
        on
            named.payer_name = payments.payer_name
            and named.word = upper(payments.transaction_no)
    where
        payments.amount > named.amount
        and named.chain_id is not distinct from payments.chain_id
        and payments.known_on <= named.known_on
        and payments.received_on <= named.received_on
),

choices as (
    select
        returns.chain_id, returns.payer_name, returns.amount, returns.turn,
        returns.known_on as went_back_on, returns.says_returned,
        list_contains(returns.words, upper(payments.transaction_no)) as is_named,
        payments.account_no = returns.account_no as is_of_account,
        {
            'received_on': payments.received_on, 'transaction_no': payments.transaction_no,
            'account_no': payments.account_no
        } as payment
    from returns
    anti join returns_in_part using (account_no, transaction_no)
    inner join payments
        on returns.payer_name = payments.payer_name and returns.amount = payments.amount
    where
        returns.chain_id is not distinct from payments.chain_id
        and payments.known_on <= returns.known_on
        and payments.received_on <= returns.received_on
),

turns as (
    select
        chain_id, payer_name, amount, turn,
        row_number() over (partition by chain_id, payer_name, amount order by turn) as place
    from (select distinct chain_id, payer_name, amount, turn from choices)
),

in_order as (
    select
        choices.* exclude (turn, chain_id), coalesce(choices.chain_id, '') as chain_id, turns.place
    from choices
    inner join turns
        on
            choices.payer_name = turns.payer_name
            and choices.amount = turns.amount
            and choices.turn = turns.turn
    where choices.chain_id is not distinct from turns.chain_id
),

-- line by line, for no payment goes back twice
told as (
    select
        chain_id, payer_name, amount, cast(0 as bigint) as place,
        [cast(null as struct(received_on date, transaction_no varchar, account_no varchar))] as gone,
        cast(null as date) as went_back_on
    from in_order
    where place = 1
    group by chain_id, payer_name, amount
    union all
    select
        chain_id, payer_name, amount, place,
        list_append(
            gone,
            case
                when named = 1 then named_payment
                when named = 0 and says_returned then newest
            end
        ),
        went_back_on
    from (
        select
            in_order.chain_id, in_order.payer_name, in_order.amount, in_order.place,
            min(told.gone) as gone,
            min(in_order.went_back_on) as went_back_on,
            bool_or(in_order.says_returned) as says_returned,
            count(*) filter (
                in_order.is_named and not list_contains(told.gone, in_order.payment)
            ) as named,
            max(in_order.payment) filter (
                in_order.is_named and not list_contains(told.gone, in_order.payment)
            ) as named_payment,
            max(in_order.payment) filter (
                in_order.is_of_account and not list_contains(told.gone, in_order.payment)
            ) as newest
        from told
        inner join in_order
            on
                told.chain_id = in_order.chain_id
                and told.payer_name = in_order.payer_name
                and told.amount = in_order.amount
                and told.place + 1 = in_order.place
        group by in_order.chain_id, in_order.payer_name, in_order.amount, in_order.place
    )
),

final as (
    select
        gone[-1].account_no as account_no, gone[-1].transaction_no as transaction_no, went_back_on
    from told
    where place > 0 and gone[-1] is not null
)

select * from final
