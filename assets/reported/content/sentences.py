"""The warehouse's English sentences in Chinese.

Evidence is written once, in English, where it arises; what it is made of is few phrases around
figures and ids. A phrase that is not known here stays as it is, so nothing is ever lost.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assets.reported.content.cash_phrases import CASH_PHRASES
from assets.reported.content.decision_phrases import DECISION_PHRASES
from assets.reported.content.labels import CREDIT_ACTIONS, SCORE_PARTS
from assets.reported.content.warning_phrases import ANSWER_PHRASES, WARNING_PHRASES
from receivables.workbook import Language

_N = r"(-?[\d,]+(?:\.\d+)?)"  # a figure
_D = r"(\d{4}-\d{2}-\d{2})"  # a day
_W = r"([\w+-]+)"  # an id, a tier, a class
_KINDS = {
    "order": "订单",
    "delivery": "送货单",
    "receipt": "验收单",
    "application": "开票申请",
    "invoice": "发票",
    "statement": "对账单",
    "advice": "付款通知",
    "payment": "付款",
}
_K = rf"({'|'.join(_KINDS)})"  # the kind of a paper

# Longer phrases first: each is replaced wherever it stands.
_PHRASES = [
    # classes and limits
    (rf"{_N} a month from ([\d-]+) to ([\d-]+): band {_W}", r"\2 至 \3 月均 \1，属 \4 档"),
    (rf"margin {_N} % exceeds the quota of {_N} %: one class up", r"毛利率 \1% 超过 \2%，升一档"),
    (rf"margin {_N} % within the quota of {_N} %", r"毛利率 \1% 未超过 \2%"),
    (
        rf"margin unknown \(cost known for {_N} % of the sales\): no move up",
        r"毛利率未知（仅 \1% 的销售有成本），不升档",
    ),
    ("this band does not move up", "该档不升档"),
    (rf"approval {_W} ended on {_D}: cash only", r"授信 \1 已于 \2 到期，只收现款"),
    ("no approved credit application: cash only", "无已批准的授信申请，只收现款"),
    (rf"tier {_W} has no limit: cash only", r"\1 级无额度，只收现款"),
    (
        rf"limit {_N} x {_N} a month x {_N}/30 months = {_N}",
        r"额度 = 系数 \1 × 月均 \2 × 账期 \3/30 月 = \4",
    ),
    ("no full month of sales yet: ", "尚无完整销售月份："),
    (rf"approval {_W} allows {_N} to the group of {_W}", r"授信 \1 批准集团 \3 额度 \2"),
    (rf"approval {_W} allows {_N}", r"授信 \1 批准额度 \2"),
    (rf"its head office has {_N}", r"总部额度 \1"),
    # tiers and actions
    (
        rf"tier {_W} to {_W}: score {_N} to {_N}",
        r"等级由 \1 变为 \2，评分由 \3 变为 \4",
    ),
    (
        rf"tier {_W} to {_W} by a score of {_N} to {_N}",
        r"等级由 \1 变为 \2，评分由 \3 变为 \4",
    ),
    (rf"class {_W} to {_W}", r"客户分类由 \1 变为 \2"),
    (rf"limit {_N} to {_N}", r"额度由 \1 变为 \2"),
    *(
        (rf"{part} {_N} to {_N} points: ", rf"{label.zh}由 \1 分变为 \2 分：")
        for part, label in SCORE_PARTS.items()
    ),
    *(
        (f"action {was} to {now}", f"措施由{before.zh}变为{after.zh}")
        for was, before in CREDIT_ACTIONS.items()
        for now, after in CREDIT_ACTIONS.items()
    ),
    (rf"tier {_W}: score {_N}", r"\1 级，评分 \2"),
    (rf"{_N} overdue more than {_N} days: stop trading", r"逾期超过 \2 天的欠款 \1，停止交易"),
    (
        rf"{_N} overdue beyond {_N} days of grace: hold shipments",
        r"超过宽限期 \2 天的逾期 \1，停货",
    ),
    (
        rf"{_N} overdue beyond {_N} days of grace, the oldest since {_D} \({_N} days\)",
        r"超过宽限期 \2 天的逾期 \1，最早于 \3 到期（已 \4 天）",
    ),
    (
        rf"pays {_N} days late on average: reduce the limit or shorten the term",
        r"平均迟付 \1 天，降低额度或缩短账期",
    ),
    (rf"exposure {_N} of a limit of {_N}: watch", r"敞口 \1，额度 \2，关注"),
    (rf"{_N} received from them waits to be placed", r"已收款 \1 待核销"),
    (rf"{_N} is collected", r"收回 \1"),
    # score
    (rf"{_N} stores", r"\1 家门店"),
    ("stores not known", "门店数未知"),
    (rf"{_N} square metres", r"\1 平方米"),
    ("area not known", "面积未知"),
    (rf"registered capital {_N}", r"注册资本 \1"),
    ("registered capital not known", "注册资本未知"),
    (rf"class {_W}, {_N} a month", r"客户分类 \1，月均 \2"),
    ("nature not known", "企业性质未知"),
    (
        rf"nothing was paid and nothing is overdue in {_N} months",
        r"近 \1 个月无付款也无逾期",
    ),
    (
        rf"{_N} % on time of {_N} paid and {_N} overdue, {_N} days late on average",
        r"已付 \2 与逾期 \3 中按期占 \1%，平均迟付 \4 天",
    ),
    (rf"{_N} taken without agreement", r"无合同扣款 \1"),
    (rf"{_N} of {_N} promises broken", r"\2 次付款承诺中违约 \1 次"),
    # warnings
    (rf"cleared; on {_D} still: ", r"已解除；\1 时："),
    (rf"group exposure {_N}", r"集团敞口 \1"),
    (rf"exposure {_N}", r"敞口 \1"),
    (rf" is {_N} % of the limit of {_N}", r"，为额度 \2 的 \1%"),
    (
        " without a limit: no valid approval, the customer pays cash",
        "，无有效授信，应现款交易",
    ),
    (rf" without a limit: tier {_W} or no sales allow none", r"，\1 级或无销售，无额度"),
    (
        (
            rf"no order since {_D} \({_N} days\); it used to order every {_N} days "
            rf"\({_N} order days in the year before\)"
        ),
        r"自 \1 起无订单（\2 天）；此前平均每 \3 天一单（此前一年下单 \4 天）",
    ),
    (
        (
            rf"{_N} this month is {_N} % of the plan's pace \({_N} in the month, {_N} of {_N} days "
            r"gone\)"
        ),
        r"本月销售 \1，为计划进度的 \2%（全月计划 \3，已过 \4/\5 天）",
    ),
    (
        rf"{_N} this month against {_N} in the same days of the year before",
        r"本月销售 \1，去年同期 \2",
    ),
    (
        rf"{_N} order days in {_N} days against {_N} in the {_N} days before",
        r"近 \2 天下单 \1 天，此前 \4 天为 \3 天",
    ),
    (r"\bstate\b", "国有"),
    (r"\bforeign\b", "外资"),
    (r"\blisted\b", "上市"),
    (r"\bprivate\b", "民营"),
    (r"\bsole\b", "个体"),
    (rf"([^\s：；]+) on {_D}", r"\2 \1"),  # a reported incident
    # what joins them
    ("; ", "；"),
    (", ", "，"),
    (rf" ?\({_N} %\)", r"（\1%）"),
]
_EXCEPTION_PHRASES = [
    (rf"the order is cancelled, delivered {_N} all the same", r"订单已取消，仍送货 \1"),
    (rf"returned {_N} of {_N} received", r"验收 \2 中退货 \1"),
    (rf"ordered {_N}", r"订货 \1"),
    (rf"expected by {_D}", r"应于 \1 前送达"),
    ("no delivery note", "无送货单"),
    (rf"delivered {_N} on {_D}", r"\2 送货 \1"),
    (rf"delivered {_N}", r"送货 \1"),
    ("no goods receipt$", "无验收单"),
    (rf"received {_N}", r"验收 \1"),
    (rf"papers differ in price by {_N}", r"单据间价差 \1"),
    (rf"papers differ in tax rate by {_N}", r"单据间税差 \1"),
    (rf"accepted {_N} on {_D}", r"\2 验收净额 \1"),
    (rf"accepted {_N}", r"验收净额 \1"),
    (rf"applied for {_N}", r"已申请开票 \1"),
    (rf"invoiced {_N}", r"已开票 \1"),
    (rf"on statements {_N}", r"已入对账单 \1"),
    (rf"invoice (\S+) of {_D} has not been handed over", r"发票 \1（\2 开具）尚未交票"),
    (rf"invoice (\S+) bills {_N} that no goods receipt explains", r"发票 \1 中 \2 无对应验收单"),
    (
        r"invoice (\S+) is made out to (\S+), the debtor is (\S+)",
        r"发票 \1 抬头为 \2，付款客户为 \3",
    ),
    (
        rf"statement (\S+) lists receipt (\S+) for {_N}, which we do not have",
        r"对账单 \1 列有验收单 \2，金额 \3，我方无此单据",
    ),
    (
        rf"statement (\S+) lists order (\S+) for {_N}, which we do not have",
        r"对账单 \1 列有订单 \2，金额 \3，我方无此单据",
    ),
    (
        rf"statement (\S+) lists goods without a number for {_N}, which we do not have",
        r"对账单 \1 列有无单号的货款 \2，我方无此单据",
    ),
    (
        rf"statement (\S+) says {_N} for receipt (\S+), we have {_N}",
        r"对账单 \1 所列验收单 \3 为 \2，我方为 \4",
    ),
    (
        rf"statement (\S+) lists invoice (\S+) over {_N}, which we do not have",
        r"对账单 \1 列有发票 \2，金额 \3，我方无此发票",
    ),
    (
        rf"statement (\S+) lists invoice (\S+) over {_N}, which is void or reversed",
        r"对账单 \1 列有发票 \2，金额 \3，该发票已作废或冲红",
    ),
    (
        rf"statement (\S+) lists invoice (\S+) over {_N}, it is over {_N}",
        r"对账单 \1 列有发票 \2，金额 \3，我方为 \4",
    ),
    (
        rf"^{_K} (\S+) takes {_N} for (.+) without an agreement",
        r"\1 \2 扣 \4 \3，无合同依据",
    ),
    (rf"^{_K} (\S+) came again with the same content", r"\1 \2 重复收到，内容相同"),
    (rf"^{_K} (\S+) is dated (\S+), but came on (\S+)", r"\1 \2 日期为 \3，却于 \4 收到"),
    (rf"^{_K} (\S+) is over {_N}", r"\1 \2 金额为 \3"),
    (
        rf"^{_K} (\S+) of (\S+) has the number of one of (\S+) over {_N} and replaced it",
        r"\1 \2（\3）与 \4、金额 \5 的单据同号，已取代前者",
    ),
    (
        r"receipt (\S+) names order (\S+), its delivery (\S+) names order (\S+)",
        r"验收单 \1 所写订单为 \2，其送货单 \3 所写订单为 \4",
    ),
    (
        (
            rf"^{_K} (\S+) of (\S+) names order (\S+), "
            r"which only (\S+) has placed"
        ),
        r"\1 \2（\3）所写订单 \4 仅 \5 有",
    ),
    (
        r"invoice (\S+) reverses (\S+), which is red itself",
        r"发票 \1 冲销 \2，而后者本身为红字",
    ),
    (rf"more goods were taken back than delivered: {_N}", r"退回多于送出：\1"),
    (rf"^{_K} (\S+) names ", r"\1 \2 "),
    (r"(?:^|(?<=; )|(?<= ))names ", ""),
    (r"no order; likely ", "未写订单号；可能为 "),
    (r"no delivery; likely ", "未写送货单号；可能为 "),
    (r"no goods receipt; likely ", "未写验收单号；可能为 "),
    (r"order (\S+), which we do not have; likely ", r"所写订单 \1 我方没有；可能为 "),
    (r"delivery (\S+), which we do not have; likely ", r"所写送货单 \1 我方没有；可能为 "),
    (r"goods receipt (\S+), which we do not have; likely ", r"所写验收单 \1 我方没有；可能为 "),
    # what kind of paper it is about
    *((rf"^{kind} (?=\S)", f"{chinese} ") for kind, chinese in _KINDS.items()),
    ("; ", "；"),
    (", ", "，"),
]
_DOUBT_PHRASES = [
    (r"no invoice has or ends with (\S+)", r"没有号码为或末尾为 \1 的发票"),
    (r"only invoice (\S+) ends so", r"仅发票 \1 末尾相符"),
    (r"(\d+) invoices end so: ", r"\1 张发票末尾相符："),
    (
        r"(\S+) was taken when it was the only one; now (\d+) fit: ",
        r"当时仅 \1 相符而采用，现有 \2 张相符：",
    ),
    ("same name but for brackets", "除括号外名称相同"),
    (r"same name but for (.+);", r"除“\1”外名称相同;"),
    (" and ", "、"),
    (rf"spelled alike, {_N} of 100", r"写法相近，\1 分"),
    ("one name is part of the other", "一方名称包含另一方"),
    ("same code but for leading zeros", "仅前导零不同"),
    ("the code before the bracket is known", "括号前的编码已知"),
    ("the (?:code|name) is known by now", "现已登记，此前单据尚未归户"),
    ("no known name is close to it", "没有相近的已知名称"),
    (rf"{_N} papers?, {_N} CNY", r"\1 份单据，\2 元"),
    ("; ", "；"),
    (", ", "，"),
]
_AGREEMENT_PHRASES = [
    (
        rf"Agreements {_W} and {_W} of {_W} are equally specific and both hold from {_D} to {_D};",
        r"连锁 \3 的协议 \1 与 \2 范围相同，\4 至 \5 同时有效；",
    ),
    (
        (
            rf"Agreements {_W} and {_W} of {_W} about fee (.+) are equally specific and both hold "
            rf"from {_D} to {_D};"
        ),
        r"连锁 \3 关于费用 \4 的协议 \1 与 \2 范围相同，\5 至 \6 同时有效；",
    ),
    (
        (
            rf"Agreements {_W} and {_W} of {_W} about fee (.+) are equally specific and both hold "
            rf"from {_D} on;"
        ),
        r"连锁 \3 关于费用 \4 的协议 \1 与 \2 范围相同，自 \5 起同时有效；",
    ),
    (
        rf"Agreements {_W} and {_W} of {_W} are equally specific and both hold from {_D} on;",
        r"连锁 \3 的协议 \1 与 \2 范围相同，自 \4 起同时有效；",
    ),
    (
        r" what they say differently holds for nobody\. End one of them before the other begins\.",
        "两者不同之处均不生效，请在一份开始前终止另一份。",
    ),
    (rf"Agreement {_W} names {_W} as the store that it binds", r"协议 \1 约束的门店 \2"),
    (rf"Agreement {_W} names {_W} as the one who owes", r"协议 \1 的付款方 \2"),
    (rf"Agreement {_W} names {_W} as the one who may deduct", r"协议 \1 的扣款方 \2"),
    (
        rf" {_W} counts\. End one of them before the other begins\.",
        r"以 \1 为准，请在一份开始前终止另一份。",
    ),
    (", but no customers file knows it", "不在任何客户档案中"),
    (rf", but it is a customer of {_W}, not of {_W}", r"是连锁 \1 的客户，不属于 \2"),
    (r"\. Correct the number, or send the customer\.", "。请更正编号，或补发该客户档案。"),
]


@dataclass(frozen=True)
class _Phrase:
    """A phrase and its Chinese. Only a sentence that holds `least` can hold the phrase."""

    least: str
    english: re.Pattern[str]
    chinese: str


def least_text(pattern: str) -> str:
    """The longest plain text of a pattern outside its groups: every match of it holds this text."""
    runs, depth = [""], 0
    for sign in re.findall(r"\\.|\[[^]]*\]|\{[^}]*\}|.", pattern):
        depth += (sign == "(") - (sign == ")")
        if sign == "|" and not depth:
            return ""
        if not depth and (sign.isalnum() or sign in " ,:;%"):
            runs[-1] += sign
        else:  # a quantifier speaks of the sign before it, which a match may lack
            runs[-1] = runs[-1][:-1] if sign in "?*" else runs[-1]
            runs.append("")
    return max(runs, key=len)


def _phrases(pairs: Sequence[tuple[str, str]]) -> list[_Phrase]:
    return [_Phrase(least_text(one), re.compile(one), other) for one, other in pairs]


_OF_AGREEMENTS = _phrases(_AGREEMENT_PHRASES)
_KNOWN = _phrases(WARNING_PHRASES + _PHRASES)
_OF_DOUBTS = _phrases(_DOUBT_PHRASES)
_OF_CASH = _phrases(CASH_PHRASES)
_OF_DECISIONS = _phrases(DECISION_PHRASES + CASH_PHRASES)
_OF_EXCEPTIONS = _phrases(_EXCEPTION_PHRASES)
_OF_ANSWERS = _phrases(ANSWER_PHRASES)
PHRASES = [
    *_OF_AGREEMENTS, *_KNOWN, *_OF_DOUBTS, *_OF_DECISIONS, *_OF_EXCEPTIONS, *_OF_ANSWERS,
]  # fmt: skip


def sentence(text: str | None, language: Language) -> str | None:
    """A sentence about a customer, in the language of the pack."""
    return _said(text, language, _KNOWN)


def warning_answer(text: str | None, language: Language) -> str | None:
    """What a person answered to a warning, in the language of the pack."""
    return _said(text, language, _OF_ANSWERS)


def exception_evidence(text: str | None, language: Language) -> str | None:
    """The evidence of an exception, in the language of the pack."""
    return _said(text, language, _OF_EXCEPTIONS)


def agreement_sentence(text: str | None, language: Language) -> str | None:
    """What is wrong with an agreement, in the language of the pack."""
    return _said(text, language, _OF_AGREEMENTS)


def doubt_evidence(text: str | None, language: Language) -> str | None:
    """The evidence about a number or name in doubt, in the language of the pack."""
    return _said(text, language, _OF_DOUBTS)


def cash_sentence(text: str | None, language: Language) -> str | None:
    """What is said of a payment, in the language of the pack."""
    return _said(text, language, _OF_CASH)


def decision_sentence(text: str | None, language: Language) -> str | None:
    """What became of a decision, in the language of the pack."""
    return _said(text, language, _OF_DECISIONS)


def _said(text: str | None, language: Language, phrases: list[_Phrase]) -> str | None:
    if text is None or language == "en":
        return text
    for phrase in phrases:
        if phrase.least in text:
            text = phrase.english.sub(phrase.chinese, text)
    return text
