"""The warehouse's English phrases about warnings in Chinese, longer phrases first."""

_N = r"(-?[\d,]+(?:\.\d+)?)"  # a figure
_D = r"(\d{4}-\d{2}-\d{2})"  # a day
_M = r"(\d{4}-\d{2})"  # a month

WARNING_PHRASES = [
    (rf"not since {_D}, and then: ", r"\1 后未再出现，当时："),
    # expense over
    (rf"{_N} of fees in {_M} against a budget of {_N}", r"\2 费用 \1，超出预算 \3"),
    (rf"{_N} of fee (\S+) in {_M} against a budget of {_N}", r"\3 费用 \2 共 \1，超出预算 \4"),
    (
        (
            rf"{_N} of fees in {_M} are {_N} % of the sales, against {_N} % in the {_N} months "
            "before"
        ),
        r"\2 费用 \1 占销售 \3%，此前 \5 个月为 \4%",
    ),
    (r" \(reported by ([^)]+)\)", r"（\1 报告）"),
    # failing chain
    (
        rf"paid {_N}, {_N} and {_N} days after the due date in the last three months",
        r"近三个月平均逾期付款 \1、\2、\3 天",
    ),
    (
        (rf"{_N} is left of what they paid in part, after {_N} 30 days and {_N} 60 days before"),
        r"部分付款后尚欠 \1（30 天前 \2，60 天前 \3）",
    ),
    (rf"{_N} of {_N} stores closed in {_N} days", r"\3 天内 \2 家门店中关闭 \1 家"),
    (
        rf"the statement to {_D} came {_N} days after its period, usually {_N}",
        r"截至 \1 的对账单迟 \2 天送达，通常 \3 天",
    ),
    (
        rf"no statement since the one to {_D}, the next was due around {_D}",
        r"截至 \1 之后无对账单，应于 \2 前后送达",
    ),
    # legal term
    (
        (
            rf"(\S+) allows up to {_N} days after receipt \((\w+) {_N}\): order 17 of 2006 caps "
            rf"agreed terms at {_N} days after receipt"
        ),
        r"协议 \1 收货后最长 \2 天付款：2006 年第 17 号令规定约定账期不超过收货后 \5 天",
    ),
    (
        rf"(\S+) allows up to {_N} days after receipt \((\w+) {_N}\)",
        r"协议 \1 收货后最长 \2 天付款",
    ),
    (
        rf"(\S+) allows up to {_N} days after the invoice \((\w+) {_N}\)",
        r"协议 \1 票到后 \2 天付款",
    ),
    (
        rf": order 17 of 2006 caps agreed terms at {_N} days after receipt",
        r"：2006 年第 17 号令规定约定账期不超过收货后 \1 天",
    ),
    (
        (
            rf"{_N} is open more than {_N} days, the oldest since {_D}: order 802 makes large "
            rf"buyers pay small suppliers within {_N} days of delivery"
        ),
        r"超过 \2 天未付 \1，最早 \3：国务院令第 802 号要求大型企业自交付起 \4 天内向中小企业付款",
    ),
    # limitation clock
    (rf"{_N} is due since {_D} or later", r"\1 自 \2 起陆续到期"),
    ("no payment, promise or signed confirmation since", "此后无付款、承诺或签章确认"),
    (rf"the last payment was on {_D}", r"最近付款 \1"),
    (rf"the last promise was on {_D}", r"最近承诺 \1"),
    (rf"the last signed confirmation was on {_D}", r"最近签章确认 \1"),
    (rf", so the claim was barred on {_D}", r"，诉讼时效已于 \1 届满"),
    (rf", so the claim is barred after {_D} \({_N} days left\)", r"，诉讼时效至 \1（剩 \2 天）"),
    (rf": Civil Code, article {_N}", r"（民法典第 \1 条）"),
]
ANSWER_PHRASES = [
    ("^acknowledge", "知悉"),
    (rf"^snooze until {_D}", r"暂缓至 \1"),
    ("^reopen", "重开"),
    (r"^(知悉|重开|暂缓至 [\d-]+) by ", r"\1，"),
    ("; graver since, so it stands again$", "；此后更严重，重新列出"),
]
