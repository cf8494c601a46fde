"""What became of decisions, in Chinese; longer phrases first."""

_N = r"(-?[\d,]+(?:\.\d+)?)"  # a figure
_D = r"(\d{4}-\d{2}-\d{2})"  # a day

DECISION_PHRASES = [
    # what stands
    (rf"listed no more while it is worth {_N}", r"金额为 \1 期间不再列出"),
    (rf"decided on at {_N}, it is {_N} now", r"决定时金额为 \1，现为 \2"),
    (r"listed as disputed by (.+), owner (.+)", r"列为争议（\1），责任人 \2"),
    (r"listed as disputed by (.+)", r"列为争议（\1）"),
    (rf'"(.+)" by (.+) on {_D} counts(?: now)?', r"以 \2 于 \3 的“\1”为准"),
    ("earlier decisions on it count no more", "此前的决定不再有效"),
    ("the same decision came before", "与先前收到的决定相同"),
    (rf"(.+) decided so on {_D}", r"\1 已于 \2 作出同样决定"),
    ("it is not listed: there is nothing to decide", "未列出，无需决定"),
    (r"(.+) is its owner", r"责任人改为 \1"),
    ("the paper is taken to be meant from this day on", "自当日起按此匹配"),
    ("the paper is not proposed any more", "不再提示此匹配"),
    ("another file of the day says otherwise and counts", "以当日另一文件为准"),
    (r"opened again by (.+)", r"由 \1 重开"),
    (
        "the decision names no amount and came while nothing was open",
        "决定未写金额，当时亦无未结事项",
    ),
    ("it counts", "已生效"),
    ("it says what stands already", "与现状相同"),
    ("a later decision counts: ", "以之后的决定为准："),
    # of deductions
    (rf"stays open as disputed: {_N}", r"继续列为争议：\1"),
    (rf"accepts {_N} of {_N} disputed", r"接受争议 \2 中的 \1"),
    (rf"writes off {_N} of {_N} disputed", r"核销争议 \2 中的 \1"),
    (rf"; {_N} was asked, but no more is open", r"；所写 \1 超过未结金额"),
    ("nothing of it was open any more", "已无未结金额"),
    ("nothing had been cleared", "此前未有核销"),
    ("what was decided before counts no more", "此前的决定不再有效"),
    ("a later decision reopens the deduction", "已被之后的重开取代"),
    ("no payment has taken it yet; it counts when one does", "尚未扣款，扣款后生效"),
    ("the amount must be above nothing", "金额须大于零"),
    # why something closed
    (rf"closed on {_D} already: ", r"已于 \1 关闭："),
    ("what it says no longer holds", "所述情形已不存在"),
    ("the order is paid", "订单已收款"),
    ("the order is cancelled", "订单已取消"),
    (rf"accepted by (.+?) on {_D}", r"\1 于 \2 接受"),
    (rf"written off by (.+?) on {_D}", r"\1 于 \2 核销"),
    # what was not taken
    (r'(?:the decision )?"(.+)" is not understood: say .*', r"“\1”无法理解，请从下拉列表中选择"),
    (
        r"no (?:exception|suspected match|deduction|payment) has this number; copy it from .* list",
        "没有此编号，请从清单中复制",
    ),
    (r"this is the number of an? .+: say so in subject_kind", "此编号属于另一类对象"),
    (
        r"contradicts row (\d+)(?: of (.+?))?, which says '(.+)' on the same; none of them is .*",
        r"与 \2 第 \1 行（\3）矛盾，两行均未采用；请只留一行后重发",
    ),
    (
        r"unknown: '(.*)' names no row of a worklist; copy the .+",
        r"编号“\1”不是清单中的编号，请从清单原样复制",
    ),
    (
        r"'(.+)' is no decision on this row; choose one of .*",
        r"“\1”不适用于此行，请从下拉列表中选择",
    ),
    (r"Nobody stands behind it: write who decided into .*", "缺少决定人"),
    (r"'(.+)' needs a name or number in .*", r"“\1”须写明指派给谁或匹配到哪张单据"),
    (r"'(.+)' needs a day such as (\S+) in .*", r"“\1”须写明日期，例如 \2"),
]
