"""A number that no paper has as it stands: which paper it means, by which rule, and until when."""

from typing import Any

import pytest

from tests.papers import Chain, side_by_side
from tests.support import World, upstream

TABLES = upstream(
    "matched.resolved_deliveries",
    "matched.resolved_receipts",
    "matched.resolved_applications",
    "matched.resolved_statement_lines",
    stages=("matched",),
)


def resolved(chain: Chain) -> World:
    return chain.world.run(*TABLES, day_from="05-01", until="06-30")


def answers(world: World) -> list[tuple[Any, ...]]:
    rows = world.rows(
        "select paper_no, resolved_no, rule, strftime(known_on, '%m-%d') as day "
        "from matched.resolutions order by known_on, paper_no, names_kind"
    )
    return [tuple(row.values()) for row in rows]


def answers_by_chain(chains: list[Chain]) -> list[list[tuple[Any, ...]]]:
    """For each of some chains in one world its answers: paper, number, rule, day and score."""
    world = resolved(chains[0])
    return [
        [
            tuple(row.values())
            for row in world.rows(
                "select paper_no, resolved_no, rule, strftime(known_on, '%m-%d'), "
                "cast(score as varchar) "
                f"from matched.resolutions where chain_id = '{chain.chain_id}' order by all"
            )
        ]
        for chain in chains
    ]


SPELLINGS: list[tuple[str, str, str | None]] = [
    ("00001", "1", "normalised"),
    ("1", "00001", "normalised"),
    ("PO-2026-15", "po2026/15", "normalised"),
    ("PO2026", "ＰＯ２０２６", "normalised"),
    ("PO20260015", "20260015", "normalised"),
    ("20260015", "PO 2O26OOI5", "normalised"),
    ("2026L115", "20261115", "normalised"),
    ("PO0020260015", "P0020260015", "normalised"),
    ("CG-2026-00015", "No.CG-2026-00015", "normalised"),
    ("00020260015", "NO.20260015", "normalised"),
    ("AB20260015", "CD20260015", None),  # another series
    ("PO100", "PO1", None),
    ("---", "///", None),
    ("PO2026050015", "50015", "suffix"),
    ("50015", "2026050015", "suffix"),
    ("5000000015", "00000015", "suffix"),  # zeros that are written count
    ("PO2026050015", "0015", None),  # four digits are too few
    ("PO2026050015", "2026050051", "one_edit"),
    ("PO2026050015", "202605015", "one_edit"),
    ("PO2026050015", "2026950015", "one_edit"),
    ("PO2026050015", "2026050016", None),  # may be the next order
    ("PO2026050015", "2026050025", None),  # or one close by
    ("1234", "1243", None),  # too short to be told apart by one sign
    ("PO2026050015", "2026050026", None),  # two signs
]


def test_a_number_and_the_order_that_it_means(subtests: pytest.Subtests) -> None:
    chains = side_by_side(len(SPELLINGS))
    for chain, (order_no, named, _) in zip(chains, SPELLINGS, strict=True):
        chain.order(order_no, 10).delivery("D1", 10, order_no=named)
    for found, (order_no, named, rule) in zip(answers_by_chain(chains), SPELLINGS, strict=True):
        with subtests.test(f"{order_no} named {named}"):
            expected = [("D1", order_no, rule, "05-02")] if rule else []
            assert [row[:4] for row in found] == expected


ONE_SIGN: list[tuple[dict[str, Any], bool]] = [
    ({}, True),
    ({"amount": 10.05}, True),
    ({"amount": 12}, False),
    ({"store_id": "S2"}, False),
    ({"on": "05-20", "known_on": "05-02"}, False),
]


def test_one_sign_counts_with_same_store_near_date_and_near_amount(
    subtests: pytest.Subtests,
) -> None:
    chains = side_by_side(len(ONE_SIGN))
    for chain, (fields, _) in zip(chains, ONE_SIGN, strict=True):
        chain.order("PO123456", 10)
        chain.delivery("D1", **{"amount": 10, "order_no": "PO123465", **of(chain, fields)})
    for found, (fields, is_applied) in zip(answers_by_chain(chains), ONE_SIGN, strict=True):
        with subtests.test(str(fields)):
            assert bool(found) is is_applied


SCORES: list[tuple[str, dict[str, Any], str | None]] = [
    ("123456", {}, "0.9900"),
    ("123456", {"amount": 5}, "0.9600"),
    ("123456", {"on": "06-20", "amount": 5}, "0.9100"),
    ("123456", {"store_id": "S2"}, None),
    ("99123456", {}, "0.9600"),
    ("99123456", {"on": "06-20"}, "0.9100"),
    ("99123456", {"amount": 9}, None),  # an ending and another amount
]


def test_what_differs_lowers_the_score(subtests: pytest.Subtests) -> None:
    chains = side_by_side(len(SCORES))
    for chain, (named, fields, _) in zip(chains, SCORES, strict=True):
        chain.order("PO123456", 10)
        chain.delivery("D1", **{"amount": 10, "order_no": named, **of(chain, fields)})
    for found, (named, fields, score) in zip(answers_by_chain(chains), SCORES, strict=True):
        with subtests.test(f"{named} {fields}"):
            assert [row[4] for row in found] == ([score] if score else [])


def of(chain: Chain, fields: dict[str, Any]) -> dict[str, Any]:
    """Fields with the store of a chain instead of its code."""
    if "store_id" not in fields:
        return fields
    return {**fields, "store_id": chain.customer(fields["store_id"])}


def test_two_that_read_the_same_are_left_to_a_person_for_good() -> None:
    chain = Chain().order("0015000", 10).order("PO15000", 10).delivery("D1", 10, order_no="15000")
    assert answers(resolved(chain)) == []


def test_what_a_stronger_rule_cannot_tell_a_weaker_one_does_not_decide() -> None:
    chain = Chain().order("0015000", 10).order("PO15000", 10).order("2026-15000", 10)
    assert answers(resolved(chain.delivery("D1", 10, order_no="15000"))) == []


def test_the_nearest_spelling_comes_first() -> None:
    chain = Chain().order("000004636", 10).order("0000004636", 10)
    chain.delivery("D1", 10, order_no="No.000004636").delivery("D2", 10, order_no="000OO04636")
    assert answers(resolved(chain)) == [
        ("D1", "000004636", "normalised", "05-02"), ("D2", "0000004636", "normalised", "05-02"),
    ]  # fmt: skip


def test_a_candidate_far_ahead_of_the_others_is_taken() -> None:
    chain = Chain().order("0015000", 10).order("PO15000", 99, store_id="S2")
    assert answers(resolved(chain.delivery("D1", 10, order_no="15000"))) == [
        ("D1", "0015000", "normalised", "05-02")
    ]


def test_a_second_candidate_that_comes_later_changes_nothing() -> None:
    chain = Chain().order("0015000", 10).delivery("D1", 10, order_no="15000")
    chain.order("PO15000", 10, on="05-20")
    assert answers(resolved(chain)) == [("D1", "0015000", "normalised", "05-02")]


def test_a_reference_waits_for_the_paper_that_it_means() -> None:
    chain = Chain().delivery("D1", 10, order_no="15000").order("PO15000", 10, on="05-20")
    world = resolved(chain)
    assert answers(world) == [("D1", "PO15000", "normalised", "05-20")]
    rows = world.rows("select order_no, came_on from matched.resolved_deliveries order by known_on")
    assert [row["order_no"] for row in rows] == ["15000", "PO15000"]
    assert len({row["came_on"] for row in rows}) == 1


def test_stronger_evidence_that_comes_later_takes_over() -> None:
    chain = Chain().order("2026-15000", 10).delivery("D1", 10, order_no="15000")
    chain.order("0015000", 10, on="05-10").order("15000", 10, on="05-20")
    assert answers(resolved(chain)) == [
        ("D1", "2026-15000", "suffix", "05-02"),
        ("D1", "0015000", "normalised", "05-10"),
        ("D1", None, "normalised", "05-20"),
    ]


def test_the_paper_under_the_very_number_undoes_what_was_inferred() -> None:
    chain = Chain().order("00001", 10).delivery("D1", 10, order_no="1").order("1", 10, on="05-20")
    world = resolved(chain)
    found = world.rows(
        "select undone_on = known_on as is_undone, evidence from matched.resolutions"
    )
    assert [(row["is_undone"], row["evidence"][:8]) for row in found] == [
        (None, "it names"),
        (True, "given up"),
    ]
    rows = world.rows("select order_no from matched.resolved_deliveries order by known_on")
    assert [row["order_no"] for row in rows] == ["00001", "1"]


def test_a_paper_that_another_one_names_by_its_very_number_is_not_taken() -> None:
    chain = Chain().order("PO123456", 10).delivery("D1", 10, order_no="PO123456")
    assert answers(resolved(chain.delivery("D2", 10, order_no="PO123465"))) == []


def test_a_paper_that_is_named_later_by_its_very_number_is_given_back() -> None:
    chain = Chain().order("PO123456", 10).delivery("D2", 10, order_no="PO123465")
    chain.delivery("D1", 10, order_no="PO123456", on="05-09")
    assert answers(resolved(chain)) == [
        ("D2", "PO123456", "one_edit", "05-02"),
        ("D2", None, "one_edit", "05-09"),
    ]


def test_a_number_that_several_papers_bear_is_hardly_a_slip() -> None:
    chain = Chain().order("PO123456", 10).delivery("D1", 10, order_no="PO123465")
    chain.receipt("R1", 10, order_no="PO123465")
    assert answers(resolved(chain)) == [("D1", "PO123456", "one_edit", "05-02")]
    same_day = Chain().order("PO123456", 10).delivery("D1", 10, order_no="PO123465")
    same_day.receipt("R1", 10, order_no="PO123465", on="05-02")
    assert answers(resolved(same_day)) == []
    ending = Chain().order("44500003621", 10).delivery("D1", 10, order_no="4500003621", on="05-20")
    ending.receipt("R1", 10, order_no="4500003621", on="05-20", delivery_no="D1")
    assert answers(resolved(ending)) == []


def test_a_later_version_that_says_the_same_keeps_the_answer() -> None:
    chain = Chain().order("0015000", 10).delivery("D1", 10, order_no="15000")
    chain.order("PO15000", 10, on="05-05").delivery("D1", 8, order_no="15000", on="05-09")
    world = resolved(chain)
    assert answers(world) == [("D1", "0015000", "normalised", "05-02")]
    rows = world.rows("select order_no, amount from matched.resolved_deliveries order by known_on")
    assert [(row["order_no"], row["amount"]) for row in rows] == [("0015000", 10), ("0015000", 8)]


def test_a_later_version_that_names_another_paper_is_taken_at_its_word() -> None:
    chain = Chain().order("00001", 10).order("PO2", 10).delivery("D1", 10, order_no="1")
    world = resolved(chain.delivery("D1", 10, order_no="PO2", on="05-09"))
    rows = world.rows("select order_no from matched.resolved_deliveries order by known_on")
    assert [row["order_no"] for row in rows] == ["00001", "PO2"]


def test_another_chain_is_another_number() -> None:
    chain = Chain().order("00001", 10, chain_id="OTHER").delivery("D1", 10, order_no="1")
    assert answers(resolved(chain)) == []


def test_rows_of_applications_and_statements_mean_receipts() -> None:
    chain = Chain().receipt("R-77001", 10, on="05-20").application("A1", "r77001", 10, "V1")
    chain.statement(
        "S1", [{"receipt_no": "R 77001", "amount": 10}, {"receipt_no": "X", "amount": 1}]
    )
    world = resolved(chain)
    assert answers(world) == [
        ("A1#1", "R-77001", "normalised", "05-20"),
        ("S1#1", "R-77001", "normalised", "06-01"),
    ]
    rows = world.rows(
        "select strftime(known_on, '%m-%d') as day, receipt_no, receipt_no_as_sent "
        "from matched.resolved_applications order by known_on"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("05-10", "r77001", "r77001"),
        ("05-20", "R-77001", "r77001"),
    ]
    rows = world.rows("select receipt_no from matched.resolved_statement_lines order by line_no")
    assert [row["receipt_no"] for row in rows] == ["R-77001", "X"]


def test_a_receipt_may_misspell_both_its_order_and_its_delivery_note() -> None:
    chain = Chain().order("PO00012345", 10).delivery("DN-88001", 10, order_no="PO00012345")
    world = resolved(chain.receipt("R1", 10, order_no="12345", delivery_no="dn88OO1"))
    assert answers(world) == [
        ("R1", "DN-88001", "normalised", "05-03"),
        ("R1", "PO00012345", "normalised", "05-03"),
    ]
    rows = world.rows("select order_no, delivery_no from matched.resolved_receipts")
    assert rows == [{"order_no": "PO00012345", "delivery_no": "DN-88001"}]
