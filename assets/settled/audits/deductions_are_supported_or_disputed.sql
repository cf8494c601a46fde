-- Every deduction is supported or disputed to the cent, and never supported beyond what was taken.

with offences as (
    select chain_id, statement_no, line_no, amount, supported_amount, disputed_amount, verdict
    from settled.deductions
    where
        known_on between getvariable('day_from') and getvariable('day_until')
        and (
            amount <> supported_amount + disputed_amount
            or disputed_amount < 0
            or verdict not in ('supported', 'above_agreement', 'unsupported')
        )
)

select * from offences
