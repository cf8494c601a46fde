"""What people decide on exceptions holds, until the facts are others; and when exceptions close."""

from hashlib import md5
from typing import Any

import pytest

from tests.papers import Chain
from tests.support import World


def name_of(reason: str, document_no: str) -> str:
    """The identity of an exception of chain C."""
    return md5(f"{reason}|C|{document_no}".encode()).hexdigest()[:16]


OVER = name_of("over_delivered", "O1")


def over_delivered(apart: bool = False) -> Chain:
    """Order O1 of 100, of which 110 were delivered on 2 May; another 5 come on 20 May."""
    chain = Chain(apart=apart).order("O1", 100).delivery("D1", 110, order_no="O1")
    return chain.delivery("D2", 5, order_no="O1", on="05-20")


def listed(world: World, as_of: str, exception_id: str = OVER) -> dict[str, Any]:
    """The exception as listed on a day; nothing where it is not."""
    rows = world.rows(
        "select amount, owner, decision, decided_by, reopened_because from matched.exceptions "
        f"where exception_id = '{exception_id}' and as_of = date '2026-{as_of}'"
    )
    return rows[0] if rows else {}


def closings(world: World) -> list[tuple[str, str, Any, str]]:
    """(day, reason, amount, why) of every exception that closed."""
    rows = world.rows(
        "select known_on, reason, amount, closed_because from matched.closed_exceptions "
        "order by known_on, reason"
    )
    return [
        (f"{row['known_on']:%m-%d}", row["reason"], row["amount"], row["closed_because"])
        for row in rows
    ]


def test_an_accepted_difference_is_listed_no_more_until_it_is_another() -> None:
    world = (
        over_delivered().decision(OVER, "接受", "05-10", note="promised on the phone").progress()
    )
    assert listed(world, "05-09") != {}
    assert listed(world, "05-10") == {}
    assert listed(world, "05-19") == {}
    again = listed(world, "05-20")
    assert again["reopened_because"] == "decided on at 10.00, it is 15.00 now"
    assert ("05-10", "over_delivered", 10, "accepted by Lin on 2026-05-10: promised on the phone") \
        in closings(world)  # fmt: skip


def test_a_decision_that_names_its_amount_holds_for_that_amount() -> None:
    world = over_delivered().decision(OVER, "accept", "05-10", amount=15).progress()
    early, late = listed(world, "05-19"), listed(world, "05-20")
    assert early["reopened_because"] == "decided on at 15.00, it is 10.00 now"
    assert late == {}


@pytest.mark.parametrize("words", ["dispute", "争议", " Disputed "])
def test_a_disputed_exception_stays_listed_and_says_so(words: str) -> None:
    world = over_delivered().decision(OVER, words, "05-10").progress()
    row = listed(world, "05-19")
    assert (row["decision"], row["decided_by"], row["reopened_because"]) == ("dispute", "Lin", None)
    changed = listed(world, "05-20")
    assert "it is 15.00 now" in changed["reopened_because"]


def test_an_assigned_exception_has_that_owner_whatever_else_is_decided() -> None:
    chain = over_delivered().decision(OVER, "assign", "05-10", target_id="Wang")
    world = chain.decision(OVER, "dispute", "05-12").progress()
    before, after, later = (listed(world, day) for day in ("05-09", "05-10", "05-20"))
    assert (before["owner"], after["owner"], later["owner"]) == ("仓库", "Wang", "Wang")
    assert later["decision"] == "dispute"


def test_what_was_accepted_can_be_opened_again() -> None:
    chain = over_delivered().decision(OVER, "accept", "05-05")
    world = chain.decision(OVER, "reopen", "05-08", decided_by="Wang").progress()
    assert listed(world, "05-07") == {}
    row = listed(world, "05-08")
    assert (row["decision"], row["reopened_because"]) == (None, "opened again by Wang")


def test_words_that_mean_nothing_are_answered() -> None:
    world = over_delivered().decision(OVER, "ok?", "05-10").progress()
    row = listed(world, "05-10")
    assert (
        "accept, dispute, write_off, assign (with target_id) or reopen" in row["reopened_because"]
    )


def test_a_corrected_decision_replaces_the_one_it_corrects() -> None:
    chain = over_delivered().decision(OVER, "accept", "05-05")
    world = chain.decision(OVER, "dispute", "05-05", known_on="05-09").progress()
    row = listed(world, "05-09")
    assert listed(world, "05-08") == {}
    assert row["decision"] == "dispute"


def test_decisions_hold_when_days_are_closed_again_and_one_by_one() -> None:
    chain = over_delivered().decision(OVER, "accept", "05-10")
    world = chain.progress(until="05-25")
    tables = ("matched.exceptions", "matched.closed_exceptions", "matched.exception_decisions")
    once = [sorted(map(repr, world.rows(f"from {table}"))) for table in tables]
    for portion in (("05-08", "05-09"), ("05-10", "05-10"), ("05-11", "05-25")):
        chain.progress(*portion)
    assert [sorted(map(repr, world.rows(f"from {table}"))) for table in tables] == once


def test_an_accepted_order_exception_is_no_fault_of_the_list() -> None:
    chain = Chain(apart=True).order("O1", 100)
    chain.decision(name_of("undelivered", "O1"), "accept", "05-10")
    world = chain.progress()
    audit = "matched/exceptions_follow_the_order_states"
    assert listed(world, "06-30", name_of("undelivered", "O1")) == {}
    assert world.audit(audit, "05-01", "06-30") == []
    with world.rolled_back():
        world.connection.execute("update matched.exception_decisions set amount_then = 99")
        assert world.audit(audit, "05-01", "06-30") != []


def test_an_exception_closes_on_the_day_on_which_it_no_longer_holds() -> None:
    chain = Chain().order("O1", 100).delivery("D1", 100, order_no="O1", on="05-20")
    world = chain.receipt("R1", 100, order_no="O1", on="05-21").progress(until="05-31")
    assert closings(world) == [("05-20", "undelivered", 100, "what it says no longer holds")]
    (row,) = world.rows("select opened_on, days_open from matched.closed_exceptions")
    assert (f"{row['opened_on']:%m-%d}", row["days_open"]) == ("05-05", 15)


def test_every_exception_of_yesterday_is_listed_or_closed_today() -> None:
    world = over_delivered(apart=True).decision(OVER, "accept", "05-10").progress()
    audit = "matched/exceptions_are_listed_or_closed"
    assert world.audit(audit, "05-02", "06-30") == []
    with world.rolled_back():
        world.connection.execute("delete from matched.closed_exceptions")
        assert world.audit(audit, "05-02", "06-30") != []
