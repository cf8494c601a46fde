"""Why the papers of an order differ: the causes, step by step, to the cent."""

from typing import Any

import pytest

from tests.papers import PROGRESS, Chain
from tests.support import World, money

MILK = {"sku": "milk", "quantity": 10, "unit_price": "2", "tax_rate": "0.13", "amount": 20}


def causes(world: World, step: str, as_of: str = "06-30") -> dict[str, Any]:
    """The current causes of order O1 on a day, by the rows of the step's latest day."""
    rows = world.rows(
        "select cause, amount from matched.variances "
        f"where order_no = 'O1' and step = '{step}' and known_on <= date '2026-{as_of}' "
        "qualify known_on = max(known_on) over ()"
    )
    return {row["cause"]: row["amount"] for row in rows}


TELLING = [
    ("one article less",
     [{}, {"sku": "rice", "amount": 50}], [{}], {"quantity": -50}),
    ("an article more",
     [{}], [{}, {"sku": "rice", "amount": 50}], {"quantity": 50}),
    ("one article for another",
     [{"amount": 30}], [{"sku": "rice", "amount": 50}], {"quantity": 20}),
    ("the same article on two lines",
     [{}, {"quantity": 5, "amount": 10}], [{"quantity": 14, "amount": 28}], {"quantity": -2}),
    ("another rate, the net price rounded to the cent, is tax alone",
     [{"unit_price": "1.13", "amount": "11.30"}],
     [{"unit_price": "1.09", "tax_rate": "0.09", "amount": "10.90"}], {"tax": "-0.40"}),
    ("another rate and another net price",
     [{"unit_price": "1.13", "amount": "11.30"}],
     [{"unit_price": "2.18", "tax_rate": "0.09", "amount": "21.80"}],
     {"tax": "-0.80", "price": "11.30"}),
    ("a line without rate, of an unknown product, has another price",
     [{"unit_price": "1.13", "amount": "11.30"}],
     [{"unit_price": "1.09", "tax_rate": None, "amount": "10.90"}], {"price": "-0.40"}),
    ("lines without quantity",
     [{"quantity": None}], [{"quantity": None, "amount": 15}], {"unexplained": -5}),
    ("six cents are a price, five are rounding",
     [{"amount": "20.00"}], [{"amount": "20.06"}], {"price": "0.06"}),
    ("free goods of an article that is also sold do not blur its price",
     [{}, {"quantity": 2, "unit_price": 0, "amount": 0}],
     [{"quantity": 9, "amount": 18}, {"unit_price": 0, "amount": 0}], {"quantity": -2}),
    ("what was to be free is billed: a price",
     [{}, {"sku": "rice", "quantity": 3, "unit_price": 0, "amount": 0}],
     [{}, {"sku": "rice", "quantity": 3, "unit_price": 5, "amount": 15}], {"price": 15}),
    ("what was to be sold is given: a price",
     [{}], [{"unit_price": 0, "amount": 0}, {"sku": "rice", "amount": 1}],
     {"price": -20, "quantity": 1}),
    ("cases ordered, pieces delivered, a case short",
     [{"unit_price": 24, "amount": 240}],
     [{"quantity": 216, "unit_price": 1, "amount": 216}], {"quantity": -24}),
    ("pieces ordered, cases delivered at another price",
     [{"quantity": 240, "unit_price": 1, "amount": 240}],
     [{"unit_price": 24, "amount": 238}], {"price": -2}),
    ("units that no whole number joins are left unexplained",
     [{"unit_price": 24, "amount": 240}],
     [{"quantity": 240, "unit_price": "1.02", "amount": "244.80"}], {"unexplained": "4.80"}),
    ("five cents are rounding",
     [{"amount": "20.00"}], [{"amount": "20.05"}], {"rounding": "0.05"}),
]  # fmt: skip


@pytest.fixture(scope="module")
def told() -> World:
    """Each case in a chain of its own: order O1 with its lines, delivered with others."""
    world = World()
    chains = [Chain(chain_id=f"K{number:02}", world=world) for number in range(len(TELLING))]
    world.run(*Chain.START, day_from="05-01")
    for chain, (_, ordered, sent, _) in zip(chains, TELLING, strict=True):
        for kind, no, lines in (("orders", "O1", ordered), ("deliveries", "D1", sent)):
            named = {} if kind == "orders" else {"order_no": "O1"}
            rows = [{**MILK, **line, **named} for line in lines]
            amount = sum(money(row["amount"]) for row in rows)
            on = "05-01" if kind == "orders" else "05-02"
            chain.lines(kind, no, rows, on=on)
            paper = chain.order if kind == "orders" else chain.delivery
            paper(no, amount, on=on, **named)
    return world.run(*PROGRESS, day_from="05-01", until="05-03")


@pytest.mark.parametrize("case", range(len(TELLING)), ids=lambda case: TELLING[case][0])
def test_what_lines_tell(told: World, case: int) -> None:
    rows = told.rows(
        f"select cause, amount from matched.variances where chain_id = 'K{case:02}' "
        "and step = 'delivery'"
    )
    expected = TELLING[case][3]
    assert {row["cause"]: row["amount"] for row in rows} == {
        cause: money(amount) for cause, amount in expected.items()
    }


def test_a_line_without_tax_rate_has_that_of_the_product() -> None:
    chain = Chain()
    chain.world.given("staged.products", [{"known_on": "05-01", "sku": "milk", "tax_rate": "0.13"}])
    dear = {**MILK, "unit_price": "1.13", "amount": "11.30", "tax_rate": None, "order_no": "O1"}
    cheap = {**MILK, "unit_price": "1.09", "amount": "10.90", "tax_rate": "0.09", "order_no": "O1"}
    chain.lines("deliveries", "D1", [dear], on="05-02")
    chain.lines("goods_receipts", "R1", [cheap], on="05-03")
    chain.delivery("D1", money("11.30"), order_no="O1")
    chain.receipt("R1", money("10.90"), order_no="O1")
    assert causes(chain.progress(), "receipt") == {"tax": money("-0.40")}


def test_a_barcode_names_the_article_that_bears_it() -> None:
    chain = Chain()
    bears = {"known_on": "05-01", "sku": "milk", "barcode": "69000017"}
    chain.world.given("staged.products", [bears])
    chain.lines("orders", "O1", [{**MILK, "sku": "69000017"}], on="05-01")
    chain.lines(
        "deliveries", "D1", [{**MILK, "unit_price": 3, "amount": 30, "order_no": "O1"}], "05-02"
    )
    chain.order("O1", 20).delivery("D1", 30, order_no="O1")
    assert causes(chain.progress(), "delivery") == {"price": 10}


def test_goods_sent_back_are_told_apart_from_goods_not_accepted() -> None:
    chain = Chain().order("O1", 20).delivery("D1", 20, order_no="O1")
    chain.lines("deliveries", "D1", [{**MILK, "order_no": "O1"}], on="05-02")
    chain.lines("goods_receipts", "R1", [{**MILK, "quantity": 9, "amount": 18}], on="05-03")
    chain.receipt("R1", 18, order_no="O1").receipt("T1", -4, order_no="O1", on="05-20")
    assert causes(chain.progress(), "receipt") == {"quantity": -2, "return": -4}


def test_a_return_that_no_red_invoice_covers_is_the_cause_of_the_overbilling() -> None:
    chain = Chain().order("O1", 20).receipt("R1", 20, order_no="O1")
    chain.application("A1", "R1", 20, "V1").invoice("V1", 20)
    world = chain.receipt("T1", -4, order_no="O1", on="05-20").progress()
    assert causes(world, "invoice") == {"return": 4}


def test_goods_whose_invoice_was_reversed_are_open_for_that_reason() -> None:
    chain = (
        Chain().order("O1", 30).receipt("R1", 20, order_no="O1").receipt("R2", 10, order_no="O1")
    )
    chain.application("A1", "R1", 20, "V1").invoice("V1", 20)
    chain.application("A2", "R2", 10, "V2").invoice("V2", 10)
    chain.invoice("V9", -20, on="05-20", is_red=True, red_of_invoice_no="V1")
    assert causes(chain.progress(), "invoice") == {"red_invoice": -20}


def test_a_return_that_is_not_on_the_statement_explains_its_surplus() -> None:
    chain = Chain().order("O1", 20).receipt("R1", 20, order_no="O1")
    chain.receipt("T1", -4, order_no="O1", on="05-20")
    chain.statement("ST1", [{"receipt_no": "R1", "amount": 19}])
    assert causes(chain.progress(), "statement") == {"return": 4, "unexplained": -1}


def test_goods_that_no_invoice_and_no_statement_speaks_of_are_a_quantity() -> None:
    chain = Chain().order("O1", 30).receipt("R1", 20, order_no="O1")
    chain.receipt("R2", 10, order_no="O1", on="05-04")
    chain.application("A1", "R1", 20, "V1").invoice("V1", 20)
    chain.statement("ST1", [{"receipt_no": "R1", "amount": 19}])
    world = chain.progress()
    assert causes(world, "invoice") == {"quantity": -10}
    assert causes(world, "statement") == {"quantity": -10, "unexplained": -1}


def test_goods_that_a_statement_lists_without_our_papers_are_a_quantity() -> None:
    chain = Chain().order("O1", 30).receipt("R1", 20, order_no="O1")
    lines = [{"receipt_no": "R1", "amount": 20}, {"receipt_no": "X", "order_no": "O1", "amount": 7}]
    assert causes(chain.statement("ST1", lines).progress(), "statement") == {"quantity": 7}


def test_a_step_waits_for_its_later_paper_and_for_the_order_paper() -> None:
    chain = Chain().order("O1", 20).receipt("R1", 20, order_no="O1")
    world = chain.delivery("D7", 20, order_no="O7").progress()
    assert world.rows("from matched.variances") == []


def test_a_corrected_order_is_compared_as_corrected() -> None:
    chain = Chain().order("O1", 20).delivery("D1", 16, order_no="O1")
    world = chain.order("O1", 16, known_on="05-20").progress()
    assert causes(world, "delivery", as_of="05-19") == {"unexplained": -4}
    assert causes(world, "delivery") == {"unexplained": 0}


RICE = {"sku": "rice", "quantity": 4, "unit_price": "5.65", "tax_rate": "0.13", "amount": "22.60"}
MILK_BILLED = {"sku": "milk", "quantity": 10, "excl": "17.70", "tax": "2.30"}
RICE_BILLED = {"sku": "rice", "quantity": 4, "excl": "20.00", "tax": "2.60"}
# what is billed of ten milk for 20.00 and four rice for 22.60, and why it is less
BILLING = [
    ("rice is left out", [MILK_BILLED], {"quantity": "-22.60"}),
    ("two rice less", [MILK_BILLED, {**RICE_BILLED, "quantity": 2, "excl": 10, "tax": "1.30"}],
     {"quantity": "-11.30"}),
    ("rice at 4.52", [MILK_BILLED, {**RICE_BILLED, "excl": 16, "tax": "2.08"}],
     {"price": "-4.52"}),
    ("a discount line of rice",
     [MILK_BILLED, RICE_BILLED, {"sku": "rice", "quantity": None, "excl": -4, "tax": "-0.52"}],
     {"price": "-4.52"}),
    ("named by barcode and by the name that is printed",
     [{**MILK_BILLED, "sku": "69000017"},
      {**RICE_BILLED, "sku": None, "description": "*谷物*香米 5 kg", "quantity": 3, "excl": 15,
       "tax": "1.95"}], {"quantity": "-5.65"}),
    ("a line that names nothing we know",
     [{**MILK_BILLED, "sku": None, "description": "*食品*一批"}],
     {"unexplained": "-22.60"}),
    ("lines over other money than the invoice", [{**MILK_BILLED, "excl": 17}],
     {"unexplained": "-22.60"}),
]  # fmt: skip


@pytest.fixture(scope="module")
def billed() -> World:
    """Each case in a chain of its own: the receipt R1 of order O1, billed by invoice V."""
    world = World()
    chains = [Chain(chain_id=f"K{number:02}", world=world) for number in range(len(BILLING))]
    world.run(*Chain.START, day_from="05-01")
    world.given(
        "staged.products",
        [
            {"known_on": "05-01", "sku": "milk", "barcode": "69000017", "product_name": "鲜奶"},
            {"known_on": "05-01", "sku": "rice", "product_name": "香米 5kg"},
        ],
    )
    for chain, (_, lines, parts) in zip(chains, BILLING, strict=True):
        invoice_no, amount = f"V{chain.chain_id}", money("42.60") + money(*parts.values())
        chain.order("O1", money("42.60")).lines("goods_receipts", "R1", [MILK, RICE], on="05-03")
        chain.receipt("R1", money("42.60"), order_no="O1")
        chain.application(f"A{chain.chain_id}", "R1", amount, invoice_no, on="05-05")
        chain.invoice(invoice_no, amount, on="05-05")
        rows = [
            {"known_on": "05-05", "invoice_no": invoice_no, "line_no": number, "tax_rate": "0.13",
             "amount_excl_tax": line["excl"],
             **{key: value for key, value in line.items() if key != "excl"}}
            for number, line in enumerate(lines, start=1)
        ]  # fmt: skip
        world.given("staged.invoice_lines", rows)
    return world.run(*PROGRESS, day_from="05-01", until="05-06")


@pytest.mark.parametrize("case", range(len(BILLING)), ids=lambda case: BILLING[case][0])
def test_the_lines_of_an_invoice_tell_what_it_leaves_unbilled(billed: World, case: int) -> None:
    rows = billed.rows(
        f"select cause, amount from matched.variances where chain_id = 'K{case:02}' "
        "and step = 'invoice'"
    )
    expected = {cause: money(amount) for cause, amount in BILLING[case][2].items()}
    assert {row["cause"]: row["amount"] for row in rows} == expected


def test_lines_tell_nothing_of_invoices_for_several_orders_or_that_were_reversed() -> None:
    chain = Chain()
    for no in ("1", "2"):
        chain.order(f"O{no}", 20).lines("goods_receipts", f"R{no}", [MILK], on="05-03")
        chain.receipt(f"R{no}", 20, order_no=f"O{no}")
    chain.application("A1", "R1", 15, "V1", on="05-05")
    chain.application("A2", "R2", 15, "V1", on="05-05").invoice("V1", 30, on="05-05")
    line = {
        "known_on": "05-05", "invoice_no": "V1", "line_no": 1, "sku": "milk", "quantity": 20,
        "amount_excl_tax": "26.55", "tax": "3.45", "tax_rate": "0.13",
    }  # fmt: skip
    chain.world.given("staged.invoice_lines", [line])
    assert causes(chain.progress(), "invoice") == {"unexplained": -5}
