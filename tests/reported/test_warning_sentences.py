"""What a warning says, in Chinese."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.reported.content.sentences import PHRASES, sentence, warning_answer

SAID = {
    "50.00 of fee F2 in 2026-08 against a budget of 40.00": (
        "2026-08 费用 F2 共 50.00，超出预算 40.00"
    ),
    "81.00 of fees in 2026-07 are 8.1 % of the sales, against 6.0 % in the 3 months before": (
        "2026-07 费用 81.00 占销售 8.1%，此前 3 个月为 6.0%"
    ),
    "not since 2026-08-13, and then: 2 of 10 stores closed in 90 days": (
        "2026-08-13 后未再出现，当时：90 天内 10 家门店中关闭 2 家"
    ),
    "paid 1.0, 4.0 and 9.0 days after the due date in the last three months": (
        "近三个月平均逾期付款 1.0、4.0、9.0 天"
    ),
    "A1 allows up to 90 days after receipt (receipt 90): order 17 of 2006 caps agreed terms at 60 "
    "days after receipt": (
        "协议 A1 收货后最长 90 天付款：2006 年第 17 号令规定约定账期不超过收货后 60 天"
    ),
    "1,234.50 is open more than 60 days, the oldest since 2026-06-15: order 802 makes large buyers "
    "pay small suppliers within 60 days of delivery": (
        "超过 60 天未付 1,234.50，最早 2026-06-15："
        "国务院令第 802 号要求大型企业自交付起 60 天内向中小企业付款"
    ),
    "火灾 on 2026-08-01: 仓库烧毁 (reported by 陈)": "2026-08-01 火灾: 仓库烧毁（陈 报告）",
    "cleared; on 2026-08-15 still: 分家 on 2026-08-01": "已解除；2026-08-15 时：2026-08-01 分家",
    "500.00 is due since 2023-08-15 or later; no payment, promise or signed confirmation since, "
    "so the claim is barred after 2026-08-15 (30 days left): Civil Code, article 188": (
        "500.00 自 2023-08-15 起陆续到期；此后无付款、承诺或签章确认，"
        "诉讼时效至 2026-08-15（剩 30 天）（民法典第 188 条）"
    ),
}


@pytest.mark.parametrize(("english", "chinese"), SAID.items())
def test_a_warning_in_chinese(english, chinese):
    assert sentence(english, "zh") == chinese
    assert sentence(english, "en") == english


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("acknowledge by 吴", "知悉，吴"),
        ("reopen by 吴: 又来了", "重开，吴: 又来了"),
        (
            "snooze until 2026-08-30 by 吴; graver since, so it stands again",
            "暂缓至 2026-08-30，吴；此后更严重，重新列出",
        ),
    ],
)
def test_the_answer_to_a_warning_in_chinese(english, chinese):
    assert warning_answer(english, "zh") == chinese
    assert warning_answer(english, "en") == english


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_sentence_is_searched_for_every_phrase_that_it_holds(data):
    phrase = data.draw(st.sampled_from(PHRASES))
    assert phrase.least in data.draw(st.from_regex(phrase.english))
