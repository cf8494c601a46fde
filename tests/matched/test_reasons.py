"""Every reason for which an order is stuck: what makes it appear, what it says, what ends it.

Deadlines are those of the policy: 3 days to deliver, 3 in transit, 30 to invoice, 7 to hand an
invoice over, 45 to be on a statement.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from assets.reported.content.labels import NEXT_ACTIONS
from tests.papers import PROGRESS, Chain
from tests.support import World, money

END = "07-20"  # beyond every deadline


@dataclass(frozen=True)
class Life:
    """A reason, the papers that bring and end it, its first and last day, and what it says."""

    reason: str
    story: str
    papers: Callable[[Chain], Any]
    days: tuple[str, str] | None
    amount: Any = None
    owner: str = ""
    evidence: str = ""

    def __str__(self) -> str:
        return f"{self.reason}: {self.story}"


def goods(chain: Chain, on: str = "05-03") -> Chain:
    """Order O1 of 100, delivered and accepted as ordered."""
    chain.order("O1", 100).delivery("D1", 100, order_no="O1")
    return chain.receipt("R1", 100, order_no="O1", delivery_no="D1", on=on)


def billed(chain: Chain, amount: Any = 100, **fields: Any) -> Chain:
    """The goods of R1 applied for and invoiced on 5 May."""
    chain.application(f"A{chain.chain_id}", "R1", 100, f"V{chain.chain_id}", on="05-05")
    return chain.invoice(f"V{chain.chain_id}", amount, on="05-05", **fields)


def invoice(chain: Chain) -> str:
    return f"V{chain.chain_id}"


def paid(chain: Chain, on: str = "06-10") -> Chain:
    return chain.payment(f"T{chain.chain_id}", 100, invoice(chain), on=on)


def repriced(chain: Chain, price: str, rate: str) -> Chain:
    """Ten pieces ordered at 1.13 with 13 % tax, delivered otherwise; corrected on 10 May."""
    line = {"sku": "milk", "quantity": 10, "unit_price": "1.13", "tax_rate": "0.13",
            "amount": "11.30"}  # fmt: skip
    chain.lines("orders", "O1", [line], on="05-01")
    named = {**line, "order_no": "O1"}
    other = {**named, "unit_price": price, "tax_rate": rate, "amount": str(10 * Decimal(price))}
    chain.lines("deliveries", "D1", [other], on="05-02").lines("deliveries", "D1", [named], "05-10")
    chain.order("O1", "11.30").delivery("D1", other["amount"], order_no="O1")
    return chain.delivery("D1", "11.30", order_no="O1", known_on="05-10")


def fee(chain: Chain) -> Chain:
    """An agreement on flyers, but none on the shop's anniversary, for which 10 are taken."""
    chain.world.given(
        "staged.deduction_agreements",
        [{"known_on": "05-01", "agreement_id": f"F{chain.chain_id}", "chain_id": chain.chain_id,
          "fee_code": "DM", "basis": "fixed_per_month", "rate_or_amount": 5,
          "kind": "cash_deducted", "valid_from": "2026-01-01"}],
    )  # fmt: skip
    lines = [{"line_kind": "deduction", "fee_code": "DM", "amount": -5},
             {"line_kind": "deduction", "fee_code": "XX", "fee_name": "店庆",
              "amount": -10}]  # fmt: skip
    return chain.statement("ST1", lines).statement("ST1", lines[:1], on="06-10")


LIVES = [
    Life("undelivered", "nothing goes out until 20 May",
         lambda c: c.order("O1", 100, deliver_by="05-04")
         .delivery("D1", 100, order_no="O1", on="05-20"),
         ("05-08", "05-19"), 100, "仓库",
         "ordered 100.00, expected by 2026-05-04, no delivery note"),
    Life("undelivered", "the order is cancelled",
         lambda c: c.order("O1", 100).order("O1", 100, known_on="05-12", is_cancelled=True),
         ("05-05", "05-11"), 100, "仓库",
         "ordered 100.00, expected by 2026-05-01, no delivery note"),
    Life("undelivered", "the chain grants more time",
         lambda c: c.order("O1", 100).order("O1", 100, known_on="05-09", deliver_by="07-20"),
         ("05-05", "05-08"), 100, "仓库",
         "ordered 100.00, expected by 2026-05-01, no delivery note"),
    Life("undelivered", "an order that only a delivery note names was delivered",
         lambda c: c.delivery("D1", 100, order_no="O1"), None),
    Life("partly_delivered", "60 of 100 go out, the rest on 15 May",
         lambda c: c.order("O1", 100, deliver_by="05-04").delivery("D1", 60, order_no="O1")
         .delivery("D2", 40, order_no="O1", on="05-15"),
         ("05-08", "05-14"), 40, "仓库", "ordered 100.00, expected by 2026-05-04, delivered 60.00"),
    Life("partly_delivered", "goods that come back after delivery were delivered",
         lambda c: goods(c).delivery("D9", -20, order_no="O1", on="05-20"), None),
    Life("over_delivered", "110 of 100 go out, 10 come back",
         lambda c: c.order("O1", 100).delivery("D1", 110, order_no="O1")
         .delivery("D1", 100, order_no="O1", known_on="05-10"),
         ("05-02", "05-09"), 10, "仓库", "ordered 100.00, delivered 110.00"),
    Life("over_delivered", "goods go out for a cancelled order, and come back",
         lambda c: c.order("O1", 100).order("O1", 100, known_on="05-05", is_cancelled=True)
         .delivery("D1", 100, order_no="O1", on="05-08")
         .delivery("D2", -100, order_no="O1", on="05-12"),
         ("05-08", "05-11"), 100, "仓库", "the order is cancelled, delivered 100.00 all the same"),
    Life("over_delivered", "goods go out for a cancelled order, and are accepted",
         lambda c: c.order("O1", 100).order("O1", 100, known_on="05-05", is_cancelled=True)
         .delivery("D1", 100, order_no="O1", on="05-08")
         .receipt("R1", 100, order_no="O1", on="05-10"),
         ("05-08", "05-09"), 100, "仓库", "the order is cancelled, delivered 100.00 all the same"),
    Life("unreceived", "goods are in transit for 3 days, and after that unreceived",
         lambda c: goods(c, on="05-20"),
         ("05-06", "05-19"), 100, "客户经理", "delivered 100.00 on 2026-05-02, no goods receipt"),
    Life("unreceived", "a delivery note that comes late, too",
         lambda c: c.order("O1", 100)
         .delivery("D1", 100, order_no="O1", on="05-02", known_on="05-20")
         .receipt("R1", 100, order_no="O1", on="06-01"),
         ("05-20", "05-31"), 100, "客户经理", "delivered 100.00 on 2026-05-02, no goods receipt"),
    Life("short_received", "60 of 100 are accepted, the rest on 20 May",
         lambda c: c.order("O1", 100).delivery("D1", 100, order_no="O1")
         .receipt("R1", 60, order_no="O1").receipt("R2", 40, order_no="O1", on="05-20"),
         ("05-06", "05-19"), 40, "客户经理", "delivered 100.00 on 2026-05-02, received 60.00"),
    Life("price_difference", "delivered at 1.20 instead of 1.13",
         lambda c: repriced(c, "1.20", "0.13"), ("05-02", "05-09"), "0.70", "客户经理",
         "papers differ in price by 0.70: ordered 11.30, delivered 12.00, received 0.00"),
    Life("tax_difference", "delivered with 9 % instead of 13 % tax",
         lambda c: repriced(c, "1.09", "0.09"), ("05-02", "05-09"), "-0.40", "开票",
         "papers differ in tax rate by -0.40: ordered 11.30, delivered 10.90, received 0.00"),
    Life("returned", "10 of 100 go back until the order is paid",
         lambda c: goods(c).receipt("T1", -10, order_no="O1", on="05-20")
         .statement("ST1", [{"receipt_no": "R1", "amount": 100},
                            {"receipt_no": "T1", "amount": -10, "line_kind": "return"}])
         .payment(f"T{c.chain_id}", 90, "ST1"),
         ("05-20", "06-09"), -10, "开票", "returned -10.00 of 100.00 received"),
    Life("uninvoiced", "nobody bills the goods for 30 days",
         lambda c: goods(c).application(f"A{c.chain_id}", "R1", 100, invoice(c), on="06-08")
         .invoice(invoice(c), 100, on="06-10"),
         ("06-03", "06-09"), 100, "开票",
         "accepted 100.00 on 2026-05-03, applied for 0.00, invoiced 0.00"),
    Life("over_invoiced", "an invoice of 120 for goods of 100, until it is void",
         lambda c: billed(goods(c), 120).invoice(invoice(c), 120, known_on="06-02", status="void"),
         ("05-09", "06-01"), 20, "开票",
         "invoice {invoice} bills 20.00 that no goods receipt explains"),
    Life("over_invoiced", "goods go back after they were billed, until a red invoice",
         lambda c: billed(goods(c)).receipt("T1", -10, order_no="O1", on="05-20")
         .invoice(invoice(c), 100, known_on="06-02", status="void"),
         ("05-20", "06-01"), 10, "开票", "accepted 90.00, invoiced 100.00"),
    Life("over_invoiced", "an invoice without any goods, once they had 30 days to come",
         lambda c: c.invoice(invoice(c), 100, on="05-05")
         .invoice(invoice(c), 100, known_on="06-20", status="void"),
         ("06-05", "06-19"), 100, "开票",
         "invoice {invoice} bills 100.00 that no goods receipt explains"),
    Life("invoice_not_handed_over", "an invoice lies about for 7 days and more",
         lambda c: billed(goods(c)).handover(invoice(c), "06-02"),
         ("05-13", "06-01"), 100, "客户经理",
         "invoice {invoice} of 2026-05-05 has not been handed over"),
    Life("invoice_not_handed_over", "they pay all the same",
         lambda c: paid(billed(goods(c))),
         ("05-13", "06-09"), 100, "客户经理",
         "invoice {invoice} of 2026-05-05 has not been handed over"),
    Life("wrong_invoice_title", "made out to the head office where the store owes",
         lambda c: billed(goods(c), buyer_id=c.customer("HO"))
         .invoice(invoice(c), 100, known_on="06-02", status="void"),
         ("05-05", "06-01"), 100, "开票",
         "invoice {invoice} is made out to {chain}-HO, the debtor is {chain}-S1"),
    Life("wrong_invoice_title", "made out to who owes", lambda c: billed(goods(c)), None),
    Life("not_on_statement", "the statement leaves the receipt out for 45 days",
         lambda c: goods(c).statement("ST1", [{"receipt_no": "R1", "amount": 100}], on="06-25"),
         ("06-18", "06-24"), 100, "客户经理", "accepted 100.00 on 2026-05-03, on statements 0.00"),
    Life("statement_amount_differs", "the statement says 90, then 100",
         lambda c: goods(c).statement("ST1", [{"receipt_no": "R1", "amount": 90}], on="06-01")
         .statement("ST1", [{"receipt_no": "R1", "amount": 100}], on="06-10"),
         ("06-01", "06-09"), -10, "客户经理",
         "statement ST1 says 90.00 for receipt R1, we have 100.00"),
    Life("on_statement_without_documents", "they list a receipt before we have it",
         lambda c: c.statement("ST1", [{"receipt_no": "R1", "amount": 100}], on="06-01")
         .receipt("R1", 100, on="05-03", known_on="06-10"),
         ("06-01", "06-09"), 100, "客户经理",
         "statement ST1 lists receipt R1 for 100.00, which we do not have"),
    Life("on_statement_without_documents", "they list an order before we have it",
         lambda c: c.statement("ST1", [{"order_no": "O9", "amount": 100}], on="06-01")
         .order("O9", 100, known_on="06-10"),
         ("06-01", "06-09"), 100, "客户经理",
         "statement ST1 lists order O9 for 100.00, which we do not have"),
    Life("unexplained_deduction", "a fee that nobody agreed, until the statement is corrected",
         fee, ("06-01", "06-09"), 10, "客户经理",
         "statement ST1 takes 10.00 for 店庆 without an agreement"),
    Life("duplicate_document", "a copy of an order comes: told on its day",
         lambda c: c.order("O1", 100).lines("orders", "O1",
             [{"amount": 100, "is_duplicate": True, "is_standing": False}], on="05-03"),
         ("05-03", "05-03"), 100, "财务", "order O1 came again with the same content"),
    Life("suspected_match", "a delivery names an order that may be either of two, then its own",
         lambda c: c.order("0015000", 10).order("PO15000", 10)
         .delivery("D1", 10, order_no="15000").order("15000", 10, known_on="05-10"),
         ("05-02", "05-09"), 10, "客户经理",
         "delivery D1 names order 15000, which we do not have; likely "),
    Life("future_date", "a receipt is dated 20 May but came on 3 May",
         lambda c: c.order("O1", 100)
         .receipt("R1", 100, order_no="O1", on="05-20", known_on="05-03"),
         ("05-03", "05-19"), 100, "财务", "receipt R1 is dated 2026-05-20, but came on 2026-05-03"),
    Life("contradictory_reference", "a receipt and its delivery note name different orders",
         lambda c: c.order("O1", 100).order("O2", 100).delivery("D1", 100, order_no="O2")
         .receipt("R1", 100, order_no="O1", delivery_no="D1")
         .receipt("R1", 100, order_no="O2", delivery_no="D1", known_on="05-20"),
         ("05-03", "05-19"), 100, "财务",
         "receipt R1 names order O1, its delivery D1 names order O2"),
    Life("number_reused", "a number of last year, until the paper comes as it was",
         lambda c: c.receipt("R1", 70, on="2025-05-03", known_on="05-03")
         .receipt("R1", 100, on="05-20")
         .receipt("R1", 70, on="05-21", known_on="05-30"),
         ("05-20", "05-29"), 100, "财务",
         "receipt R1 of 2026-05-20 has the number of one of 2025-05-03 over 70.00 and replaced it"),
    Life("unusual_amount", "more goods are taken back than were delivered",
         lambda c: c.order("O1", 100).delivery("D1", -20, order_no="O1")
         .delivery("D2", 100, order_no="O1", on="05-10"),
         ("05-02", "05-09"), -20, "财务", "more goods were taken back than delivered: -20.00"),
]  # fmt: skip


def chain_of(life: Life) -> str:
    return f"K{LIVES.index(life):02}"


@pytest.fixture(scope="module")
def world() -> World:
    """All stories in one world, each in a chain of its own."""
    world = World()
    chains = [Chain(chain_id=chain_of(life), world=world) for life in LIVES]
    world.run(*Chain.START, day_from="05-01")
    for life, chain in zip(LIVES, chains, strict=True):
        life.papers(chain)
    return world.run(*PROGRESS, day_from="05-01", until=END)


@pytest.mark.parametrize("life", LIVES, ids=str)
def test_a_reason_lives_from_the_day_it_holds_until_the_day_it_does_not(
    world: World, life: Life
) -> None:
    chain_id = chain_of(life)
    rows = world.rows(
        "select exceptions.*, reasons.next_action as action from matched.exceptions "
        "inner join matched.exception_reasons as reasons using (reason) "
        f"where reason = '{life.reason}' and chain_id = '{chain_id}' order by as_of"
    )
    if life.days is None:
        assert rows == []
        return
    first, last = rows[0], rows[-1]
    assert (f"{first['as_of']:%m-%d}", f"{last['as_of']:%m-%d}") == life.days
    assert len(rows) == (last["as_of"] - first["as_of"]).days + 1, "an unbroken stretch"
    assert len({(row["exception_id"], row["opened_on"]) for row in rows}) == 1
    said = life.evidence.format(chain=chain_id, invoice=f"V{chain_id}")
    assert first["evidence"].startswith(said)
    for row in rows:
        assert row["amount"] == money(life.amount)
        assert row["owner"] == life.owner
        assert row["next_action"] == row["action"]
        assert row["days_open"] == (row["as_of"] - row["opened_on"]).days
    closed = world.rows(
        "select known_on, amount, closed_because from matched.closed_exceptions "
        f"where exception_id = '{first['exception_id']}'"
    )
    assert [(row["known_on"] - last["as_of"]).days for row in closed] == [1]
    assert [row["amount"] for row in closed] == [money(life.amount)]


def test_every_reason_is_told(world: World) -> None:
    known = {row["reason"] for row in world.rows("select reason from matched.exception_reasons")}
    assert {life.reason for life in LIVES if life.days} == known
    assert set(NEXT_ACTIONS) == known
