"""An invoice that no application names finds its receipts by the numbers in its remark."""

import os
import random
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.papers import Chain, open_items
from tests.support import World, day, upstream

SEED = int(os.environ.get("SIDAN_SEED") or random.SystemRandom().randrange(2**32))

LINKS = upstream("matched.links", stages=("matched",))

IN_PORTIONS = pytest.mark.parametrize(
    "portions",
    [[("05-01", "06-30")], [("05-01", "05-12"), ("05-13", "05-15"), ("05-16", "06-30")]],
    ids=["at once", "in portions"],
)


def explained(world: World, on: str = "06-30") -> dict[tuple[str, str], Any]:
    """The amount of each receipt and invoice on a day, by the rule of the links that hold."""
    rows = world.rows(
        "select receipt_no, invoice_no, max_by(amount, known_on) as amount "
        f"from matched.invoiced_goods where known_on <= date '{day(on)}' "
        "group by all having amount <> 0"
    )
    return {(row["receipt_no"], row["invoice_no"]): row["amount"] for row in rows}


def linked(world: World) -> list[tuple[object, ...]]:
    rows = world.rows(
        "select from_no, to_no, amount, rule, is_inferred, strftime(known_on, '%m-%d') as day, "
        "undone_on is not null as is_undone from matched.links "
        "where to_kind = 'invoice' order by known_on, rule, from_no, to_no"
    )
    return [tuple(row.values()) for row in rows]


def audited(chain: Chain, portions: list[tuple[str, str]]) -> World:
    for first, last in portions:
        chain.world.run(*LINKS, day_from=first, until=last)
    for audit in ("no_paper_is_explained_beyond_its_amount", "links_are_unique"):
        assert chain.world.audit(f"matched/{audit}", "05-01", "06-30") == []
    return chain.world


def test_numbers_lists_and_ranges_of_a_remark_explain_their_receipts() -> None:
    chain = Chain()
    for number in range(30001, 30010):
        chain.receipt(str(number), 10)
    chain.receipt("7", 5).receipt("8", 5)
    chain.invoice("V1", 50, remark="验收单号：30001-30005")
    chain.invoice("V2", 20, remark="30006/07")
    chain.invoice("V3", 10, remark="３０００８、30999 电话 30009")
    chain.invoice("V4", 5, remark="验收单 7")
    chain.invoice("V5", 4, remark="8")
    found = explained(audited(chain, [("05-01", "06-30")]))
    assert found == {
        **{(str(number), "V1"): 10 for number in range(30001, 30006)},
        ("30006", "V2"): 10, ("30007", "V2"): 10, ("30008", "V3"): 10, ("7", "V4"): 5,
    }  # fmt: skip


def test_an_order_or_a_delivery_stands_for_its_receipts() -> None:
    chain = Chain().order("40001", 30).delivery("20001", 10, order_no="40001")
    chain.receipt("30001", 10, delivery_no="20001").receipt("30002", 20, order_no="40001")
    chain.delivery("20002", 8).receipt("30003", 8, delivery_no="20002", on="05-12")
    chain.invoice("V1", 30, remark="订单40001").invoice("V2", 8, remark="送货单 20002")
    world = audited(chain, [("05-01", "06-30")])
    assert linked(world) == [
        ("30001", "V1", 10, "invoice_remark", True, "05-10", False),
        ("30002", "V1", 20, "invoice_remark", True, "05-10", False),
        ("30003", "V2", 8, "invoice_remark", True, "05-12", False),
    ]


def test_words_that_say_another_kind_and_other_chains_are_not_meant() -> None:
    chain = Chain().receipt("30001", 10).receipt("30002", 10, chain_id="X")
    chain.order("30003", 10).receipt("30004", 10, order_no="30003").receipt("30003", 10)
    chain.invoice("V1", 10, remark="订单30001").invoice("V2", 10, remark="30002")
    chain.invoice("V3", 20, remark="30003")
    chain.invoice("V4", -10, is_red=True, red_of_invoice_no="30001", remark="对应蓝字 30001")
    # the number is a receipt's own, so it does not stand for the order of that number
    assert explained(audited(chain, [("05-01", "06-30")])) == {("30003", "V3"): 10}


@IN_PORTIONS
def test_an_application_that_comes_later_outranks_the_remark(
    portions: list[tuple[str, str]],
) -> None:
    chain = Chain().receipt("30001", 100).receipt("30002", 50).receipt("30003", 70)
    chain.invoice("V1", 150, remark="验收单30001、30002").invoice("V2", 70, remark="30003")
    chain.application("A1", "30001", 100, "V1", on="05-13")
    chain.application("A2", "30003", 40, "V3", on="05-14").invoice("V3", 40, on="05-16")
    world = audited(chain, portions)
    assert explained(world, "05-12") == {
        ("30001", "V1"): 100, ("30002", "V1"): 50, ("30003", "V2"): 70,
    }  # fmt: skip
    assert explained(world, "05-15") == {("30001", "V1"): 100, ("30003", "V2"): 70}
    assert explained(world) == {("30001", "V1"): 100, ("30003", "V2"): 30, ("30003", "V3"): 40}
    assert linked(world) == [
        ("30001", "V1", 100, "invoice_remark", False, "05-10", False),
        ("30002", "V1", 50, "invoice_remark", False, "05-10", False),
        ("30003", "V2", 70, "invoice_remark", False, "05-10", False),
        ("30001", "V1", 100, "application", False, "05-13", False),
        ("30001", "V1", 0, "invoice_remark", False, "05-13", True),
        ("30002", "V1", 0, "invoice_remark", False, "05-13", True),
        ("30003", "V3", 40, "application", False, "05-16", False),
        ("30003", "V2", 30, "invoice_remark", False, "05-16", False),
    ]


@IN_PORTIONS
def test_goods_of_a_void_invoice_are_free_for_the_one_made_out_again(
    portions: list[tuple[str, str]],
) -> None:
    chain = Chain().receipt("30001", 100).application("A1", "30001", 100, "V1").invoice("V1", 100)
    chain.invoice("V2", 100, on="05-12", remark="30001重开")
    chain.invoice("V1", 100, known_on="05-14", status="void")
    world = audited(chain, portions)
    assert explained(world, "05-13") == {("30001", "V1"): 100}
    assert explained(world, "05-14") == {("30001", "V2"): 100}


def test_goods_that_a_remark_names_are_invoiced_goods_to_the_ledger_and_the_order() -> None:
    chain = Chain().order("40001", 100).receipt("30001", 100, order_no="40001")
    world = chain.invoice("V1", 100, on="06-10", remark="验收单 30001").close()
    assert open_items(world, "06-09") == [("uninvoiced", "30001", 100)]
    assert open_items(world, "06-10") == [("invoice", "V1", 100)]
    chain.progress()
    (state,) = world.rows("from matched.order_states qualify known_on = max(known_on) over ()")
    assert state["invoiced"] == 100
    (uninvoiced,) = world.rows(
        "select strftime(max(as_of), '%m-%d') as last_on from matched.exceptions "
        "where reason = 'uninvoiced'"
    )
    assert uninvoiced["last_on"] == "06-09"


# An independent oracle: what each invoice explains on a day, from the papers known by then.

Papers = Mapping[str, list[dict[str, Any]]]


def known(papers: list[dict[str, Any]], on: date) -> list[dict[str, Any]]:
    return [paper for paper in papers if paper["known_on"] <= on]


def worth(receipts: list[dict[str, Any]], no: str) -> int:
    return [paper["amount"] for paper in receipts if paper["no"] == no][-1]


def by_oracle(papers: Papers, on: date) -> dict[tuple[str, str], int]:
    receipts = known(papers["receipts"], on)
    numbers = {paper["no"] for paper in receipts}
    invoices = sorted(known(papers["invoices"], on), key=lambda paper: paper["no"])
    rows = known(papers["applications"], on)
    found: dict[tuple[str, str], int] = {}
    free = {no: worth(receipts, no) for no in numbers}
    rows.sort(key=lambda row: (max(row["known_on"], *(paper["known_on"] for paper in [
        next((paper for paper in invoices if paper["no"] == row["invoice"]), row),
        next((paper for paper in receipts if paper["no"] == row["receipt"]), row),
    ])), row["invoice"]))  # fmt: skip
    for row in rows:
        invoice = next((paper for paper in invoices if paper["no"] == row["invoice"]), None)
        if invoice and row["receipt"] in numbers:
            part = min(row["amount"], invoice["amount"], free[row["receipt"]])
            free[row["receipt"]] -= part
            found[row["receipt"], row["invoice"]] = part
    applied = {row["invoice"] for row in rows}
    room, wants = dict(free), []
    for invoice in invoices:
        left = 0 if invoice["no"] in applied else invoice["amount"]
        for no in dict.fromkeys(invoice["remark"].split("、")):
            if no in numbers:
                wanted = min(left, room[no])
                left -= wanted
                first = min(paper["known_on"] for paper in receipts if paper["no"] == no)
                wants.append((max(first, invoice["known_on"]), invoice["no"], no, wanted))
    for _, invoice_no, no, wanted in sorted(wants):
        part = min(wanted, free[no])
        free[no] -= part
        found[no, invoice_no] = found.get((no, invoice_no), 0) + part
    return {pair: part for pair, part in found.items() if part}


def random_papers(dice: random.Random) -> Papers:
    first = date(2026, 5, 2)
    numbers = [str(no) for no in range(30001, 30001 + dice.randrange(2, 6))]
    receipts = [
        {
            "no": no, "amount": dice.randrange(1, 6) * 10,
            "known_on": first + timedelta(dice.randrange(6)),
        }
        for no in numbers
    ]  # fmt: skip
    invoices = [
        {
            "no": f"V{place}", "amount": dice.randrange(1, 12) * 10,
            "remark": "、".join(dice.choices([*numbers, "39999"], k=dice.randrange(1, 4))),
            "known_on": first + timedelta(dice.randrange(6)),
        }
        for place in range(dice.randrange(1, 4))
    ]  # fmt: skip
    applications = [
        {
            "receipt": no, "invoice": f"V{place}", "amount": dice.randrange(1, 6) * 10,
            "known_on": first + timedelta(dice.randrange(8)),
        }
        for place, no in enumerate(dice.sample(numbers, dice.randrange(0, 3)))
    ]  # fmt: skip
    return {"receipts": receipts, "invoices": invoices, "applications": applications}


def test_random_remarks_explain_what_the_oracle_says_in_portions_and_at_once() -> None:
    dice = random.Random(SEED)
    at_once, daily = Chain(), Chain()
    worlds = {f"W{number}": random_papers(dice) for number in range(25)}
    for name, papers in worlds.items():
        for chain in (at_once, daily):
            own = {"chain_id": name}
            for receipt in papers["receipts"]:
                on = f"{receipt['known_on']}"
                chain.receipt(receipt["no"], receipt["amount"], on=on, **own)
            for invoice in papers["invoices"]:
                chain.invoice(
                    f"{name}-{invoice['no']}", invoice["amount"], on=f"{invoice['known_on']}",
                    remark=invoice["remark"], **own,
                )  # fmt: skip
            for place, row in enumerate(papers["applications"]):
                chain.application(
                    f"{name}-A{place}", row["receipt"], row["amount"], f"{name}-{row['invoice']}",
                    on=f"{row['known_on']}", **own,
                )  # fmt: skip
    tables = [
        "matched.resolved_receipts", "matched.resolved_applications", "matched.receipt_orders",
        "matched.invoice_ends", "matched.applied_goods", "matched.remark_numbers",
        "matched.invoice_mentions", "matched.remark_goods", "matched.invoiced_goods",
    ]  # fmt: skip
    at_once.world.run(*tables, day_from="05-01", until="05-12")
    for first, last in (
        ("05-01", "05-03"),
        ("05-04", "05-04"),
        ("05-05", "05-07"),
        ("05-08", "05-12"),
    ):
        daily.world.run(*tables, day_from=first, until=last)
    everything = "select * from matched.invoiced_goods order by all"
    assert at_once.world.rows(everything) == daily.world.rows(everything), f"SIDAN_SEED={SEED}"
    for offset in range(10):
        on = date(2026, 5, 2) + timedelta(offset)
        found = explained_by_chain(at_once.world, on)
        for name, papers in worlds.items():
            told = f"SIDAN_SEED={SEED}, {name} on {on}: {papers}"
            assert found.get(name, {}) == by_oracle(papers, on), told


def explained_by_chain(world: World, on: date) -> dict[str, dict[tuple[str, str], Decimal]]:
    rows = world.rows(
        "select chain_id, receipt_no, invoice_no, max_by(amount, known_on) as amount "
        f"from matched.invoiced_goods where known_on <= date '{on}' group by all having amount <> 0"
    )
    found: dict[str, dict[tuple[str, str], Decimal]] = {}
    for row in rows:
        pair = row["receipt_no"], row["invoice_no"].partition("-")[2]
        found.setdefault(row["chain_id"], {})[pair] = row["amount"]
    return found
