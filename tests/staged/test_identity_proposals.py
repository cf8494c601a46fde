"""Names that mean nobody known: who could be meant, on what evidence, and what is at stake."""

from datetime import date
from typing import Any

import pytest

from assets.staged.identity_proposals import MOST, propose
from io_managers.session import Window
from tests.support import World, day

NAMES = {
    "HO": "示例超市有限公司",
    "S1": "示例超市（城东路店）",
    "S2": "示例超市（城西路店）",
    "S3": "示例超市第12店",
    "X1": "远山百货有限公司",
}


def world(**names: str) -> World:
    made = World()
    for customer_id, name in {**NAMES, **names}.items():
        chain = "D" if customer_id.startswith("X") else "C"
        customer(made, "05-01", customer_id, name, chain)
    return made


def customer(world: World, on: str, customer_id: str, name: str, chain: str = "C") -> None:
    row = {"known_on": on, "customer_id": customer_id, "customer_name": name, "chain_id": chain}
    world.given("staged.customers", [row])


def alias(world: World, on: str, kind: str, text: str, customer_id: str) -> None:
    row = {"known_on": on, "chain_id": "C", "alias_kind": kind, "alias": text}
    world.given("staged.customer_aliases", [{**row, "customer_id": customer_id}])


def receipt(world: World, on: str, no: str, code: str, amount: Any, **fields: Any) -> None:
    row = {"known_on": on, "chain_id": "C", "receipt_no": no, "store_code": code}
    row |= {"store_id": f"unknown:C/{code}", "amount": amount}
    world.given("staged.goods_receipts", [{**row, **fields}])


def order(world: World, on: str, no: str, code: str, amount: Any) -> None:
    row = {"known_on": on, "chain_id": "C", "order_no": no, "store_code": code}
    world.given("staged.orders", [{**row, "store_id": f"unknown:C/{code}", "amount": amount}])


def invoice(world: World, on: str, no: str, buyer: str, amount: Any) -> None:
    row = {"known_on": on, "invoice_no": no, "buyer_name": buyer, "amount": amount}
    world.given("staged.invoices", [row])


def payment(world: World, on: str, no: str, payer: str, amount: Any) -> None:
    row = {"known_on": on, "account_no": "A", "transaction_no": no, "payer_name": payer}
    world.given("staged.bank_receipts", [{**row, "amount": amount}])


def proposals(world: World, day_from: str = "05-01", until: str | None = None) -> list[dict]:
    world.run("staged.unresolved_names", day_from=day_from, until=until)
    return propose(world.session, Window(day(day_from), day(until or day_from))).to_dicts()


def candidates(world: World) -> list[tuple[str | None, str]]:
    """Who is proposed on 1 May, and in what words the likeness is told."""
    return [(row["candidate_id"], row["evidence"].split(";")[0]) for row in proposals(world)]


@pytest.mark.parametrize(
    ("buyer", "expected"),
    [
        ("示例超市", [("HO", "same name but for 有限公司")]),
        ("示例超市股份有限公司", [("HO", "same name but for 有限公司 and 股份有限公司")]),
        ("示例超市城东路店", [("S1", "same name but for brackets")]),
        ("示例超市城冬路店", [("HO", "one name is part of the other"),
                              ("S1", "spelled alike, 88 of 100"),
                              ("S2", "spelled alike, 88 of 100")]),
        ("城东路店", [("S1", "one name is part of the other")]),
        ("远山白货有限公司", [("X1", "spelled alike, 75 of 100")]),
        # another number is another store
        ("示例超市第13店", [("HO", "one name is part of the other")]),
        ("完全陌生", [(None, "no known name is close to it")]),
        ("店", [(None, "no known name is close to it")]),
    ],
)  # fmt: skip
def test_a_buyer_is_proposed_by_its_name(
    buyer: str, expected: list[tuple[str | None, str]]
) -> None:
    made = world()
    invoice(made, "05-01", "V1", buyer, 100)
    found = candidates(made)
    assert len(found) <= MOST
    assert found == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("7", [("S1", "same code but for leading zeros")]),
        ("0007", [("S1", "same code but for leading zeros")]),
        ("007(城东)", [("S1", "the code before the bracket is known")]),
        # a code is the same or another one, never nearly the same
        ("008", [(None, "no known name is close to it")]),
        ("0070", [(None, "no known name is close to it")]),
        # a name in place of a code
        ("城西路店", [("S2", "one name is part of the other")]),
        # another chain's customers are not meant
        ("远山百货", [(None, "no known name is close to it")]),
    ],
)
def test_a_store_is_proposed_by_its_code_or_by_a_name_in_its_place(
    code: str, expected: list[tuple[str | None, str]]
) -> None:
    made = world()
    alias(made, "05-01", "store_code", "007", "S1")
    receipt(made, "05-01", "R1", code, 100)
    assert candidates(made) == expected


def test_what_is_at_stake_stands_in_the_evidence() -> None:
    made = world()
    for number in range(4):
        order(made, "05-01", f"O{number}", "城东路店", 3000)
        receipt(made, "05-01", f"R{number}", "城东路店", 3075)
    (row,) = proposals(made)
    assert row["evidence"] == "one name is part of the other; 8 papers, 12,300.00 CNY"
    assert (row["alias_kind"], row["alias"], row["chain_id"]) == ("store_code", "城东路店", "C")
    assert (row["likeness"], row["place"], row["first_seen_on"]) == (90, 1, date(2026, 5, 1))


def test_payers_count_and_money_that_went_out_does_not() -> None:
    made = world()
    payment(made, "05-01", "T1", "远山百货", 500)
    payment(made, "05-01", "T2", "某物业", -80)
    rows = proposals(made)
    assert [(row["alias"], row["candidate_id"], row["amount"]) for row in rows] == [
        ("远山百货", "X1", 500)
    ]
    assert (rows[0]["chain_id"], rows[0]["candidate_chain_id"]) == ("unknown", "D")


def test_a_version_replaces_the_one_before_and_a_resolved_one_ends_it() -> None:
    made = world()
    receipt(made, "05-01", "R1", "999", 100)
    receipt(made, "05-02", "R1", "999", 60)
    receipt(made, "05-03", "R1", "S1", 60, store_id="S1")
    at_stake = [(row["as_of"].day, row["papers"], row["amount"])
                for row in proposals(made, "05-01", "05-04")]  # fmt: skip
    assert at_stake == [(1, 1, 100), (2, 1, 60)]


def test_papers_that_came_before_the_name_was_known_stay_listed_with_the_answer() -> None:
    made = world()
    receipt(made, "05-01", "R1", "999", 100)
    alias(made, "05-02", "store_code", "999", "S2")
    found = [(row["candidate_id"], row["likeness"], row["evidence"])
             for row in proposals(made, "05-01", "05-02")]  # fmt: skip
    assert found == [
        (None, None, "no known name is close to it; 1 paper, 100.00 CNY"),
        ("S2", 100, "the code is known by now; 1 paper, 100.00 CNY"),
    ]


def test_day_by_day_is_one_run_and_the_order_is_the_same_every_time() -> None:
    def papers() -> World:
        made = world(S4="示例超市（城北路店）")
        receipt(made, "05-01", "R1", "城南路店", 100)
        receipt(made, "05-02", "R2", "城北", 100)
        invoice(made, "05-02", "V1", "示例超市", 900)
        customer(made, "05-03", "S5", "示例超市（城南路店）")
        return made

    whole = proposals(papers(), "05-01", "05-04")
    daily = papers()
    assert [row for on in ("05-01", "05-02", "05-03", "05-04") for row in proposals(daily, on)] == (
        whole
    )
    assert len({(row["as_of"], row["alias"], row["place"]) for row in whole}) == len(whole)
    south = [(row["as_of"].day, row["candidate_id"]) for row in whole if row["alias"] == "城南路店"]
    assert south[-1] == (4, "S5")
    assert (2, "S5") not in south
