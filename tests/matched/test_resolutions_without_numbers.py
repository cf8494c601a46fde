"""What a paper means whose number is missing or not known: the application register, and pairs."""

from typing import Any

import pytest

from tests.matched.test_resolutions import answers, resolved
from tests.papers import Chain


def test_an_application_row_singles_out_the_receipt_of_its_order_over_its_amount() -> None:
    chain = Chain().receipt("R1", 10, order_no="O1").receipt("R2", 20, order_no="O1")
    chain.application("A1", "misread", 20, "V1", order_no="O1")
    assert answers(resolved(chain)) == [("A1#1", "R2", "application_register", "05-10")]


def test_an_application_row_without_a_receipt_finds_that_of_its_delivery_note() -> None:
    chain = Chain().application("A1", None, 20, "V1", delivery_no="D1", on="05-02")
    chain.receipt("R2", 20, delivery_no="D1", on="05-09")
    assert answers(resolved(chain)) == [("A1#1", "R2", "application_register", "05-09")]


@pytest.mark.parametrize(
    "other",
    [
        {"no": "R2", "amount": 20, "order_no": "O1"},  # two of one amount
        {"no": "R2", "amount": 21, "order_no": "O1", "on": "05-03", "is_sole": True},
    ],
)
def test_an_application_row_that_fits_none_or_several_is_left_open(other: dict[str, Any]) -> None:
    chain = Chain()
    if not other.pop("is_sole", False):
        chain.receipt("R1", 20, order_no="O1")
    chain.receipt(**other).application("A1", None, 20, "V1", order_no="O1")
    assert answers(resolved(chain)) == []


def test_a_receipt_that_another_row_names_is_taken() -> None:
    chain = Chain().receipt("R1", 20, order_no="O1")
    chain.application("A1", "R1", 20, "V1").application("A2", None, 20, "V2", order_no="O1")
    assert answers(resolved(chain)) == []


def test_a_receipt_that_a_row_names_later_is_given_back() -> None:
    chain = (
        Chain().receipt("R1", 20, order_no="O1").application("A1", None, 20, "V1", order_no="O1")
    )
    chain.application("A2", "R1", 20, "V2", on="05-20")
    assert answers(resolved(chain)) == [
        ("A1#1", "R1", "application_register", "05-10"),
        ("A1#1", None, "application_register", "05-20"),
    ]


def test_papers_without_an_order_find_the_one_in_their_row_of_an_application() -> None:
    chain = Chain().order("O1", 20).receipt("R1", 20).delivery("D1", 20, order_no="misread")
    chain.application("A1", "R1", 20, "V1", order_no="O1", delivery_no="D1", on="05-04")
    found = [row for row in answers(resolved(chain)) if row[2] == "application_register"]
    assert found == [
        ("D1", "O1", "application_register", "05-04"),
        ("R1", "O1", "application_register", "05-04"),
    ]


def test_the_only_two_of_one_store_and_amount_are_a_pair_after_some_days() -> None:
    chain = Chain().order("O1", 10).delivery("D1", 10).receipt("R1", 10)
    assert answers(resolved(chain)) == [
        ("D1", "O1", "only_pair", "05-05"),
        ("R1", "D1", "only_pair", "05-06"),
    ]


@pytest.mark.parametrize(
    ("fields", "is_pair"),
    [
        ({"on": "05-17", "known_on": "05-02"}, False),
        ({"on": "05-16", "known_on": "05-02"}, True),
        ({"store_id": "S2"}, False),
        ({"amount": 10.01}, False),
    ],
)
def test_a_pair_has_one_store_one_amount_and_near_dates(
    fields: dict[str, Any], is_pair: bool
) -> None:
    chain = Chain().order("O1", 10).delivery("D1", **{"amount": 10, **fields})
    assert bool(answers(resolved(chain))) is is_pair


def test_papers_over_nothing_are_no_pair() -> None:
    chain = Chain().order("O1", 0).delivery("D1", 0).order("0000777", 0)
    chain.delivery("D2", 0, order_no="777")
    assert answers(resolved(chain)) == [("D2", "0000777", "normalised", "05-02")]


def test_two_orders_or_two_delivery_notes_that_fit_are_left_to_a_person() -> None:
    assert answers(resolved(Chain().order("O1", 10).order("O2", 10).delivery("D1", 10))) == []
    chain = Chain().order("O1", 10).delivery("D1", 10).delivery("D2", 10, on="05-04")
    assert answers(resolved(chain)) == []


def test_a_paper_on_its_way_that_names_the_order_comes_before_the_pair() -> None:
    chain = Chain().order("O1", 10).delivery("D1", 10).delivery("D2", 10, order_no="O1", on="05-04")
    assert answers(resolved(chain)) == []


def test_a_pair_is_parted_when_another_paper_names_the_order() -> None:
    chain = Chain().order("O1", 10).delivery("D1", 10).delivery("D2", 10, order_no="O1", on="05-20")
    assert answers(resolved(chain)) == [
        ("D1", "O1", "only_pair", "05-05"),
        ("D1", None, "only_pair", "05-20"),
    ]


def test_a_return_does_not_take_what_it_names() -> None:
    chain = Chain().order("PO123456", 10).receipt("T1", -10, order_no="PO123456")
    chain.receipt("R1", 10, order_no="PO123465")
    assert ("R1", "PO123456", "one_edit", "05-03") in answers(resolved(chain))


def test_a_receipt_finds_the_delivery_note_of_the_order_that_it_names() -> None:
    chain = Chain()
    for number in "1234":
        chain.order(f"O{number}", 30)
    chain.delivery("D1", 30, order_no="O1").receipt("R1", 30, order_no="O1", delivery_no="misread")
    chain.delivery("D2a", 10, order_no="O2").delivery("D2b", 20, order_no="O2")
    chain.receipt("R2", 20, order_no="O2", delivery_no="unread")  # one of two, by the amount
    chain.delivery("D3", 30, order_no="O3").receipt("R3", 28, order_no="O3", delivery_no="misled")
    chain.delivery("D4", 30, order_no="O4").receipt("R4", 30, order_no="O4", delivery_no="D4")
    chain.receipt("R5", 30, order_no="O4", delivery_no="mistaken")  # that note has its receipt
    assert answers(resolved(chain)) == [
        ("R1", "D1", "application_register", "05-03"),
        ("R2", "D2b", "application_register", "05-03"),
    ]


def test_a_part_of_a_receipt_is_applied_for_when_both_numbers_lead_there() -> None:
    chain = Chain().receipt("R1", 20, order_no="O1", delivery_no="D1")
    chain.receipt("R2", 20, order_no="O2", delivery_no="D2")
    chain.application("A1", "misread", 9, "V1", order_no="O1", delivery_no="D1")
    chain.application("A2", "misread", 9, "V2", order_no="O2")
    chain.application("A3", "misread", 21, "V3", order_no="O2", delivery_no="D2")
    found = [row for row in answers(resolved(chain)) if "#" in row[0]]
    assert found == [("A1#1", "R1", "application_register", "05-10")]


def test_an_order_in_an_application_row_over_less_is_only_proposed() -> None:
    chain = Chain().order("O1", 10).order("O2", 40).delivery("D1", 20, order_no="misread")
    chain.delivery("D2", 20, order_no="unread")
    chain.application("A1", None, 20, "V1", order_no="O1", delivery_no="D1")
    chain.application("A2", None, 20, "V2", order_no="O2", delivery_no="D2")
    assert answers(resolved(chain)) == [("D2", "O2", "application_register", "05-10")]


def test_a_pair_is_none_where_another_paper_may_mean_the_order() -> None:
    chain = Chain().order("PO123456", 10).delivery("D1", 10)
    chain.delivery("D2", 10, order_no="PO123457")  # the next order, or a slip
    assert answers(resolved(chain)) == []
