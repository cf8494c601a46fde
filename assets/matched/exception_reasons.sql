-- One row per exception reason (reason): its labels, whose move it is, and what is to be done.
-- A reference table, replaced whole. An owner of null means the account manager of the customer.

with reasons as (
    select *
    from (
        values
        ('undelivered', '未送货', 'undelivered', '仓库', '确认能否送货；不能送则请超市取消订单'),
        ('partly_delivered', '欠交', 'partly delivered', '仓库', '补送欠交部分，或确认不再补送'),
        ('over_delivered', '超交', 'over-delivered', '仓库', '请门店补单，或拉回多送的货'),
        ('unreceived', '无验收单', 'unreceived', null, '向门店索要验收单，核对签收'),
        ('short_received', '短收', 'short received', null, '与门店核对短收数量，确认退回或补验收'),
        ('price_difference', '价差', 'price difference', null, '与采购核对进价，补差或更正'),
        ('tax_difference', '税差', 'tax difference', '开票', '核对商品税率后更正'),
        ('returned', '退货', 'returned', '开票', '核对退货，申请开具红字发票'),
        ('uninvoiced', '未开票', 'uninvoiced', '开票', '提交开票申请并开票'),
        ('over_invoiced', '多开', 'over-invoiced', '开票', '核对发票对应的验收单；多开部分开红字'),
        ('invoice_not_handed_over', '未交票', 'invoice not handed over', null, '把发票交给超市并取得签收'),
        ('wrong_invoice_title', '抬头不符', 'wrong invoice title', '开票', '与债务人核对抬头，必要时红冲重开'),
        ('not_on_statement', '未入对账单', 'not on statement', null, '请超市把验收单补入下期对账单'),
        (
            'statement_amount_differs', '对账差异', 'statement amount differs', null,
            '与超市核对对账金额与验收金额'
        ),
        (
            'on_statement_without_documents', '对方多列', 'on statement without our documents',
            null, '向超市索要对应单据'
        ),
        ('duplicate_document', '重复', 'duplicate document', '财务', '确认为重复发送，无需处理'),
        (
            'unexplained_deduction', '无合同扣款', 'unexplained deduction', null,
            '向超市索要扣款依据；无依据则追回'
        ),
        (
            'suspected_match', '疑似匹配', 'suspected match', null,
            '核对原单，在疑似匹配中确认或否定'
        ),
        ('future_date', '日期在未来', 'dated in the future', '财务', '与出具方核对日期，更正后重发'),
        (
            'contradictory_reference', '引用矛盾', 'contradictory reference', '财务',
            '核对单据上的单号，更正后重发'
        ),
        (
            'number_reused', '单号重复使用', 'number used before', '财务',
            '确认是更正还是另一份单据；另一份须换单号重发'
        ),
        ('unusual_amount', '金额异常', 'unusual amount', '财务', '核对金额；为零或为负的须说明')
    ) as given (reason, reason_zh, reason_en, owner, next_action)
)

select * from reasons
