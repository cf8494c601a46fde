"""The sentences of the tables, which are English, are said in Chinese in the packs."""

import pytest

from assets.reported.content.sentences import decision_sentence, exception_evidence, sentence


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        (
            (
                "1,000.00 overdue beyond 7 days of grace, the oldest since 2026-06-10 (82 days); "
                "50.00 received from them waits to be placed"
            ),
            (
                "超过宽限期 7 天的逾期 1,000.00，最早于 2026-06-10 到期（已 82 天）；"
                "已收款 50.00 待核销"
            ),
        ),
        ("1,000.00 is collected", "收回 1,000.00"),
        ("tier B to C: score 71.00 to 60.50; ", "等级由 B 变为 C，评分由 71.00 变为 60.50；"),
        ("something nobody has put into Chinese", "something nobody has put into Chinese"),
        (
            (
                "no order since 2026-07-01 (61 days); it used to order every 7.5 days "
                "(40 order days in the year before)"
            ),
            "自 2026-07-01 起无订单（61 天）；此前平均每 7.5 天一单（此前一年下单 40 天）",
        ),
    ],
)
def test_sentences_are_said_in_chinese(english, chinese):
    assert sentence(english, "zh") == chinese
    assert sentence(english, "en") == english


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("ordered 10.00, delivered 7.00", "订货 10.00，送货 7.00"),
        ("delivered 5.00 on 2026-08-20, no goods receipt", "2026-08-20 送货 5.00，无验收单"),
        ("returned 5.00 of 10.00 received", "验收 10.00 中退货 5.00"),
        (
            "accepted 9.00, applied for 9.00, invoiced 0.00",
            "验收净额 9.00，已申请开票 9.00，已开票 0.00",
        ),
        (
            "statement S1 takes 5.00 for 堆头费 without an agreement",
            "对账单 S1 扣 堆头费 5.00，无合同依据",
        ),
        (
            "statement S1 lists invoice V1 over -5.00, which is void or reversed",
            "对账单 S1 列有发票 V1，金额 -5.00，该发票已作废或冲红",
        ),
        (
            "statement S1 lists invoice V1 over 5.00, which we do not have",
            "对账单 S1 列有发票 V1，金额 5.00，我方无此发票",
        ),
        (
            "statement S1 lists invoice V1 over 5.00, it is over 4.00",
            "对账单 S1 列有发票 V1，金额 5.00，我方为 4.00",
        ),
        ("receipt R1 came again with the same content", "验收单 R1 重复收到，内容相同"),
        (
            "receipt R1 is dated 2026-05-20, but came on 2026-05-03",
            "验收单 R1 日期为 2026-05-20，却于 2026-05-03 收到",
        ),
        ("payment ICBC/1/T9 came again with the same content", "付款 ICBC/1/T9 重复收到，内容相同"),
        (
            "application A1 names order O9, which we do not have; likely O8 (0.9000)",
            "开票申请 A1 所写订单 O9 我方没有；可能为 O8 (0.9000)",
        ),
        ("order O1 is over 0.00", "订单 O1 金额为 0.00"),
        (
            (
                "receipt R1 of 2026-05-20 has the number of one of 2025-05-03 over 70.00 "
                "and replaced it"
            ),
            "验收单 R1（2026-05-20）与 2025-05-03、金额 70.00 的单据同号，已取代前者",
        ),
        (
            "receipt R1 names order O1, its delivery D1 names order O2",
            "验收单 R1 所写订单为 O1，其送货单 D1 所写订单为 O2",
        ),
        (
            "receipt R1 of C names order O1, which only D has placed",
            "验收单 R1（C）所写订单 O1 仅 D 有",
        ),
        (
            "invoice V1 reverses V2, which is red itself",
            "发票 V1 冲销 V2，而后者本身为红字",
        ),
        ("more goods were taken back than delivered: -20.00", "退回多于送出：-20.00"),
        (
            "the order is cancelled, delivered 100.00 all the same",
            "订单已取消，仍送货 100.00",
        ),
        (
            "statement S1 lists order O9 for 100.00, which we do not have",
            "对账单 S1 列有订单 O9，金额 100.00，我方无此单据",
        ),
        (
            (
                "receipt R1 names no delivery; likely D1 (0.8800), D2 (0.8000); "
                "names order 15, which we do not have; likely 015 (0.8900)"
            ),
            (
                "验收单 R1 未写送货单号；可能为 D1 (0.8800)，D2 (0.8000)；"
                "所写订单 15 我方没有；可能为 015 (0.8900)"
            ),
        ),
    ],
)
def test_the_evidence_of_exceptions_is_said_in_chinese(english, chinese):
    assert exception_evidence(english, "zh") == chinese
    assert exception_evidence(english, "en") == english


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("the order is paid", "订单已收款"),
        ("the order is cancelled", "订单已取消"),
        ("closed on 2026-08-20 already: the order is paid", "已于 2026-08-20 关闭：订单已收款"),
        ("accepted by 林文 on 2026-08-20", "林文 于 2026-08-20 接受"),
        ("what it says no longer holds", "所述情形已不存在"),
    ],
)
def test_why_an_exception_closed_is_said_in_chinese(english, chinese):
    assert decision_sentence(english, "zh") == chinese
