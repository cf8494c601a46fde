"""Receipts that sum to an invoice that nobody names are its own, if only they do."""

import os
import random
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations
from typing import Any

import pytest

from receivables.receipt_sums import Finding, Invoice, Questions, Receipt, Verdict, sums_to
from tests.papers import Chain, open_items
from tests.support import World, day, money, upstream

SEED = int(os.environ.get("SIDAN_SEED") or random.SystemRandom().randrange(2**32))

LINKS = upstream("matched.links", stages=("matched",))

IN_PORTIONS = pytest.mark.parametrize(
    "portions",
    [
        [("05-01", "06-30")],
        [("05-01", "05-12"), ("05-13", "05-13"), ("05-14", "05-17"), ("05-18", "06-30")],
    ],
    ids=["at once", "in portions"],
)

MAY = date(2026, 5, 1)


def on_days(**amounts: str) -> list[tuple[str, Decimal, date]]:
    """Receipts a, b, c ... of the first days of May."""
    return [(no, Decimal(amount), MAY + timedelta(place))
            for place, (no, amount) in enumerate(amounts.items())]  # fmt: skip


@pytest.mark.parametrize(
    ("amount", "receipts", "verdict", "numbers"),
    [
        ("30", {"a": "10.50", "b": "19.50", "c": "7"}, "one", "ab"),
        ("10", {"a": "10", "b": "70"}, "one", "a"),
        ("37", {"a": "10.50", "b": "19.50", "c": "7"}, "one", "abc"),
        ("30", {"a": "10", "b": "10", "c": "20"}, "several", None),
        ("30", {"a": "10", "b": "19.99"}, "none", None),
        ("30", {}, "none", None),
    ],
)
def test_which_receipts_sum_to_an_amount(
    amount: str, receipts: dict[str, str], verdict: str, numbers: str | None
) -> None:
    found = sums_to(Decimal(amount), on_days(**receipts), 60)
    assert found.verdict == verdict
    if numbers:
        assert "".join(sorted(no for no, _ in found.subsets[0])) == numbers


def test_what_people_bill_together_is_the_first_of_several_choices() -> None:
    found = sums_to(Decimal(30), on_days(a="10", b="20", c="30", d="5", e="25"), 60)
    assert found.verdict == Verdict.SEVERAL
    assert found.subsets[0] == (("c", Decimal(30)),)


def test_too_many_receipts_are_not_searched() -> None:
    receipts = [(f"R{no:03}", Decimal(no + 1), MAY) for no in range(61)]
    found = sums_to(Decimal(100), receipts, 60)
    assert (found.verdict, found.why) == (
        Verdict.UNDECIDED, "more than 60 receipts may be meant",
    )  # fmt: skip


# Table tests.


def audited(chain: Chain, portions: list[tuple[str, str]]) -> World:
    for first, last in portions:
        chain.world.run(*LINKS, day_from=first, until=last)
    for audit in ("no_paper_is_explained_beyond_its_amount", "links_are_unique"):
        assert chain.world.audit(f"matched/{audit}", "05-01", "06-30") == []
    return chain.world


def explained(world: World, on: str = "06-30") -> dict[str, str]:
    """The receipts of each invoice on a day."""
    rows = world.rows(
        "select invoice_no, string_agg(receipt_no, ' ' order by receipt_no) as receipts from ("
        "select receipt_no, invoice_no, max_by(amount, known_on) as amount "
        f"from matched.invoiced_goods where known_on <= date '{day(on)}' "
        "group by all having amount <> 0) group by invoice_no"
    )
    return {row["invoice_no"]: row["receipts"] for row in rows}


def answers(world: World) -> dict[tuple[str, str], str]:
    """The verdict of each invoice from a day on."""
    rows = world.rows(
        "select distinct invoice_no, strftime(known_on, '%m-%d') as day, verdict "
        "from matched.invoice_sums"
    )
    return {(row["invoice_no"], row["day"]): row["verdict"] for row in rows}


@IN_PORTIONS
def test_receipts_that_alone_sum_to_an_invoice_are_its_own(
    portions: list[tuple[str, str]],
) -> None:
    chain = Chain().receipt("R1", 10).receipt("R2", 20.5).receipt("R3", 40, on="05-04")
    chain.receipt("X1", 30.5, store_id="S2").receipt("X2", 30.5, on="05-11")
    chain.invoice("V1", 30.5)
    world = audited(chain, portions)
    assert explained(world, "05-12") == {}
    assert explained(world, "05-13") == {"V1": "R1 R2"}
    (link, _) = world.rows("from matched.links where to_kind = 'invoice' order by from_no")
    assert (link["rule"], link["is_inferred"], link["undone_on"]) == ("sum_of_receipts", True, None)
    assert link["evidence"] == (
        "of the 3 receipts that S1 may be billed for, only R1, R2 sum to the invoice"
    )


@IN_PORTIONS
def test_papers_that_come_later_undo_a_sum(portions: list[tuple[str, str]]) -> None:
    chain = Chain()
    for place in range(1, 6):
        for letter, amount in (("A", 10 * place), ("B", 7 * place)):
            store = {"store_id": f"S{place}", "store_code": f"S{place}"}
            chain.receipt(f"{letter}{place}", amount, **store)
        chain.invoice(f"V{place}", 17 * place, buyer_id=f"S{place}")
    chain.application("AP1", "A1", 10, "V1", on="05-14")
    chain.application("AP2", "A2", 20, None, on="05-15")
    chain.invoice("V6", 21, on="05-16", remark="验收单 B3", chain_id="C")
    chain.receipt("A4", 39, known_on="05-17", store_id="S4", store_code="S4")
    chain.invoice("V5", 85, known_on="05-18", status="void")
    world = audited(chain, portions)
    assert explained(world, "05-13") == {f"V{place}": f"A{place} B{place}" for place in range(1, 6)}
    assert explained(world) == {"V1": "A1", "V6": "B3"}
    withdrawn = {key for key, verdict in answers(world).items() if verdict == "withdrawn"}
    assert withdrawn == {("V1", "05-14"), ("V5", "05-18")}
    assert answers(world)["V2", "05-15"] == answers(world)["V4", "05-17"] == "none"


@IN_PORTIONS
def test_several_choices_wait_until_one_is_left(portions: list[tuple[str, str]]) -> None:
    chain = Chain().receipt("R1", 10).receipt("R2", 10).receipt("R3", 20)
    chain.invoice("V1", 30).application("AP1", "R2", 10, "V9", on="05-15")
    world = audited(chain, portions)
    assert answers(world) == {("V1", "05-13"): "several", ("V1", "05-15"): "one"}
    assert explained(world) == {"V1": "R1 R3"}


@IN_PORTIONS
def test_receipts_that_sum_to_two_invoices_are_nobodys(portions: list[tuple[str, str]]) -> None:
    chain = Chain().receipt("R1", 10).invoice("V1", 10).invoice("V2", 10)
    chain.application("AP1", "R8", 10, "V2", on="05-17")
    world = audited(chain, portions)
    assert explained(world, "05-16") == {}
    assert explained(world) == {"V1": "R1"}
    assert answers(world)["V1", "05-13"] == "contested"


def test_a_head_office_is_billed_for_its_stores() -> None:
    chain = Chain("branch_head").receipt("R1", 10).receipt("R2", 25, store_id="S2")
    chain.receipt("R3", 7, on="2026-03-20", known_on="05-03")
    world = audited(chain.invoice("V1", 35, buyer_id="HO"), [("05-01", "06-30")])
    assert explained(world) == {"V1": "R1 R2"}


def test_goods_of_a_sum_are_invoiced_goods_to_the_ledger() -> None:
    chain = Chain().receipt("R1", 10).receipt("R2", 20).invoice("V1", 30)
    world = chain.close()
    assert open_items(world, "05-12")[:2] == [("uninvoiced", "R1", 10), ("uninvoiced", "R2", 20)]
    assert open_items(world, "05-13") == [("invoice", "V1", 10), ("invoice", "V1", 20)]


@IN_PORTIONS
def test_a_person_says_which_of_several_choices_is_meant(portions: list[tuple[str, str]]) -> None:
    chain = Chain().receipt("R1", 10).receipt("R2", 10).receipt("R3", 20).invoice("V1", 30)
    chain.receipt("T1", 5, store_id="S2").receipt("T2", 5, store_id="S2")
    chain.invoice("V2", 5, buyer_id="S2").invoice("V3", 5, buyer_id="S2")
    for no, receipt_no, word, on in (
        ("V1", "R2", "match", "05-14"), ("V2", "T1", "匹配", "05-14"),
        ("V3", "T2", "match", "05-14"), ("V3", "T2", "unmatch", "05-16"),
    ):  # fmt: skip
        about = f"C|goods_receipt|{receipt_no}|invoice|{no}"
        (asked,) = chain.world.rows(f"select substr(md5('{about}'), 1, 16) as id")
        chain.decision(asked["id"], word, on, subject_kind="suspected_match")
    chain.world.run("staged.decision_words", day_from="05-01")
    world = audited(chain, portions)
    assert explained(world, "05-13") == {}
    assert explained(world, "05-15") == {"V1": "R2 R3", "V2": "T1", "V3": "T2"}
    assert explained(world) == {"V1": "R2 R3", "V2": "T1"}
    for first, last in portions:
        world.run("matched.suspected_matches", day_from=first, until=last)
    proposed = world.rows(
        "select to_no, string_agg(distinct from_no, ' ' order by from_no) as receipts, "
        "strftime(max(as_of), '%m-%d') as last_on from matched.suspected_matches group by to_no"
    )
    assert sorted(tuple(row.values()) for row in proposed) == [
        ("V1", "R1 R2 R3", "05-13"), ("V2", "T1 T2", "05-13"), ("V3", "T1 T2", "05-13"),
    ]  # fmt: skip


@IN_PORTIONS
def test_returns_are_taken_off_where_no_receipts_sum_without_them(
    portions: list[tuple[str, str]],
) -> None:
    chain = Chain().receipt("R1", 2004.13, order_no="O1").receipt("R2", 1518.27, order_no="O2")
    chain.receipt("R3", 3705.55, on="05-04").receipt("T1", -311.48, on="05-05", order_no="O1")
    chain.receipt("T2", -97.06, on="05-05").invoice("V1", 3210.92)
    # what sums without returns needs none, and small round amounts sum by luck
    for no, amount in (("R4", 1000), ("R5", 1300), ("T4", -100), ("T5", -400)):
        chain.receipt(no, amount, store_id="S2", store_code="S2")
    chain.invoice("V2", 2300, buyer_id="S2")
    for no, amount in (("R6", 1000), ("R7", 1300), ("T6", -100), ("T7", -400)):
        chain.receipt(no, amount, store_id="HO", store_code="HO")
    chain.invoice("V3", 900, buyer_id="HO")
    world = audited(chain, portions)
    assert explained(world) == {"V1": "R1 R2 T1", "V2": "R4 R5"}
    link = world.rows(
        "select amount, evidence from matched.links where to_no = 'V1' and from_no = 'T1'"
    )
    assert link == [
        {"amount": money(-311.48), "evidence": "of the 5 receipts that S1 may be billed for, only "
         "R1, R2 less T1 sum to the invoice"}
    ]  # fmt: skip


def test_a_return_that_an_invoice_takes_off_is_off_the_ledger_of_the_invoice() -> None:
    chain = Chain().receipt("R1", 2004.13).receipt("T1", -311.48, on="05-05")
    world = chain.invoice("V1", 1692.65).close()
    assert open_items(world, "05-12")[0] == ("uninvoiced", "R1", money(2004.13))
    assert open_items(world, "05-13") == [
        ("invoice", "V1", money(-311.48)), ("invoice", "V1", money(2004.13)),
    ]  # fmt: skip
    assert world.audit("settled/ledger_of_goods_equals_their_receipt", "05-01", "06-30") == []


# An independent oracle: every subset is tried.


def every_sum(receipts: dict[str, int], amount: int) -> list[frozenset[str]]:
    return [
        frozenset(chosen)
        for size in range(1, len(receipts) + 1)
        for chosen in combinations(sorted(receipts), size)
        if sum(receipts[no] for no in chosen) == amount
    ]


class Oracle:
    """Small worlds, told day by day in the plainest way."""

    def __init__(self, invoices: dict[str, Invoice], receipts: dict[str, Receipt]) -> None:
        self.invoices, self.receipts = invoices, receipts
        self.taken: dict[str, frozenset[str]] = {}

    def close(self, day: date) -> dict[str, frozenset[str]]:
        """The sums that hold at the end of a day."""
        for no, chosen in list(self.taken.items()):
            changed = any(
                self.receipts[receipt].amount(day) != self.worth[receipt] for receipt in chosen
            )
            if day >= self.invoices[no].closed_on or changed:
                del self.taken[no]
        self.worth = {no: receipt.amount(day) for no, receipt in self.receipts.items()}
        while sole := self.sole(day):
            self.taken |= sole
        return dict(self.taken)

    def sole(self, day: date) -> dict[str, frozenset[str]]:
        """The only sums that are no other open invoice's as well."""
        used = frozenset().union(*self.taken.values())
        free = {no: int(worth) for no, worth in self.worth.items() if worth and no not in used}
        found: dict[str, frozenset[str]] = {}
        for no, invoice in self.invoices.items():
            is_open = invoice.asked_from <= day < invoice.closed_on and no not in self.taken
            sums = every_sum(free, int(invoice.amount)) if is_open else []
            if len(sums) == 1:
                found[no] = sums[0]
        return {
            no: chosen
            for no, chosen in found.items()
            if not any(chosen & other for rival, other in found.items() if rival != no)
        }


def random_world(dice: random.Random) -> tuple[dict[str, Invoice], dict[str, Receipt]]:
    receipts: dict[str, Receipt] = {}
    for place in range(dice.randrange(2, 8)):
        first = MAY + timedelta(dice.randrange(6))
        amounts = [(first, Decimal(dice.randrange(1, 30)))]
        if dice.random() < 0.2:
            amounts.append(
                (first + timedelta(dice.randrange(1, 4)), Decimal(dice.randrange(1, 30)))
            )
        taken_on = MAY + timedelta(dice.randrange(12)) if dice.random() < 0.3 else date.max
        receipts[f"R{place}"] = Receipt(f"R{place}", MAY, tuple(amounts), taken_on=taken_on)
    invoices: dict[str, Invoice] = {}
    for place in range(dice.randrange(1, 5)):
        chosen = dice.sample(sorted(receipts), dice.randrange(1, min(4, len(receipts)) + 1))
        amount = sum((receipts[no].amounts[0][1] for no in chosen), Decimal(0))
        closed_on = MAY + timedelta(dice.randrange(12)) if dice.random() < 0.3 else date.max
        asked_from = MAY + timedelta(dice.randrange(8))
        invoices[f"V{place}"] = Invoice(
            f"V{place}", amount, asked_from, date.max, closed_on, "closed"
        )
    return invoices, receipts


def test_random_worlds_get_the_sums_that_trying_every_subset_gives() -> None:
    dice = random.Random(SEED)
    days = [MAY + timedelta(offset) for offset in range(14)]
    taken = 0
    for case in range(150):
        invoices, receipts = random_world(dice)
        oracle = Oracle(invoices, receipts)
        candidates = {no: list(receipts.values()) for no in invoices}
        whole = list(Questions(invoices, candidates).answers(days))
        daily: list[tuple[date, str, Finding]] = []
        for day_ in days:
            standing = {no: found for _, no, found in daily}
            daily += Questions(invoices, candidates, standing).answers([day_])
        told = f"SIDAN_SEED={SEED}, case {case}: {invoices} {receipts}"
        assert daily == whole, told
        for day_ in days:
            latest: dict[str, Any] = {no: found for on, no, found in whole if on <= day_}
            found = {
                no: finding.receipts
                for no, finding in latest.items()
                if finding.verdict == Verdict.ONE
            }
            expected = oracle.close(day_)
            assert found == expected, f"{told} on {day_}"
            taken += len(found)
    assert taken
