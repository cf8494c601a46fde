"""Which numbers of papers a remark says: alone, in lists and in ranges, and what is no number."""

import pytest

from receivables.said_numbers import numbers_in


@pytest.mark.parametrize(
    ("remark", "numbers"),
    [
        ("30001-30005", {"30001", "30002", "30003", "30004", "30005", "30001-30005"}),
        ("30001~05", {"30001", "30002", "30003", "30004", "30005"}),
        ("30001至30003", {"30001", "30002", "30003"}),
        ("30001/02/03", {"30001", "30002", "30003"}),
        ("30001、30002", {"30001", "30002"}),
        ("验收单号:30001,30002", {"30001", "30002"}),
        ("验收单号：３０００１，３０００２", {"30001", "30002"}),
        ("验收单 YS-2026-003795/3796、YS-2026-003801",
         {"YS-2026-003795", "YS-2026-003796", "YS-2026-003801"}),
        ("Gr000100021-23", {"GR000100021", "GR000100022", "GR000100023", "GR000100021-23"}),
        ("00007-00009", {"00007", "00008", "00009", "00007-00009"}),
        # a range is one to the end, and not too long
        ("30001-30201", {"30001-30201"}),
        ("30005-30001", {"30005-30001"}),
        ("30001-3000x", {"30001-3000X"}),
        # fewer than five digits only where words say what they are
        ("0007、0008", set()),
        ("验收单 0007、0008", {"0007", "0008"}),
        ("单号77", {"77"}),
        # blue invoices, telephones, money, days and boxes
        ("被红冲蓝字数电发票号码：26110000000000001234", set()),
        ("对应正数发票代码:011001900111号码:12345678", set()),
        ("验收30001 电话 13800138000，账号 6222021001112223334", {"30001"}),
        ("合计12345.60元，30001", {"30001"}),
        ("价税合计 ¥12345 30001箱", set()),
        ("20260501日", set()),
        ("", set()),
    ],
)  # fmt: skip
def test_numbers_of_a_remark(remark: str, numbers: set[str]) -> None:
    assert {said.number for said in numbers_in(remark, 200)} == numbers


def test_words_before_a_number_say_its_kind_until_other_words_do() -> None:
    found = numbers_in("送货单 20001/02，订单号：00001；验收 30001 30002 单号 5 开票 40001", 200)
    assert [(said.number, said.names_kind, said.is_announced) for said in found] == [
        ("20001", "delivery", True), ("20002", "delivery", True), ("00001", "order", True),
        ("30001", "goods_receipt", True), ("30002", "goods_receipt", True), ("5", None, True),
        ("40001", None, False),
    ]  # fmt: skip


def test_a_range_has_at_most_as_many_numbers_as_the_policy_says() -> None:
    assert len(numbers_in("30001-30200", 200)) == 201  # and the whole as it stands
    assert len(numbers_in("30001-30201", 200)) == 1
