"""A warning is one object from its first day to the day it clears."""

import hashlib

import pytest

from tests.rated.given import account, each_day
from tests.support import World

DAYS = [f"2026-08-{number:02d}" for number in range(10, 18)]
# S1 is over its limit from the 11th to the 13th and again on the 15th; S2 is lost from the 12th on
OVER = {"2026-08-11": "medium", "2026-08-12": "high", "2026-08-13": "high", "2026-08-15": "high"}
LOST = DAYS[2:]


def told(apart=False):
    """Eight closed days with their signals."""
    accounts = [account("S1", manager="Chen"), account("S2")]
    return (
        World(apart=apart)
        .given("rated.accounts", each_day(accounts, *DAYS))
        .given("rated.credit_tiers", each_day([{"customer_id": "S1"}], *DAYS))
        .given(
            "warned.over_limit_signals",
            [
                {"as_of": day, "customer_id": "S1", "severity": severity, "evidence": day}
                for day, severity in OVER.items()
            ],
        )
        .given(
            "warned.customer_lost_signals",
            [
                {"as_of": day, "customer_id": "S2", "severity": "high", "evidence": "silent"}
                for day in LOST
            ],
        )
    )


@pytest.fixture(scope="module")
def window():
    return told(apart=True).run("warned.warnings", day_from=DAYS[0], until=DAYS[-1])


def shown(world, customer):
    rows = world.rows(
        "select as_of, severity, first_on, cleared_on from warned.warnings "
        f"where customer_id = '{customer}' order by as_of"
    )
    return [
        (f"{row['as_of']:%d}", row["severity"], f"{row['first_on']:%d}", bool(row["cleared_on"]))
        for row in rows
    ]


def test_a_warning_lives_from_its_first_day_to_its_clearing(window):
    assert shown(window, "S1") == [
        ("11", "medium", "11", False),
        ("12", "high", "11", False),  # graver, but the same warning
        ("13", "high", "11", False),
        ("14", "high", "11", True),
        ("15", "high", "15", False),  # the same condition later is a new warning
        ("16", "high", "15", True),
    ]


def test_a_warning_stays_itself_while_it_stands(window):
    assert shown(window, "S2") == [(day[-2:], "high", "12", False) for day in LOST]
    rows = window.rows("select distinct warning_id from warned.warnings where customer_id = 'S2'")
    text = "customer_lost|S2|2026-08-12"
    assert rows == [{"warning_id": hashlib.md5(text.encode()).hexdigest()[:16]}]


def test_a_warning_has_an_owner_a_deadline_and_evidence(window):
    rows = window.rows("select * from warned.warnings where customer_id = 'S1' order by as_of")
    assert {row["owner"] for row in rows} == {"Chen"}
    assert {f"{row['deadline']:%d}" for row in rows} == {"18", "22"}
    assert rows[0]["evidence"] == "2026-08-11"
    assert rows[3]["evidence"] == "cleared; on 2026-08-13 still: 2026-08-13"


@pytest.mark.parametrize("cut", range(1, len(DAYS)))
def test_windows_of_any_length_give_the_same_warnings(window, cut):
    query = "select * from warned.warnings order by all"
    expected = window.rows(query)
    window.run("warned.warnings", day_from=DAYS[cut], until=DAYS[-1])
    assert window.rows(query) == expected
    window.run("warned.warnings", day_from=DAYS[cut])
    assert window.rows(query) == expected


def test_day_by_day_equals_one_window(window):
    single = told()
    for day in DAYS:
        single.run("warned.warnings", day_from=day)
    query = "select * from warned.warnings order by all"
    assert single.rows(query) == window.rows(query)


def test_a_day_that_was_not_closed_does_not_end_a_warning():
    world = told()
    for table in ("rated.credit_tiers", "warned.customer_lost_signals"):
        world.rows(f"delete from {table} where as_of in ('2026-08-14', '2026-08-15')")
    for day in DAYS:
        if day not in ("2026-08-14", "2026-08-15"):
            world.run("warned.warnings", day_from=day)
    assert {first for _, _, first, _ in shown(world, "S2")} == {"12"}


@pytest.mark.parametrize(
    ("fault", "audit"),
    [
        (("insert into warned.warnings select * from warned.warnings where customer_id = 'S2' "
         "and as_of = '2026-08-13'"), "warnings_live_once"),
        (("update warned.warnings set first_on = '2026-08-14' where as_of = '2026-08-13' "
         "and customer_id = 'S2'"), "warnings_live_once"),
        (("update warned.warnings set cleared_on = '2026-08-12' where as_of = '2026-08-13' "
         "and customer_id = 'S2'"), "warnings_live_once"),
        ("delete from warned.warnings where as_of = '2026-08-13' and customer_id = 'S2'",
         "warnings_stand_on_signals"),
        ("delete from warned.customer_lost_signals where as_of = '2026-08-13'",
         "warnings_stand_on_signals"),
    ],
)  # fmt: skip
def test_audit_finds(window, fault, audit):
    assert window.audit(f"warned/{audit}", DAYS[0], DAYS[-1]) == []
    with window.rolled_back():
        window.rows(fault)
        found = window.audit(f"warned/{audit}", DAYS[0], DAYS[-1])
    assert {(f"{row['as_of']:%d}", row["customer_id"]) for row in found} == {("13", "S2")}
