"""Exceptions judge by the settlement that holds: as agreed, as papers say, or on consignment."""

import pytest

from tests.matched.test_exceptions import reasons
from tests.papers import Chain
from tests.support import World, day, upstream

SETTLED = upstream("settled.settlements", stages=("matched", "settled"))


def titles(world: World, as_of: str) -> list[tuple[object, object]]:
    rows = world.rows(
        "select debtor_id, evidence from matched.exceptions "
        f"where reason = 'wrong_invoice_title' and as_of = date '2026-{as_of}'"
    )
    return [(row["debtor_id"], row["evidence"]) for row in rows]


def billed(chain: Chain, buyer: str) -> Chain:
    """Order O1 of 100 for S1, whose goods are billed to a buyer."""
    chain.order("O1", 100).delivery("D1", 100, order_no="O1").receipt("R1", 100, order_no="O1")
    return chain.application("AP1", "R1", 100, "V1").invoice("V1", 100, buyer_id=buyer)


def unagreed() -> Chain:
    """A chain with an agreement that is not valid yet."""
    return Chain("branch_branch", valid_from="2026-12-01")


def test_where_nothing_is_agreed_the_invoice_tells_the_debtor_and_is_no_wrong_title() -> None:
    world = billed(unagreed(), "S1").progress()
    assert titles(world, "05-10") == []
    unbilled = world.rows(
        "select debtor_id from matched.exceptions where reason = 'not_on_statement' limit 1"
    )
    assert unbilled == [{"debtor_id": "S1"}], "the store owes, as the invoice says"
    assert world.rows("select known_on, debtor_id from matched.inferred_debtors") == [
        {"known_on": day("05-10"), "debtor_id": "S1"}
    ]


def test_an_invoice_that_statement_and_payer_outvote_has_the_wrong_title() -> None:
    chain = billed(unagreed(), "S1").statement("ST1", [{"receipt_no": "R1", "amount": 100}])
    chain.world.connection.execute("update staged.statements set party_id = 'HO'")
    world = chain.payment("T1", 60, "ST1").progress()
    assert titles(world, "06-09") == [], "invoice and statement differ: the invoice counts"
    assert titles(world, "06-10") == [("HO", "invoice V1 is made out to S1, the debtor is HO")]
    world.run(*SETTLED, day_from="05-01", until="06-30")
    owing = world.rows("select debtor_id from settled.settlements order by known_on desc limit 1")
    assert owing == [{"debtor_id": "HO"}]


def test_an_agreement_that_comes_late_decides_from_its_day() -> None:
    chain = billed(unagreed(), "S1")
    chain.agreement(agreement_id="A2", pattern="branch_head", known_on="05-20")
    chain.world.run("staged.store_terms", day_from="05-20")
    world = chain.progress()
    assert titles(world, "05-19") == []
    assert titles(world, "05-20") == [("HO", "invoice V1 is made out to S1, the debtor is HO")]


@pytest.mark.parametrize("until_day", ["06-09", "07-01"])
def test_goods_on_consignment_wait_for_no_invoice_and_no_statement_before_they_are_sold(
    until_day: str,
) -> None:
    chain = Chain("branch_head", term_kind="consignment", term_days=15)
    chain.order("O1", 100).delivery("D1", 100, order_no="O1").receipt("R1", 100, order_no="O1")
    chain.statement("ST1", [{"receipt_no": "R1", "amount": 40}])
    world = chain.progress(until=until_day)
    if until_day == "07-01":
        world = chain.progress(day_from="07-02", until="07-15")
    found = world.rows(
        "select as_of, amount, evidence from matched.exceptions "
        "where reason in ('uninvoiced', 'not_on_statement') order by as_of"
    )
    if until_day == "06-09":
        assert found == []
    else:  # 30 days after they were reported
        assert (found[0]["as_of"], found[0]["amount"]) == (day("07-02"), 40)
        assert found[0]["evidence"] == (
            "on consignment: reported as sold 40.00 of 100.00, applied for 0.00, invoiced 0.00"
        )
        audit = "matched/exceptions_follow_the_order_states"
        assert world.audit(audit, "07-02", "07-15") == []


def test_goods_that_leave_consignment_are_asked_for_from_that_day() -> None:
    chain = Chain("branch_head", term_kind="consignment", term_days=15)
    chain.order("O1", 100).delivery("D1", 100, order_no="O1").receipt("R1", 100, order_no="O1")
    chain.agreement(agreement_id="A2", customer_id="S1", pattern="branch_head", known_on="06-20")
    chain.world.run("staged.store_terms", day_from="06-20")
    world = chain.progress()
    assert "uninvoiced" not in reasons(world, "06-19")
    assert reasons(world, "06-20")["uninvoiced"] == 100
    assert reasons(world, "06-20")["not_on_statement"] == 100


def fresh_orders() -> Chain:
    """Two orders of fresh goods, delivered and not received; terms for them come on 10 May, and
    what cheese is becomes known on 12 May."""
    chain = Chain("branch_head")
    fresh = {"agreement_id": "A2", "pattern": "branch_branch", "category": "fresh"}
    chain.agreement(**fresh, customer_id="S1", known_on="05-10")
    for sku, known_on in (("milk", "05-01"), ("cheese", "05-12")):
        product = {"known_on": known_on, "sku": sku, "category": "fresh"}
        chain.world.given("staged.products", [product])
    for order_no, sku in (("O1", "milk"), ("O2", "cheese")):
        chain.order(order_no, 100).delivery(f"D{order_no}", 100, order_no=order_no)
        chain.lines("orders", order_no, [{"sku": sku, "amount": 100}], on="05-01")
    return chain


def test_the_debtor_of_an_exception_follows_the_category_as_it_becomes_known() -> None:
    chain = fresh_orders()
    chain.world.run("staged.store_terms", day_from="05-10")
    world = chain.progress(until="05-14")
    world.run(*SETTLED, day_from="05-01", until="05-14")
    listed = "from matched.exceptions where as_of = date '2026-05-{}' order by order_no"
    settled = (
        "from settled.settlements where known_on <= date '2026-05-{}' "
        "qualify row_number() over (partition by order_no order by known_on desc) = 1 "
        "order by order_no"
    )
    owed = {"09": ["HO", "HO"], "10": ["S1", "HO"], "11": ["S1", "HO"], "12": ["S1", "S1"]}
    for number, debtors in owed.items():
        for source in (listed, settled):
            rows = world.rows(f"select debtor_id {source.format(number)}")
            assert [row["debtor_id"] for row in rows] == debtors, (number, source)


def test_categories_are_told_day_by_day_as_in_one_run() -> None:
    whole, daily = fresh_orders(), fresh_orders()
    whole.world.run("staged.store_terms", day_from="05-10")
    whole.progress(until="05-14")
    for first, last in (("05-01", "05-09"), ("05-10", "05-11"), ("05-12", "05-14")):
        daily.world.run("staged.store_terms", day_from=first, until=last)
        daily.progress(first, last)
    for table in ("order_categories", "open_orders", "exceptions"):
        query = f"select * from matched.{table} order by all"
        assert daily.world.rows(query) == whole.world.rows(query), table
