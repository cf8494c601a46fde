-- One row per deduction line of a statement or a remittance advice (chain_id, paper_no, line_no) and
-- day its paper became known: who took it, from which store, what fee it is and how it is settled.
-- Amounts are positive when taken. The category comes from the policy's code map, else from the
-- words of the fee's name; what neither tells is `unknown`.

with statements as (
    select *
    from staged.statements
    where known_on between getvariable('day_from') and getvariable('day_until')
),

debtors as (
    select *
    from matched.statement_debtors
    where known_on between getvariable('day_from') and getvariable('day_until')
),

fees_of_advices as (
    select *
    from staged.remittance_advices
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and fee_code is not null
),

-- the statement that an advice names, as it was known when the advice came
named_statements as (
    select
        fees.chain_id, fees.advice_no, fees.line_no, fees.known_on, fees.statement_no,
        fees.fee_code, debtors.debtor_id, debtors.party_id, named.goods_amount, named.period_end,
        named.known_on as goods_known_on
    from fees_of_advices as fees
    inner join staged.statements as named
        on
            fees.chain_id = named.chain_id
            and fees.statement_no = named.statement_no
            and fees.known_on >= named.known_on
    inner join matched.statement_debtors as debtors
        on
            named.chain_id = debtors.chain_id
            and named.statement_no = debtors.statement_no
            and named.known_on = debtors.known_on
    qualify row_number() over (
        partition by fees.chain_id, fees.advice_no, fees.line_no, fees.known_on
        order by named.known_on desc
    ) = 1
),

-- the lines of statements whose goods give an allowance
counted_lines as (
    select lines.*
    from staged.statement_lines as lines
    semi join (
        select chain_id, statement_no, known_on from statements
        union
        select chain_id, statement_no, goods_known_on from named_statements
    ) as counted using (chain_id, statement_no, known_on)
    where lines.known_on <= getvariable('day_until')
),

store_goods as (
    select
        chain_id, statement_no, known_on as goods_known_on, store_id, sum(amount) as goods_amount
    from counted_lines
    where line_kind in ('receipt', 'return') and store_id is not null
    group by chain_id, statement_no, known_on, store_id
),

-- stores that have a line of their own for a fee, on the statement or on the advice that names it
own_lines as (
    select
        known_on, chain_id, 'statement' as paper_kind, statement_no as paper_no, statement_no,
        known_on as goods_known_on, fee_code, store_id
    from counted_lines
    where
        known_on >= getvariable('day_from')
        and line_kind = 'deduction' and store_id is not null and amount < 0
    union
    select
        named.known_on, named.chain_id, 'remittance_advice', named.advice_no, named.statement_no,
        named.goods_known_on, named.fee_code, lines.store_id
    from named_statements as named
    inner join counted_lines as lines
        on
            named.chain_id = lines.chain_id
            and named.statement_no = lines.statement_no
            and named.goods_known_on = lines.known_on
            and named.fee_code = lines.fee_code
    where lines.line_kind = 'deduction' and lines.store_id is not null and lines.amount < 0
    union
    select
        fees.known_on, fees.chain_id, 'remittance_advice', fees.advice_no, fees.statement_no,
        named.goods_known_on, fees.fee_code, fees.store_id
    from fees_of_advices as fees
    inner join named_statements as named using (chain_id, advice_no, line_no, known_on)
    where fees.store_id is not null and fees.amount < 0
),

-- a line without a store is counted on the goods of all stores that have no line of their own
own_store_goods as (
    select
        own_lines.known_on, own_lines.chain_id, own_lines.paper_kind, own_lines.paper_no,
        own_lines.statement_no, own_lines.fee_code,
        list(own_lines.store_id order by own_lines.store_id) as own_store_ids,
        sum(store_goods.goods_amount) as goods_amount
    from own_lines
    left join store_goods
        on
            own_lines.chain_id = store_goods.chain_id
            and own_lines.statement_no = store_goods.statement_no
            and own_lines.goods_known_on = store_goods.goods_known_on
            and own_lines.store_id = store_goods.store_id
    group by
        own_lines.known_on, own_lines.chain_id, own_lines.paper_kind, own_lines.paper_no,
        own_lines.statement_no, own_lines.fee_code
),

on_statements as (
    select
        lines.known_on, lines.chain_id, 'statement' as paper_kind,
        lines.statement_no as paper_no, lines.line_no, lines.statement_no,
        cast(null as varchar) as advice_no, lines.statement_no as goods_paper_no,
        coalesce(lines.store_id, debtors.party_id, debtors.debtor_id) as store_id,
        lines.store_id is not null as has_store, debtors.debtor_id,
        coalesce(statements.period_end, lines.document_date, lines.known_on) as stated_on,
        coalesce(lines.document_date, statements.period_end, lines.known_on) as counted_on,
        lines.fee_code, lines.fee_name, lines.deduction_kind, lines.amount,
        case
            when lines.store_id is not null then coalesce(store_goods.goods_amount, 0)
            else statements.goods_amount - coalesce(own_store_goods.goods_amount, 0)
        end as goods_amount,
        lines.known_on as goods_known_on, own_store_goods.own_store_ids,
        lines.file_id, lines.sheet, lines.row_no
    from staged.statement_lines as lines
    inner join statements using (known_on, chain_id, statement_no)
    inner join debtors using (known_on, chain_id, statement_no)
    left join store_goods
        on
            lines.known_on = store_goods.goods_known_on
            and lines.chain_id = store_goods.chain_id
            and lines.statement_no = store_goods.statement_no
            and lines.store_id = store_goods.store_id
    left join own_store_goods
        on
            lines.known_on = own_store_goods.known_on
            and lines.chain_id = own_store_goods.chain_id
            and own_store_goods.paper_kind = 'statement'
            and lines.statement_no = own_store_goods.paper_no
            and lines.fee_code = own_store_goods.fee_code
    where
        lines.known_on between getvariable('day_from') and getvariable('day_until')
        and lines.line_kind = 'deduction'
),

store_terms as (
    select * from staged.steps.store_term_versions
    where category is null
),

on_advices as (
    select
        fees.known_on, fees.chain_id, 'remittance_advice' as paper_kind,
        fees.advice_no as paper_no, fees.line_no, cast(null as varchar) as statement_no,
        fees.advice_no, coalesce(fees.statement_no, fees.advice_no) as goods_paper_no,
        coalesce(
            fees.store_id, named.party_id, named.debtor_id, 'unknown:' || fees.chain_id
        ) as store_id,
        fees.store_id is not null as has_store,
        coalesce(
            named.debtor_id, terms.debtor_id, fees.store_id, 'unknown:' || fees.chain_id
        ) as debtor_id,
        coalesce(named.period_end, fees.paid_on, fees.known_on) as stated_on,
        coalesce(named.period_end, fees.paid_on, fees.known_on) as counted_on,
        fees.fee_code, cast(null as varchar) as fee_name,
        cast(null as varchar) as deduction_kind, fees.amount,
        case
            when fees.store_id is not null then coalesce(store_goods.goods_amount, 0)
            else coalesce(named.goods_amount - coalesce(own_store_goods.goods_amount, 0), 0)
        end as goods_amount,
        named.goods_known_on, own_store_goods.own_store_ids,
        fees.file_id, fees.sheet, fees.row_no
    from fees_of_advices as fees
    left join named_statements as named using (chain_id, advice_no, line_no, known_on)
    left join store_goods
        on
            fees.chain_id = store_goods.chain_id
            and fees.statement_no = store_goods.statement_no
            and named.goods_known_on = store_goods.goods_known_on
            and fees.store_id = store_goods.store_id
    left join own_store_goods
        on
            fees.known_on = own_store_goods.known_on
            and fees.chain_id = own_store_goods.chain_id
            and own_store_goods.paper_kind = 'remittance_advice'
            and fees.advice_no = own_store_goods.paper_no
            and fees.statement_no = own_store_goods.statement_no
            and fees.fee_code = own_store_goods.fee_code
    left join store_terms as terms
        on
            fees.chain_id = terms.chain_id
            and fees.store_id = terms.store_id
            and fees.known_on >= terms.known_from
            and fees.known_on < terms.known_until
            and coalesce(named.period_end, fees.paid_on, fees.known_on)
            between terms.valid_from and terms.valid_to
),

lines as (
    select * from on_statements
    union all
    select * from on_advices
),

-- an agreement names its fee, too
agreed_names as (
    select
        lines.known_on, lines.chain_id, lines.fee_code,
        min(agreements.fee_name) as fee_name
    from (select distinct known_on, chain_id, fee_code from lines) as lines
    inner join staged.deduction_agreements as agreements
        on
            lines.chain_id = agreements.chain_id
            and lines.fee_code = agreements.fee_code
            and lines.known_on >= agreements.known_on
    group by lines.known_on, lines.chain_id, lines.fee_code
),

codes as (
    select code.chain_id, code.code as fee_code, code.category, code.kind
    from (
        select
            unnest(
                cast(
                    getvariable('policy').deductions.codes
                    as struct(chain_id varchar, code varchar, category varchar, kind varchar)[]
                )
            ) as code
    )
),

own_codes as (
    select chain_id, fee_code, category, kind from codes where chain_id is not null
),

general_codes as (
    select fee_code, category, kind from codes where chain_id is null
),

words as (
    select said.category, place, name_key(unnest(said.words)) as word
    from (
        select
            unnest(
                cast(
                    getvariable('policy').deductions.words
                    as struct(category varchar, words varchar[])[]
                )
            ) as said,
            generate_subscripts(getvariable('policy').deductions.words, 1) as place
    )
),

names as (
    select distinct name_key(fee_name) as name
    from (
        select fee_name from lines
        union
        select fee_name from agreed_names
    )
    where fee_name is not null
),

-- the longest word decides; of equal ones the category that the policy lists first
told as (
    select names.name, words.category, words.word
    from names
    cross join words
    where contains(names.name, words.word)
    qualify row_number() over (
        partition by names.name order by length(words.word) desc, words.place, words.word
    ) = 1
),

coded as (
    select
        lines.*,
        coalesce(own_codes.category, general_codes.category) as code_category,
        coalesce(own_codes.kind, general_codes.kind) as code_kind,
        coalesce(lines.fee_name, agreed_names.fee_name) as said_name
    from lines
    left join own_codes
        on lines.chain_id = own_codes.chain_id and lines.fee_code = own_codes.fee_code
    left join general_codes on lines.fee_code = general_codes.fee_code
    left join agreed_names
        on
            lines.known_on = agreed_names.known_on
            and lines.chain_id = agreed_names.chain_id
            and lines.fee_code = agreed_names.fee_code
),

final as (
    select
        coded.known_on,
        substr(
            md5(
                'deduction|' || coded.chain_id || '|' || coded.paper_no || '#'
                || cast(coded.line_no as varchar)
            ),
            1, 16
        ) as deduction_id,
        coded.chain_id, coded.paper_kind, coded.paper_no, coded.line_no, coded.statement_no,
        coded.advice_no, coded.goods_paper_no, coded.debtor_id, coded.store_id, coded.has_store,
        coded.stated_on, coded.counted_on, coded.fee_code, coded.fee_name,
        coalesce(coded.code_category, told.category, 'unknown') as fee_category,
        case
            when coded.code_category is not null then 'code ' || coded.fee_code
            when told.category is not null then 'word ' || told.word
        end as coded_by,
        coded.deduction_kind as said_kind, coded.code_kind,
        cast(-coded.amount as decimal(18, 2)) as amount,
        cast(coded.goods_amount as decimal(18, 2)) as goods_amount,
        coded.goods_known_on, coded.own_store_ids,
        coded.file_id, coded.sheet, coded.row_no
    from coded
    left join told on name_key(coded.said_name) = told.name
)

select * from final
