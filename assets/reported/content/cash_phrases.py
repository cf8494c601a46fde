"""What is said of payments, in Chinese; longer phrases first."""

_N = r"(-?[\d,]+(?:\.\d+)?)"  # a figure
_KINDS = {
    "goods receipt": "验收单",
    "opening item": "期初项",
    "invoice": "发票",
    "statement": "对账单",
    "deduction": "扣款",
    "adjustment": "调整",
}

CASH_PHRASES = [
    # questions
    (
        "Which statement, advice or invoices does this payment settle\\?",
        "此款结算哪张对账单、付款通知或发票？",
    ),
    (
        "It was taken off what it had paid: which statement or invoices does it settle\\?",
        "已从原核销中退回：此款结算哪张对账单或发票？",
    ),
    (
        "What is the rest of this payment for\\? Its papers are covered already\\.",
        "所写单据已结清，余款结算什么？",
    ),
    (
        "Which payment went back\\? Decide match to with its transaction number\\.",
        "退回的是哪笔回款？请选匹配并写其交易流水号。",
    ),
    ("Which payment went back\\?", "退回的是哪笔回款？"),
    (
        r"Who is (.+)\? Decide assign with the customer's number\.",
        r"“\1”是谁？请选指派并写客户编号。",
    ),
    (r"Who is (.+)\?", r"“\1”是谁？"),
    (r"What is (.+)\? Its paper has not come\.", r"\1 是什么？尚未收到其单据。"),
    ("Which of these is it for\\?", "是其中哪一种？"),
    ("Is it for these items\\?", "是否结算这些项目？"),
    (
        "Which statement, invoice or item is meant\\? Decide again with its number\\.",
        "指哪张对账单、发票或哪一项？请写明编号后重选。",
    ),
    (
        "Whose items\\? Decide assign with the customer's number first\\.",
        "谁的欠款？请先选指派并写客户编号。",
    ),
    ("Whose payment is it\\?", "是谁的回款？"),
    ("Decide match to, unmatch, assign or oldest_first\\.", "请选匹配、不匹配、指派或先进先出。"),
    (rf"{_N} is left: what is it for\?", r"余 \1：结算什么？"),
    # evidence
    (
        r"the amount is the net of another debtor's statement (\S+), and of no other",
        r"金额等于另一客户的对账单 \1 的应付净额，且仅此一张",
    ),
    (
        r"the amount is the net of statement (\S+), and of no other",
        r"金额等于对账单 \1 的应付净额，且仅此一张",
    ),
    (r"the amount is what is open of (.+?), and of no other", r"金额等于 \1 的未清额，且仅此一项"),
    (r"the amount is the sum of store (\S+) in (\S+?)(?=[,:])", r"金额等于门店 \1 \2 月的合计"),
    (r"the amount is the sum of store (\S+?)(?=[,:])", r"金额等于门店 \1 的合计"),
    (r"the amount is the sum of month (\S+?)(?=[,:])", r"金额等于 \1 月的合计"),
    (r"the amount is the sum of dated (\S+) to (\S+?)(?=[,:])", r"金额等于 \1 至 \2 的合计"),
    (r"the amount is the sum of all up to (\S+?)(?=[,:])", r"金额等于截至 \1 的合计"),
    ("the amount is the sum of all that is open", "金额等于全部未清项的合计"),
    (r", no deductions(?=:)", "（不含扣款）"),
    (r", no credits(?=:)", "（不含贷项）"),
    (
        r"of all sets of at most (\d+), only (.+?) make up the amount",
        r"在至多 \1 项的组合中，仅 \2 合计等于金额",
    ),
    (rf"{_N} sets would fit by luck", r"偶然相符的组合预期为 \1 个"),
    (r"one set of (\d+) items fits, but it may be by luck", r"有一组 \1 项相符，但可能是偶然"),
    (r"but the memo names (\S+), which is not known", r"但附言所写 \1 尚未收到"),
    (r"the memo may name (.+), which is not known", r"附言可能写有单据号 \1，尚未收到"),
    ("the amount fits in (\\d+) ways or more", r"金额有 \1 种以上组合相符"),
    ("no open items make up the amount", "没有未清项合计等于此金额"),
    ("nothing is open", "没有未清项"),
    (
        "the search for items that make up the amount was given up at its limit",
        "查找相符组合已达上限而中止",
    ),
    (
        r"(\d+) items are open, too many to look for a set \(at most (\d+)\)",
        r"未清项 \1 项，过多而不查找组合（上限 \2）",
    ),
    (
        r"(\d+) items are open: larger sets of them make up nearly any amount",
        r"未清项 \1 项，较大的组合几乎可凑成任何金额",
    ),
    ("the payer's agreement says oldest first", "付款客户的协议约定先进先出"),
    ("money that went back", "退回的款项"),
    (r"(\S+) names what this payment was taken to be for", r"\1 写明结算此款原先核销的单据"),
    ("a paper that the payment names became known", "此款所写的单据已收到"),
    (r"(\S+) takes it back", r"由 \1 退回"),
    (r"it takes back (\S+)", r"退回 \1"),
    ("no payment of this amount has that number", "没有此流水号且金额相同的回款"),
    (r"(.+) decided: ", r"\1 决定："),
    (r", which is no customer of this chain", "，不是此连锁的客户"),
    (r"(\S+) is not known in this chain", r"此连锁没有 \1"),
    (r"(\S+) is not known", r"\1 不明"),
    (r"'(.+)' is not understood", r"“\1”无法理解"),
    # candidates
    (r" and either ", "，另加 "),
    (r"and (\d+) more", r"等另外 \1 项"),
    (r" \| ", " ｜ "),
    *((rf"\b{english} (?=\S+)", f"{chinese} ") for english, chinese in _KINDS.items()),
    ("; ", "；"),
]
