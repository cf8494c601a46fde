"""Payments of papers that change afterwards: one run and many tell alike what they clear."""

from hashlib import md5
from typing import Any

from tests.papers import Chain, leading_to, open_items, side_by_side
from tests.support import World

CASH = "settled/cash_received_is_applied_or_unapplied"
DISPUTES = "settled/disputes_are_open_and_never_below_nothing"
NAMED = 70  # enough for a sort to change the order of equals
TABLES = ("matched.clearings", "settled.cash_applications", "settled.ledger")


def fee(amount: Any, **fields: Any) -> dict[str, Any]:
    return {"line_kind": "deduction", "fee_code": "RB", "amount": amount, **fields}


def in_steps(chain: Chain, *edges: str) -> World:
    """May and June, closed in runs that begin on the 1st of May and on the days given."""
    begins = ["05-01", *edges]
    for day_from, after in zip(begins, [*edges, "07-01"], strict=True):
        day = int(after[3:]) - 1
        chain.close(day_from, f"{after[:3]}{day:02}" if day else "06-30")
    return chain.world


def same(one: World, other: World) -> None:
    for table in TABLES:
        query = f"select * from {table} order by all"
        assert one.rows(query) == other.rows(query), table


def restated() -> Chain:
    """Line 2 names no store, and line 3 store S2; in the later version line 2 is gone."""
    chain = (
        Chain("branch_head")
        .receipt("R1", 500)
        .statement("ST", [{"receipt_no": "R1", "amount": 500}, fee(-20), fee(-30, store_id="S2")])
    )
    chain.payment("T1", 450, "ST", on="06-10")
    return chain.statement(
        "ST", [{"receipt_no": "R1", "amount": 500}, fee(-30, store_id="S2")], on="06-20"
    )


def test_a_deduction_stands_on_the_store_that_its_paper_named_when_it_was_taken() -> None:
    whole = restated().close()
    taken = whole.rows(
        "select unit_no, store_id, amount from settled.cash_applications "
        "where part = 'deduction' order by unit_no"
    )
    assert [tuple(row.values()) for row in taken] == [("ST#2", "HO", -20), ("ST#3", "S2", -30)]
    same(in_steps(restated(), "06-15"), whole)


def named_often() -> Chain:
    """Goods that were paid in part stand on every statement that the next payment names."""
    chain = Chain("branch_head").receipt("R", 900).receipt("R", 1000, known_on="06-03")
    chain.statement("DZ2026A", [{"receipt_no": "R", "amount": 900}], on="06-01")
    chain.payment("T1", 900, "DZ2026A", on="06-02")
    numbers = [f"DZ2026B{no}" for no in range(NAMED)]
    for place, no in enumerate(numbers):
        chain.statement(no, [{"receipt_no": "R", "amount": 100 + 7 * place % 31}], on="06-04")
    return chain.payment("T2", 900 * NAMED, " ".join(numbers), on="06-20")


def test_goods_that_stand_on_several_papers_of_a_payment_are_claimed_once() -> None:
    whole = named_often().close()
    cleared = whole.rows("select transaction_no, amount from matched.clearings order by all")
    assert [tuple(row.values()) for row in cleared] == [("T1", 900), ("T2", 100)]
    same(in_steps(named_often(), "06-15"), whole)


def test_a_fee_on_a_line_that_gives_back_in_a_later_version_is_in_dispute_until_decided() -> None:
    """The goods come after the later version; the payment is of the first one."""
    chain = Chain("branch_head").receipt("R", 100, known_on="06-05")
    chain.statement("ST", [{"receipt_no": "R", "amount": 100}, fee(-4)], on="06-01")
    chain.payment("T", 96, "ST", on="06-02")
    chain.statement("ST", [{"receipt_no": "R", "amount": 100}, fee(12)], on="06-03")
    item_id = md5(b"deduction|C|ST#2").hexdigest()[:16]
    chain.decision(item_id, "write_off", "06-10", subject_kind="deduction")
    world = chain.close()
    assert open_items(world, "06-09") == [("deduction", "ST#2", 4)]
    assert open_items(world, "06-10") == []


def strange() -> Chain:
    """Somebody says for what a stranger paid, before we have that paper."""
    chain = Chain("branch_head").receipt("R", 100).receipt("Q", 50)
    chain.statement("DZ1", [{"receipt_no": "Q", "amount": 50}], on="05-20")
    chain.payment("T", 100, "", on="06-01", payer_id=None, chain_id=None, payer_name="Nobody")
    chain.decision("T", "match to", "06-05", subject_kind="cash", target_id="DZ2")
    return chain.statement("DZ2", [{"receipt_no": "R", "amount": 100}], on="06-12")


def test_a_stranger_is_of_no_chain_before_the_paper_that_somebody_names_is_known() -> None:
    whole = strange().close()
    query = "select known_on, chain_id, verdict from matched.cash_answers order by known_on"
    assert whole.rows(query)[-1]["chain_id"] is None
    assert in_steps(strange(), "06-08").rows(query) == whole.rows(query)


# the fee of the later version in the place of a fee of 40 that the first payment took, and then, by
# day, what is open of that line
IN_ITS_PLACE = {
    "another fee is given back": ("PCT", None, {"06-04": 40, "06-06": 40, "06-20": 40}),
    "more of the fee is given back": ("RB", None, {"06-04": 40, "06-06": 0, "06-20": 0}),
    "the fee is written off": ("PCT", "write_off", {"06-04": 40, "06-06": 40, "06-20": 0}),
    "an agreement supports most of the fee": ("PCT", "agreed", {"06-04": 15, "06-06": 15}),
}


def given_back_in_its_place() -> World:
    chains = side_by_side(len(IN_ITS_PLACE), "branch_head")
    for chain, (code, then, _) in zip(chains, IN_ITS_PLACE.values(), strict=True):
        number = chain.chain_id[1:]
        if then == "agreed":
            chain.world.given("staged.deduction_agreements", [agreed(chain.chain_id, 25)])
        chain.receipt(f"R{number}", 500, store_id=chain.customer("S1"))
        goods = {"receipt_no": f"R{number}", "amount": 500}
        party = chain.customer("HO")
        chain.statement(f"DZ20{number}", [goods, fee(-40)], party=party)
        chain.payment(f"T{number}", 460, f"DZ20{number}", on="06-02")
        later = [goods, fee(60, fee_code=code)]
        chain.statement(f"DZ20{number}", later, on="06-03", party=party)
        chain.payment(f"T{number}B", 460, f"DZ20{number}", on="06-06")
        if then == "write_off":
            item_id = md5(f"deduction|{chain.chain_id}|DZ20{number}#2".encode()).hexdigest()[:16]
            chain.decision(item_id, then, "06-10", subject_kind="deduction")
    return chains[-1].world


def agreed(chain_id: str, amount: int) -> dict[str, Any]:
    return {
        "known_on": "05-01",
        "agreement_id": f"D {chain_id}",
        "chain_id": chain_id,
        "fee_code": "RB",
        "basis": "fixed_per_event",
        "rate_or_amount": amount,
        "valid_from": "2026-01-01",
    }


def test_a_fee_stays_in_dispute_when_a_later_version_gives_back_in_its_place() -> None:
    world = given_back_in_its_place()
    world.have("staged.calendar")
    flow = leading_to("settled.disputes", "settled.unapplied_cash")
    world.run(*flow, day_from="05-01", until="06-30")
    for number, (told, (_, _, expected)) in enumerate(IN_ITS_PLACE.items()):
        found = {
            day: sum(
                balance
                for kind, _, balance in open_items(world, day, f"C{number:02}")
                if kind == "deduction"
            )
            for day in expected
        }
        assert found == expected, told
    listed = world.rows("select distinct fee_code, amount from settled.disputes")
    assert [tuple(row.values()) for row in listed] == [("RB", 40)]
    assert world.audit(DISPUTES, "05-01", "06-30") == []
    assert world.audit(CASH, "05-01", "06-30") == []
