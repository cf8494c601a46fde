-- One row per word by which a decision on a kind of subject may be said (subject_kind, word), in lower
-- case: what it means. A reference table, replaced whole.

with words as (
    select *
    from (
        values
        ('exception', 'accept', ['accept', 'accepted', '接受', '认可']),
        ('exception', 'dispute', ['dispute', 'disputed', '争议']),
        (
            'exception', 'write_off',
            ['write_off', 'write off', 'write-off', 'written off', '核销', '冲销']
        ),
        ('exception', 'assign', ['assign', 'assigned', '指派', '转派']),
        ('exception', 'reopen', ['reopen', '重开', '撤销']),
        ('deduction', 'accept', ['accept', 'accepted', '接受', '认可']),
        ('deduction', 'dispute', ['dispute', 'disputed', '争议']),
        (
            'deduction', 'write_off',
            ['write_off', 'write off', 'write-off', 'written off', '核销', '冲销']
        ),
        ('deduction', 'reopen', ['reopen', '重开', '撤销']),
        ('suspected_match', 'match', ['match', '匹配']),
        ('suspected_match', 'unmatch', ['unmatch', '不匹配', '取消匹配']),
        ('warning', 'acknowledge', ['acknowledge', 'acknowledged', '已知悉', '知悉']),
        ('warning', 'snooze', ['snooze', '暂缓']),
        ('warning', 'reopen', ['reopen', '重开', '撤销'])
    ) as given (subject_kind, meaning, words)
),

final as (
    select subject_kind, unnest(words) as word, meaning
    from words
)

select * from final
