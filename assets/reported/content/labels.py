"""Chinese and English names of the codes and headings that people read in packs and mails."""

from receivables.workbook import Label, Language, Tone, bilingual

BUCKETS = {"not_due": bilingual("未到期", "not due")}

ITEM_KINDS = {
    "invoice": bilingual("发票", "invoice"),
    "red_invoice": bilingual("红字发票", "red invoice"),
    "uninvoiced": bilingual("应收暂估", "uninvoiced goods"),
    "deduction": bilingual("争议扣款", "deduction"),
    "cash": bilingual("回款", "cash"),
    "write_off": bilingual("核销差额", "write-off"),
    "adjustment": bilingual("结算调整", "adjustment"),
    "opening_item": bilingual("期初余额", "opening item"),
}

YES_NO = {"yes": bilingual("是", "yes"), "no": bilingual("否", "no")}

LEVELS = {
    "company": bilingual("全公司", "company"),
    "chain": bilingual("连锁", "chain"),
    "debtor": bilingual("付款客户", "debtor"),
}

CHANGING_PAPERS = {
    "bank_receipt": bilingual("银行进账", "bank receipt"),
    "goods_receipt": bilingual("验收单", "goods receipt"),
    "invoice": bilingual("发票", "invoice"),
    "deduction": bilingual("扣款", "deduction"),
    "adjustment": bilingual("结算调整", "adjustment"),
    "opening_item": bilingual("期初余额", "opening item"),
}

PAPERS = {
    "delivery": bilingual("送货单", "delivery"),
    "goods_receipt": bilingual("验收单", "goods receipt"),
    "invoice": bilingual("发票", "invoice"),
    "statement": bilingual("对账单", "statement"),
    "bank_receipt": bilingual("银行进账", "bank receipt"),
}

PATTERNS = {
    "branch_branch": bilingual("分店送货、分店结算", "branch and branch"),
    "branch_head": bilingual("分店送货、总店结算", "branch and head office"),
    "head_head": bilingual("总店送货、总店结算", "head office and head office"),
    "branch": bilingual("货在分店", "goods at a branch"),
    "none": bilingual("总店送货、分店付款", "goods at the head, money of a branch"),
    "mixed": bilingual("两者都有", "both"),
}

CAP_PERIODS = {
    "year": bilingual("每年", "a year"),
    "month": bilingual("每月", "a month"),
    "statement": bilingual("每张对账单", "a statement"),
}

# in the order in which a bridge is read
CAUSES = {
    "opening": bilingual("上日余额", "opening"),
    "new_goods": bilingual("新收货", "new goods"),
    "returns": bilingual("退货", "returns"),
    "new_invoices": bilingual("开票差额", "new invoices"),
    "reversals": bilingual("红冲", "reversals"),
    "cash": bilingual("回款", "cash"),
    "deductions": bilingual("认可扣款", "deductions"),
    "write_offs": bilingual("核销差额", "write-offs"),
    "transfers": bilingual("付款方变更", "transfers"),
    "opening_items": bilingual("期初录入", "opening items"),
    "late_paper": bilingual("迟到单据", "late papers"),
    "restatements": bilingual("单据更正", "restatements"),
    "restated_statements": bilingual("对账单重报", "restated statements"),
    "closing": bilingual("本日余额", "closing"),
}

# Exceptions name who acts and what to do in Chinese; this is what they say in English.
OWNERS = {
    "仓库": bilingual("仓库", "warehouse"),
    "开票": bilingual("开票", "invoicing"),
    "财务": bilingual("财务", "finance"),
    "客户经理": bilingual("客户经理", "account manager"),
}

NEXT_ACTIONS = {
    "undelivered": "deliver, or ask the chain to cancel the order",
    "partly_delivered": "deliver the rest, or confirm that it will not come",
    "over_delivered": "ask the store for an order, or fetch the surplus back",
    "unreceived": "ask the store for the goods receipt, compare the signature",
    "short_received": "check the quantity with the store: returned, or a receipt is missing",
    "price_difference": "check the price with the buyer, make up or correct",
    "tax_difference": "check the tax rate of the goods and correct",
    "returned": "check the return, apply for a red invoice",
    "uninvoiced": "hand in the invoice application and invoice",
    "over_invoiced": "check the goods receipts behind it; red invoice for the surplus",
    "invoice_not_handed_over": "hand the invoice to the chain and have it signed for",
    "wrong_invoice_title": "check the title with the debtor; reverse and reissue if need be",
    "not_on_statement": "ask the chain to put the receipt on the next statement",
    "statement_amount_differs": "compare statement and receipt with the chain",
    "on_statement_without_documents": "ask the chain for the documents",
    "duplicate_document": "confirm that it was sent twice; nothing else to do",
    "unexplained_deduction": "ask the chain for the grounds; reclaim where there are none",
    "suspected_match": "look at the paper itself; confirm or refuse it in the suspected matches",
    "future_date": "check the date with whoever issued the paper; send it again corrected",
    "contradictory_reference": "check the numbers that the papers name; send them again corrected",
    "number_reused": "a correction, or another paper? Another one needs a number of its own",
    "unusual_amount": "check the amount; zero or below needs a reason",
}

CREDIT_ACTIONS = {
    "normal": bilingual("正常", "normal"),
    "watch": bilingual("关注", "watch"),
    "hold": bilingual("停货", "hold shipments"),
    "reduce": bilingual("降额或缩短账期", "reduce limit or shorten term"),
    "stop": bilingual("停止交易", "stop trading"),
}

LIMIT_BASES = {
    "own": bilingual("本户授信", "own approval"),
    "shared": bilingual("集团授信", "the group's approval"),
    "cash": bilingual("无授信（现款）", "none: pays cash"),
}

WARNING_KINDS = {
    "over_limit": bilingual("外欠款超限", "over limit"),
    "near_limit": bilingual("外欠款接近额度", "near limit"),
    "sales_behind": bilingual("销售进度落后", "sales behind"),
    "expense_over": bilingual("费用超支", "expense over"),
    "customer_lost": bilingual("客户流失", "customer lost"),
    "major_incident": bilingual("重大变故", "major incident"),
    "failing_chain": bilingual("倒闭风险", "failing chain"),
    "legal_term": bilingual("超法定账期", "legal term"),
    "limitation_clock": bilingual("诉讼时效", "limitation clock"),
}

WARNING_STATES = {
    "standing": bilingual("未处理", "standing"),
    "away": bilingual("条件暂失", "away"),
    "acknowledged": bilingual("已知悉", "acknowledged"),
    "snoozed": bilingual("已暂缓", "snoozed"),
    "cleared": bilingual("已解除", "cleared"),
}

SEVERITIES = {
    "high": bilingual("高", "high"),
    "medium": bilingual("中", "medium"),
    "low": bilingual("低", "low"),
    "critical": bilingual("严重", "critical"),
    "warning": bilingual("警告", "warning"),
    "info": bilingual("提示", "info"),
}

# of the years of an aging for provisions; English says them as the table does
BANDS = {
    "within": bilingual("{}年以内", ""),
    "over": bilingual("{}年以上", ""),
    "between": bilingual("{}年", ""),
}

SEVERITY_TONES = {
    "critical": Tone.BAD,
    "high": Tone.BAD,
    "medium": Tone.POOR,
    "warning": Tone.POOR,
}

TIER_TONES = {"A": Tone.GOOD, "B": Tone.FAIR, "C": Tone.POOR, "D": Tone.BAD}

ACTION_TONES = {
    "watch": Tone.POOR,
    "reduce": Tone.POOR,
    "hold": Tone.BAD,
    "stop": Tone.BAD,
}

# of matching, as docs/matching.md tells them
RULES = {
    "exact": bilingual("单号相同", "the very number"),
    "contradicted": bilingual("单号相同但与他单矛盾", "the number, contradicted"),
    "outvoted": bilingual("单号相同但多数单据另指", "the number, outvoted"),
    "upheld": bilingual("单号相同，异议已撤回", "the number, upheld"),
    "normalised": bilingual("单号规范化后相同", "the number but for its writing"),
    "application_register": bilingual("同行其他单号", "other numbers beside it"),
    "suffix": bilingual("单号末尾相同", "the end of the number"),
    "one_edit": bilingual("单号差一位", "one sign differs"),
    "only_pair": bilingual("同店同额唯一一对", "the only pair of a store"),
    "invoice_remark": bilingual("发票备注", "the invoice's remark"),
    "sum_of_receipts": bilingual("验收单合计", "receipts that sum to it"),
}

PAIRS = {
    "aging_by_due_date": bilingual("账龄（按逾期）= 未清明细", "aging by due date = open items"),
    "aging_by_document": bilingual("账龄（按单据）= 未清明细", "aging by document = open items"),
    "open_items_and_ledger": bilingual("未清明细 = 应收台账", "open items = ledger"),
    "debtors_that_agree": bilingual("逐户相符的付款客户数", "debtors that agree one by one"),
    "stores_that_agree": bilingual("逐店相符的门店数", "stores that agree one by one"),
    "cash": bilingual("银行进账 = 已核销 + 未核销", "cash received = applied + unapplied"),
    "bridge": bilingual("上日余额 + 本期变动 = 本日余额", "opening + causes = closing"),
    "trial": bilingual(
        "月初余额 + 本月各项 = 未清明细", "month's opening + month's entries = open items"
    ),
    "rows_received": bilingual(
        "收到行数 = 入账 + 重复 + 退回", "rows in = staged + duplicate + rejected"
    ),
    "amounts_received": bilingual(
        "收到金额 = 入账 + 重复 + 退回", "amount in = staged + duplicate + rejected"
    ),
}

CHANGES = {
    "new_holds": bilingual("新增停货客户", "customers newly on hold"),
    "released_holds": bilingual("解除停货客户", "customers released from hold"),
    "moved_tiers": bilingual("信用等级变动", "credit tier changes"),
    "new_warnings": bilingual("新增预警", "new warnings"),
    "cleared_warnings": bilingual("解除预警", "warnings cleared"),
    "new_exceptions": bilingual("新增异常", "new exceptions"),
    "solved_exceptions": bilingual("已解决异常", "exceptions solved"),
}

SCORE_PARTS = {
    "scale": bilingual("经营规模", "scale"),
    "sales": bilingual("销售规模", "sales"),
    "nature": bilingual("企业性质", "nature"),
    "record": bilingual("信用记录", "record"),
    "conclusion": bilingual("结论", "conclusion"),
}


def next_action(reason: str, chinese: str, language: Language) -> str:
    """What to do about an exception; the table's own words where a reason has no English."""
    return chinese if language == "zh" else NEXT_ACTIONS.get(reason, chinese)


def said(labels: dict[str, Label], code: str, language: Language) -> str:
    """The label of a code; the code itself where it has none."""
    return labels[code].say(language) if code in labels else code
