-- One row per invoice (invoice_no) of which a version, the goods that it bills or its end became
-- known in the window.

with final as (
    select invoice_no
    from staged.invoices
    where known_on between getvariable('day_from') and getvariable('day_until')
    union
    select invoice_no
    from matched.invoiced_goods
    where known_on between getvariable('day_from') and getvariable('day_until')
    union
    select invoice_no
    from matched.invoice_ends
    where known_on between getvariable('day_from') and getvariable('day_until')
)

select * from final
