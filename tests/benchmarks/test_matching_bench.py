"""The benchmark of matching: its worlds, its judge of evidence, its figures."""

from dataclasses import replace
from decimal import Decimal

import pytest

from benchmarks.matching.bench import Closed, closed
from benchmarks.matching.closing import Link, Suspect
from benchmarks.matching.evidence import ALIKE, APART, EDIT, END, EXACT, expectations, reading
from benchmarks.matching.figures import compare
from benchmarks.matching.noise import LEVELS
from benchmarks.matching.report import PRECISION, markdown
from benchmarks.matching.world import make

ORDERS = 240


@pytest.fixture(scope="module", params=LEVELS)
def world(request) -> tuple[str, Closed]:
    """A small world of each level, closed."""
    return request.param, closed(ORDERS, request.param, seed=7, windows=2)


def test_hardly_a_link_is_wrong_at_any_noise(world):
    level, done = world
    assert done.result().applied.precision >= PRECISION, [f"{link}" for link in done.result().wrong]
    assert done.result().applied.links > 3 * ORDERS, level


def test_exact_numbers_leave_nothing_out_and_nothing_wrong(world):
    level, done = world
    if level == "none":
        result = done.result()
        assert result.expected.recall == 1
        assert result.expected.money_recall == 1
        assert result.applied.wrong_money == 0
        assert result.inferred.links == 0


def test_noise_is_answered_by_rules(world):
    level, done = world
    if level == "heavy":
        result = done.result()
        assert result.inferred.links > 50
        assert {"normalised", "suffix", "one_edit"} <= result.made.keys()


def test_a_wrong_link_lowers_the_precision_and_is_wrong_money(world):
    _, done = world
    before = done.result()
    good = next(link for link in done.links if link.pair[3] == "goods_receipt")
    other = next(
        link
        for link in done.links
        if link.pair[:2] == good.pair[:2]
        and (*good.pair[:2], link.pair[2], *good.pair[3:]) not in done.world.truth
    )
    planted = replace(good, pair=(*good.pair[:2], other.pair[2], *good.pair[3:]))
    after = Closed(done.world, [*done.links, planted], done.suspects).result()
    assert after.applied.true == before.applied.true
    assert after.applied.links == before.applied.links + 1
    assert after.applied.wrong_money == before.applied.wrong_money + abs(good.amount)
    assert after.applied.precision < before.applied.precision


def test_a_link_left_out_lowers_what_is_found(world):
    _, done = world
    before = done.result()
    bill = next(link for link in done.links if link.pair[3] == "invoice")
    after = Closed(done.world, [link for link in done.links if link != bill], []).result()
    assert after.expected.found == before.expected.found - 1
    assert after.expected.found_money == before.expected.found_money - bill.amount


def test_money_beyond_what_is_due_is_wrong(world):
    _, done = world
    before = done.result()
    bill = next(link for link in done.links if link.pair[3] == "invoice")
    more = replace(bill, amount=bill.amount + 5)
    after = Closed(done.world, [more if link == bill else link for link in done.links], [])
    assert after.result().applied.wrong_money == before.applied.wrong_money + 5
    assert after.result().applied.true == before.applied.true


def test_a_receipt_reaches_its_order_through_the_delivery_note():
    world = make(60, "none", 3)
    naming = next(
        naming for naming in world.receipts if naming.order and naming.delivery
        and naming.order.meant.came and naming.delivery.meant.came
    )  # fmt: skip
    assert naming.order
    assert naming.delivery
    order, delivery, receipt = naming.order.meant, naming.delivery.meant, naming.paper
    expected = [
        pair
        for pair in expectations(world)
        if pair.pair[2] == order.no and pair.pair[4] == receipt.no
    ]
    through = [
        _link((order.chain, "order", order.no, "delivery", delivery.no)),
        _link((order.chain, "delivery", delivery.no, "goods_receipt", receipt.no)),
    ]
    astray = _link((order.chain, "order", "other", "goods_receipt", receipt.no))
    assert compare(through, [], world.truth, expected, {}).expected.found == 1
    assert compare(through[1:], [], world.truth, expected, {}).expected.found == 0
    assert compare([*through, astray], [], world.truth, expected, {}).expected.found == 0


def test_proposals_are_held_against_the_truth(world):
    _, done = world
    right = next(iter(done.world.truth))
    wrong = (*right[:4], "other")
    proposals = [Suspect(pair, "suffix", Decimal("0.8"), "") for pair in (right, wrong)]
    result = Closed(done.world, done.links, proposals).result()
    assert (result.suspects, result.true_suspects) == (2, 1)
    assert "| 50.000 % |" in markdown({"none": result})


def test_the_same_seed_makes_the_same_world():
    first, second, other = (make(80, "heavy", seed) for seed in (1, 1, 2))
    assert first.truth == second.truth
    assert first.truth != other.truth
    assert expectations(first) == expectations(second)


def test_exact_numbers_are_all_linkable():
    assert all(pair.is_linkable for pair in expectations(make(300, "none", 1)))


@pytest.mark.parametrize(
    ("written", "no", "nearness"),
    [
        ("4500001234", "4500001234", EXACT),
        ("No.45-00001234", "4500001234", ALIKE),
        ("４５OO００１２３４", "4500001234", ALIKE),
        ("1234567", "0001234567", ALIKE),
        ("00001234", "4500001234", END),
        ("4500001243", "4500001234", EDIT),
        ("450000123", "4500001234", EDIT),
        ("45S0001234", "4550001234", EDIT),
        ("4500004321", "4500001234", APART),
    ],
)
def test_how_what_is_written_leads_to_a_number(written, no, nearness):
    assert reading(written, no) == nearness


def test_two_papers_that_fit_as_well_cannot_be_told_apart():
    world = make(300, "heavy", 5)
    naming = next(
        naming for naming in world.deliveries
        if naming.order and naming.order.meant.came and naming.order.noise == "exact"
        and naming.paper.came
    )  # fmt: skip
    assert naming.order
    order = naming.order.meant
    naming.order.written = order.no[:-1] + ("7" if order.no[-1] != "7" else "3")
    told = {pair.pair: pair.is_linkable for pair in expectations(world)}
    key = (order.chain, "order", order.no, "delivery", naming.paper.no)
    assert told[key]
    digit = next(digit for digit in "159" if digit not in (order.no[-1], naming.order.written[-1]))
    world.orders.append(replace(order, no=order.no[:-1] + digit))
    told = {pair.pair: pair.is_linkable for pair in expectations(world)}
    assert not told[key]


def _link(pair) -> Link:
    return Link(pair, Decimal(1), "rule", False)
