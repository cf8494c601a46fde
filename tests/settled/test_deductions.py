"""What chains take: how a fee is coded, and what the agreements support of it."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from receivables.fees import Deductions
from tests.papers import Chain
from tests.support import POLICY, World, money, upstream

JUDGING = upstream("settled.deductions", stages=("matched", "settled"))

# code of the fee -> terms of its agreement
AGREED: dict[str, dict[str, Any]] = {
    "PCT": {"basis": "percent_of_net_purchases", "rate_or_amount": 3},
    "PCT-CAP": {"basis": "percent_of_net_purchases", "rate_or_amount": 10, "cap": 60},
    "MONTH": {"basis": "fixed_per_month", "rate_or_amount": 300},
    "MONTH-CAP": {"basis": "fixed_per_month", "rate_or_amount": 200, "cap": 100},
    "EVENT": {"basis": "fixed_per_event", "rate_or_amount": 80},
    "YEAR-CAP": {
        "basis": "fixed_per_event", "rate_or_amount": 80, "cap": 100, "cap_period": "year",
    },
    "NO-ROOM": {"basis": "fixed_per_event", "rate_or_amount": 80, "cap": 0},
    "UNIT": {"basis": "per_unit", "rate_or_amount": "0.5"},
    "ENDED": {"basis": "fixed_per_event", "rate_or_amount": 80, "valid_to": "2026-03-31"},
    "CASH": {"basis": "fixed_per_event", "rate_or_amount": 80, "kind": "paid_separately"},
    "OF-S2": {"basis": "fixed_per_event", "rate_or_amount": 80, "customer_id": "S2"},
}  # fmt: skip


def agree(chain: Chain, code: str, agreement_id: str = "", **terms: Any) -> None:
    """An agreement about a fee, called after its code."""
    row = {
        "known_on": "05-01",
        "agreement_id": agreement_id or code,
        "chain_id": "C",
        "fee_code": code,
        "kind": "cash_deducted",
        "valid_from": "2026-01-01",
        **terms,
    }
    chain.world.given("staged.deduction_agreements", [row])


def fee(code: str, amount: Any, **fields: Any) -> dict[str, Any]:
    """A deduction line of a statement; `amount` is what is taken."""
    return {"line_kind": "deduction", "fee_code": code, "amount": -amount, **fields}


def goods(amount: Any, receipt_no: str = "R1", store_id: str = "S1") -> dict[str, Any]:
    return {"receipt_no": receipt_no, "amount": amount, "store_id": store_id}


def judged(world: World, day_from: str = "05-01", until: str = "07-31") -> list[dict[str, Any]]:
    """All verdicts, in the order of the papers."""
    world.run(*JUDGING, day_from=day_from, until=until)
    return world.rows(
        "from settled.deductions order by known_on, statement_no, advice_no, line_no, deduction_id"
    )


def taken(*statements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Verdicts on statements of May, May, June and July, with the agreements above."""
    chain = Chain("branch_head")
    for code, terms in AGREED.items():
        agree(chain, code, **terms)
    ends = ("05-15", "05-31", "06-30", "07-31")
    for number, (lines, end) in enumerate(zip(statements, ends, strict=False), start=1):
        chain.statement(f"ST{number}", [{"period_end": end, **line} for line in lines], on=end)
    return judged(chain.world)


def supported(verdicts: list[dict[str, Any]]) -> list[Decimal]:
    return [row["supported_amount"] for row in verdicts]


@pytest.mark.parametrize(
    ("statements", "amounts"),
    [
        # a percentage of the goods stated, not of what was ordered; too much stays disputed
        ([[goods(1000), fee("PCT", 50)]], [30]),
        # what the first statement of the month did not take, the second one may
        ([[goods(1000)], [goods(500), fee("PCT", 45)]], [15]),
        ([[goods(1000), fee("PCT", 10)], [goods(500), fee("PCT", 35)]], [10, 35]),
        # what the first took too much is not made good by the second
        ([[goods(1000), fee("PCT", 50)], [goods(500), fee("PCT", 15)]], [30, 15]),
        # the same goods do not give the percentage twice
        ([[goods(1000), fee("PCT", 30), fee("PCT", 30)]], [30, 0]),
        # each store on its own goods, and the rest of the chain on the rest
        (
            [[
                goods(1000), goods(500, "R2", "S2"),
                fee("PCT", 30, store_id="S1"), fee("PCT", 20),
            ]],
            [30, 15],
        ),
        # a return lowers the net purchases
        ([[goods(1000), {**goods(-400, "R2"), "line_kind": "return"}, fee("PCT", 30)]], [18]),
        ([[goods(1000), fee("PCT-CAP", 100)]], [60]),
        # a cap without a period holds for each statement
        ([[goods(1000), fee("PCT-CAP", 100)], [goods(1000), fee("PCT-CAP", 100)]], [60, 60]),
        # what its cap refuses to one statement is left for the next one of the month
        ([[fee("MONTH-CAP", 300)], [fee("MONTH-CAP", 90)], [fee("MONTH-CAP", 90)]], [100, 90, 90]),
        ([[goods(400), fee("PCT-CAP", 90)], [goods(200), fee("PCT-CAP", 30)]], [40, 20]),
        ([[goods(800), fee("PCT-CAP", 90)], [goods(100), fee("PCT-CAP", 30)]], [60, 30]),
        # a month's fee once a month, however many statements the month has
        ([[fee("MONTH", 300)], [fee("MONTH", 300)], [fee("MONTH", 300)]], [300, 0, 300]),
        ([[fee("MONTH", 100)], [fee("MONTH", 250)]], [100, 200]),
        # a statement that takes the month before says so by the line's date
        ([[], [], [fee("MONTH", 300), fee("MONTH", 300, document_date="05-31")]], [300, 300]),
        # but each store has its own
        ([[fee("MONTH", 300, store_id="S1"), fee("MONTH", 300, store_id="S2")]], [300, 300]),
        ([[fee("EVENT", 80), fee("EVENT", 90)]], [80, 80]),
        ([[fee("YEAR-CAP", 80)], [fee("YEAR-CAP", 80)], [fee("YEAR-CAP", 80)]], [80, 20, 0]),
        ([[fee("NO-ROOM", 80)]], [0]),
        ([[fee("ENDED", 80)]], [0]),
        ([[fee("OF-S2", 80), fee("OF-S2", 80, store_id="S2")]], [0, 80]),
        ([[fee("CASH", 80), fee("CASH", 80, deduction_kind="cash_deducted")]], [80, 0]),
        # given back: nothing is disputed, and nothing is used up less
        ([[fee("MONTH", 400), fee("MONTH", -100), fee("MONTH", 10)]], [300, -100, 0]),
    ],
)  # fmt: skip
def test_what_agreements_support(statements, amounts) -> None:
    assert supported(taken(*statements)) == [money(amount) for amount in amounts]


def test_what_the_month_refuses_uses_nothing_of_the_cap_nor_the_other_way_round() -> None:
    """A line of April without goods, then one of May on 1000: at most 60 of both, 10 %."""
    chain = Chain("branch_head")
    agree(chain, "PCT-CAP", **AGREED["PCT-CAP"])
    first = [
        goods(1000, "R2", "S2"),
        fee("PCT-CAP", 50, store_id="S1", document_date="04-30"),
        fee("PCT-CAP", 90),
    ]
    second = [goods(200, "R3", "S2"), fee("PCT-CAP", 90)]
    for number, (lines, on) in enumerate([(first, "05-15"), (second, "05-31")], start=1):
        chain.statement(
            f"ST{number}", [{"period_end": on, **line} for line in lines], on=on, party="S1"
        )
    chain.world.connection.execute("update staged.statements set party_id = 'S1'")
    assert supported(judged(chain.world)) == [money(0), money(60), money(60)]


def test_sentences_name_agreement_terms_use_and_rest() -> None:
    verdicts = taken(
        [goods(1000), fee("MONTH", 100), fee("PCT", 50), fee("YEAR-CAP", 80)],
        [fee("MONTH", 250), fee("ENDED", 5), fee("OF-S2", 5), fee("NONE", 5, fee_name="某某费")],
        [fee("CASH", 80, deduction_kind="cash_deducted")],
    )
    assert [(row["verdict"], row["evidence"]) for row in verdicts] == [
        ("supported", "agreement MONTH allows 300.00 a month"),
        (
            "above_agreement",
            "agreement PCT allows 3% of 1000.00 net purchases; 20.00 too much",
        ),
        ("supported", "agreement YEAR-CAP allows 80.00 an event, at most 100.00 a year"),
        (
            "above_agreement",
            (
                "agreement MONTH allows 300.00 a month, 100.00 of it used before in 2026-05; "
                "50.00 too much"
            ),
        ),
        (
            "unsupported",
            "no agreement for fee ENDED on 2026-05-31 (agreement ENDED ended on 2026-03-31)",
        ),
        (
            "unsupported",
            "no agreement for fee OF-S2 on 2026-05-31 (agreement OF-S2 holds for S2 only)",
        ),
        ("unsupported", "no agreement for fee NONE on 2026-05-31"),
        (
            "unsupported",
            (
                "no agreement for fee CASH on 2026-06-30 "
                "(agreement CASH has it paid_separately, not cash_deducted)"
            ),
        ),
    ]
    used = [(row["month_to_date"], row["year_to_date"]) for row in verdicts[:4]]
    assert used == [(100, 100), (30, 30), (80, 80), (300, 300)]
    assert [row["allowed_amount"] for row in verdicts[:4]] == [300, 30, 80, 200]


def test_equal_agreements_with_other_terms_are_both_named() -> None:
    chain = Chain()
    agree(chain, "F", "D1", basis="fixed_per_month", rate_or_amount=100)
    agree(chain, "F", "D2", basis="fixed_per_month", rate_or_amount=200)
    agree(chain, "F", "D3", basis="fixed_per_month", rate_or_amount=100)
    chain.statement("ST1", [fee("F", 150)])
    (verdict,) = judged(chain.world)
    assert (verdict["agreement_id"], verdict["rivals"]) == ("D1", "D2")
    assert verdict["evidence"] == (
        "agreement D1 allows 100.00 a month; 50.00 too much; "
        "other terms for the same fee stand in D2"
    )


def test_a_fee_by_the_piece_counts_the_units_received() -> None:
    chain = Chain()
    agree(chain, "UNIT", **AGREED["UNIT"])
    for receipt_no, units in (("R1", 100), ("R2", 40)):
        chain.receipt(receipt_no, 1000)
        chain.lines(
            "goods_receipts",
            receipt_no,
            [{"receipt_kind": "receipt", "sku": "A", "quantity": units, "amount": 1000}],
            on="05-03",
        )
    chain.statement("ST1", [goods(1000), fee("UNIT", 70)])
    (verdict,) = judged(chain.world)
    assert verdict["supported_amount"] == 50
    assert verdict["evidence"] == "agreement UNIT allows 0.5 for each of 100 units; 20.00 too much"


def test_a_restated_statement_is_judged_anew_in_its_old_place() -> None:
    """Its first version no longer counts, the statement after it is no reason to refuse it, and
    that one is weighed anew, too."""
    chain = Chain()
    agree(chain, "F", basis="fixed_per_month", rate_or_amount=100)
    chain.statement("ST1", [fee("F", 100)], on="06-01")
    chain.statement("ST2", [fee("F", 100)], on="06-02")
    chain.statement("ST1", [fee("F", 60), fee("G", 40)], on="06-03")
    chain.statement("ST3", [fee("F", 50)], on="06-04")
    verdicts = judged(chain.world)
    shown = [(row["statement_no"], row["fee_code"], row["supported_amount"]) for row in verdicts]
    assert shown == [
        ("ST1", "F", 100), ("ST2", "F", 0), ("ST1", "F", 60), ("ST1", "G", 0), ("ST2", "F", 40),
        ("ST3", "F", 0),
    ]  # fmt: skip


def test_an_advice_takes_fees_too() -> None:
    """A fee on an advice counts on the statement that its line names, after its own lines."""
    chain = Chain("branch_head")
    agree(chain, "PCT", **AGREED["PCT"])
    agree(chain, "EVENT", **AGREED["EVENT"])
    chain.statement("ST1", [goods(1000), fee("PCT", 20)], on="06-01")
    lines = [("PCT", "ST1", None), ("EVENT", None, "S2"), ("NONE", None, None)]
    chain.world.given(
        "staged.remittance_advices",
        [
            {
                "known_on": "06-05", "chain_id": "C", "advice_no": "AD1", "line_no": number,
                "fee_code": code, "statement_no": statement_no, "store_id": store_id,
                "amount": -50,
            }
            for number, (code, statement_no, store_id) in enumerate(lines, start=1)
        ],
    )  # fmt: skip
    verdicts = [row for row in judged(chain.world) if row["advice_no"]]
    shown = [
        (row["fee_code"], row["debtor_id"], row["store_id"], row["supported_amount"])
        for row in verdicts
    ]
    assert shown == [
        ("PCT", "HO", "HO", 10),
        ("EVENT", "HO", "S2", 50),
        ("NONE", "unknown:C", "unknown:C", 0),
    ]


def test_a_notice_that_announced_the_deduction_is_evidence() -> None:
    chain = Chain()
    notice = {
        "known_on": "05-20", "chain_id": "C", "notice_no": "N1", "line_no": 1,
        "notice_kind": "fee", "announced_on": "05-18", "fee_code": "F", "amount": -50,
    }  # fmt: skip
    chain.world.given("staged.deduction_notices", [notice])
    chain.statement("ST1", [fee("F", 50), fee("F", 51)])
    announced, other = judged(chain.world)
    assert announced["evidence"].endswith("; announced by notice N1 on 2026-05-18")
    assert other["notice_no"] is None


def test_day_by_day_gives_the_verdicts_of_one_run() -> None:
    def build() -> World:
        chain = Chain()
        agree(chain, "F", basis="fixed_per_month", rate_or_amount=100)
        for day, amount in (("06-01", 30), ("06-02", 50), ("06-03", 40), ("06-04", 10)):
            chain.statement(f"ST{day}", [fee("F", amount), goods(100)], on=day)
        return chain.world

    whole, daily = build(), build()
    for number in range(1, 5):
        verdicts = judged(daily, f"06-0{number}", f"06-0{number}")
    assert verdicts == judged(whole, "06-01", "06-04")
    assert supported(verdicts) == [30, 50, 20, 0]


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("商品返利", "rebate"),
        ("端架陈列费", "display"),
        ("海报费", "flyer"),
        ("ｄｍ费", "flyer"),  # full width and small letters
        ("新品上架费", "listing"),
        ("促销员服务费", "staff"),
        ("物流折扣", "logistics"),
        ("店庆赞助费", "festival"),
        ("未送齐货违约金", "penalty"),
        ("损耗补差", "shrinkage"),
        ("无退货折扣", "rebate"),  # the longest word decides, not the first
        ("退货差额", "return"),
        ("进货价差", "price"),
        ("提前付款折扣", "early_payment"),
        ("其他费用", "other"),
        ("ABC 项目", "unknown"),  # not `other`: it does not say so
        (None, "unknown"),
    ],
)
def test_fees_are_coded_by_the_words_of_their_name(coded, name, category) -> None:
    assert coded[name] == category


@pytest.fixture(scope="module")
def coded() -> dict[str | None, str]:
    """Category by name of the fee, for all names that the test above asks for."""
    (mark,) = test_fees_are_coded_by_the_words_of_their_name.pytestmark
    chain = Chain()
    lines = [fee(f"F{number}", 1, fee_name=case[0]) for number, case in enumerate(mark.args[1])]
    chain.statement("ST1", lines)
    return {row["fee_name"]: row["fee_category"] for row in judged(chain.world)}


def test_the_code_map_comes_before_the_words_and_names_the_kind() -> None:
    codes = [
        {"chain_id": "C", "code": "X1", "category": "staff", "kind": "paid_separately"},
        {"code": "X1", "category": "penalty"},
        {"code": "X2", "category": "penalty"},
    ]
    policy = POLICY.model_copy(
        update={"deductions": Deductions(codes=codes, words=POLICY.deductions.words)}
    )
    chain = Chain()
    world = World(policy, apart=True)
    chain.world, rows = world, chain.world
    for table in ("staged.customers", "staged.store_terms", "staged.settlement_agreements"):
        world.given(table, rows.rows(f"from {table}"))
    agree(chain, "X3", basis="fixed_per_event", rate_or_amount=1, fee_name="海报费")
    chain.statement(
        "ST1", [fee("X1", 1, fee_name="返利"), fee("X2", 1), fee("X3", 1), fee("X4", 1)]
    )
    shown = [(row["fee_category"], row["coded_by"], row["deduction_kind"]) for row in judged(world)]
    assert shown == [
        ("staff", "code X1", "paid_separately"),
        ("penalty", "code X2", "cash_deducted"),
        ("flyer", "word 海报", "cash_deducted"),
        ("unknown", None, "cash_deducted"),
    ]


@pytest.mark.parametrize(
    ("section", "sentence"),
    [
        ({"codes": [{"code": "1", "category": "sweets"}]}, "sweets is no category of fees"),
        ({"codes": [{"code": "1"}]}, "the code 1 needs a category, a kind or both"),
        (
            {"codes": [{"code": "1", "category": "staff"}, {"code": "1", "category": "price"}]},
            "the code 1 stands twice for the same chain",
        ),
        (
            {"words": [{"category": name, "words": ["x"]} for name in ("staff", "price")]},
            "the word x stands in two categories",
        ),
        ({"words": [{"category": "price", "words": [" "]}]}, "a word of price is empty"),
    ],
)  # fmt: skip
def test_a_policy_that_codes_fees_two_ways_is_refused(section, sentence) -> None:
    with pytest.raises(ValidationError, match=sentence):
        Deductions(**section)


def test_a_line_that_does_not_say_how_it_is_settled_follows_the_agreements() -> None:
    """All valid agreements for the fee must have it one way, else it counts as taken."""
    chain = Chain()
    for number, (code, kind) in enumerate(
        [("SEPARATE", "paid_separately"), ("MIXED", "paid_separately"), ("MIXED", "cash_deducted")]
    ):
        agree(chain, code, f"D{number}", basis="fixed_per_event", rate_or_amount=10, kind=kind)
    lines = [("SEPARATE", None), ("MIXED", None), ("SEPARATE", "invoice_deducted"), ("NEW", None)]
    chain.world.given(
        "received.statements",
        [
            {
                "known_on": "06-01", "chain_id": "C", "statement_no": "ST1", "line_no": number,
                "line_kind": "deduction", "fee_code": code, "deduction_kind": kind, "amount": -10,
            }
            for number, (code, kind) in enumerate(lines, start=1)
        ],
    )  # fmt: skip
    world = chain.world.run("staged.statement_lines", "staged.statements", day_from="06-01")
    kinds = world.rows("select deduction_kind from staged.statement_lines order by line_no")
    assert [row["deduction_kind"] for row in kinds] == [
        "paid_separately", None, "invoice_deducted", None,
    ]  # fmt: skip
    assert world.rows("select amount from staged.statements") == [{"amount": -30}]
