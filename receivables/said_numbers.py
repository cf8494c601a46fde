"""The numbers of papers that people write into a remark: alone, in lists and in ranges.

What a number belongs to is told by the words before it; whether there is such a paper is for the
reader to find out, so of two readings of one sign both are given.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

SHORTEST = 5  # digits of a number that no word announces
_LONGEST = 40  # signs; longer ones are no numbers of papers

# What the words before a number say of it; None: a paper, whichever.
_LABELS: tuple[tuple[str, str | None], ...] = (
    ("(?:验收|收货|入库|退货)单?号?|RECEIPT|GRN?(?![A-Z])", "goods_receipt"),
    ("(?:订单|订货|采购)单?号?|ORDER|PO(?![A-Z])", "order"),
    ("(?:送货|发货|出库|配送)单?号?|DELIVERY|DN(?![A-Z])", "delivery"),
    ("单号|单据", None),
)
_ELSE = (
    "发票|票号|代码|电话|手机|传真|TEL|联系|账号|帐号|账户|开户|银行|税号|信用|身份|金额|合计|税额|税率|"
    "单价|数量|价税|合同|日期|地址|车牌|车号|快递|运单|QQ|邮编|¥|CNY|RMB"
)
_WORD = re.compile(
    "|".join([*(f"(?P<w{place}>{words})" for place, (words, _) in enumerate(_LABELS)),
              f"(?P<other>{_ELSE})"])
)  # fmt: skip
_NUMBER = re.compile(r"[A-Z0-9]+(?:[-_][A-Z0-9]+)*")
_LISTED = re.compile(r"\s*[/、,;&+和及与|]?\s*")
_UNTIL = re.compile(r"\s*(?:-+|~+|—+|–|至|到)\s*")
# Weights, money and shares stand before their unit.
_UNIT = re.compile(r"\s*(?:元|万|%|KG|箱|件|个|瓶|袋|年|月|日|\.\d)")


@dataclass(frozen=True)
class Said:
    """A number in a remark; `names_kind` is the kind of paper that the words say, if they do."""

    number: str
    names_kind: str | None
    is_announced: bool


def numbers_in(remark: str, range_max: int) -> list[Said]:
    """The numbers of a remark in their order, each once.

    A shorter number in a list or range has the beginning of the number before it; a range of more
    than `range_max` numbers is none. A number of fewer than five digits counts only when words
    announce it, and one that words give another meaning (an invoice, a telephone) never.
    """
    found: dict[str, Said] = {}
    for said in _spoken(unicodedata.normalize("NFKC", remark).upper(), range_max):
        found.setdefault(said.number, said)
    return list(found.values())


def _spoken(text: str, range_max: int) -> Iterator[Said]:
    label: tuple[str | None, bool] | None = (None, False)  # None: something that is no paper
    head, ended = "", 0
    for match in _NUMBER.finditer(text):
        token, gap = match[0], text[ended : match.start()]
        # letters may be words of the text: they say what follows
        if not any(sign.isdigit() for sign in token):
            continue
        is_listed = bool(head) and bool(_LISTED.fullmatch(gap))
        is_until = bool(head) and bool(_UNTIL.fullmatch(gap))
        ended = match.end()
        if not is_listed and not is_until:
            label = _label(gap, label)
        if not is_until and not (is_listed and gap.strip()):
            head = ""
        if _UNIT.match(text, ended) or text[: match.start()].endswith("."):
            head = ""
            continue
        readings = list(_readings(token, head, is_until, range_max))
        head = readings[-1] if readings else token
        if label is None:
            continue
        for number in readings:
            if label[1] or sum(sign.isdigit() for sign in number) >= SHORTEST:
                yield Said(number, *label)


def _label(gap: str, before: tuple[str | None, bool] | None) -> tuple[str | None, bool] | None:
    """What the last word in a gap announces; 号码 and the like leave it as it was."""
    words = list(_WORD.finditer(gap))
    if not words:
        return before if "号码" in gap else (None, False)
    group = words[-1].lastgroup or "other"
    return None if group == "other" else (_LABELS[int(group[1:])][1], True)


def _readings(token: str, head: str, is_until: bool, range_max: int) -> Iterator[str]:
    """What a sign may mean; the number that the next one goes on from comes last."""
    if len(token) > _LONGEST:
        return
    number = _continued(head, token)
    if is_until:
        yield from _between(head, number, range_max)
    elif "-" in token:
        first, _, last = token.rpartition("-")
        first = _continued(head, first)
        between = list(_between(first, _continued(first, last), range_max))
        yield token
        if between:
            yield first
            yield from between
            yield _continued(first, last)
        return
    if number != token and len(token) >= SHORTEST:
        yield token
    yield number


def _continued(head: str, tail: str) -> str:
    """The number that a tail stands for after a longer one; itself after no longer one."""
    ending = re.search(r"\d*\Z", head)
    if tail.isdigit() and ending and len(tail) <= len(ending[0]) and len(tail) < len(head):
        return head[: len(head) - len(tail)] + tail
    return tail


def _between(first: str, last: str, range_max: int) -> Iterator[str]:
    """The numbers between two of equal length that differ in their last digits."""
    stem = re.sub(r"\d*\Z", "", first)
    if len(first) != len(last) or not last.startswith(stem) or not last[len(stem) :].isdigit():
        return
    low, high, width = int(first[len(stem) :] or 0), int(last[len(stem) :]), len(first) - len(stem)
    if 0 < high - low < range_max:
        yield from (f"{stem}{number:0{width}}" for number in range(low + 1, high))
