"""A warning is one object from its first day to the day it clears."""

import hashlib

import pytest

from assets.reported.content.reading import Day, statements
from tests.rated.given import account, each_day
from tests.support import World, models
from tests.support import day as date_of

DAYS = [f"2026-08-{number:02d}" for number in range(10, 22)]
# S1 is over its limit from the 11th to the 13th, on the 15th (too soon to be another) and the 20th;
# S2 is lost from the 12th on; S3 has two incidents at once
OVER = {
    "2026-08-11": "medium", "2026-08-12": "high", "2026-08-13": "high",
    "2026-08-15": "high", "2026-08-20": "high",
}  # fmt: skip
LOST = DAYS[2:]
TABLES = ("staged.decision_words", "warned.warning_decisions", "warned.warnings")


def signal(day, kind, customer, severity="high", evidence="", about=""):
    """One condition on one day."""
    return {
        "as_of": day, "kind": kind, "customer_id": customer, "severity": severity,
        "about": about, "evidence": evidence or day,
    }  # fmt: skip


def told(apart=False):
    """Twelve closed days with their signals."""
    accounts = [account("S1", manager="Chen"), account("S2"), account("S3")]
    return (
        World(apart=apart)
        .given("rated.accounts", each_day(accounts, *DAYS))
        .given("rated.credit_tiers", each_day([{"customer_id": "S1"}], *DAYS))
        .given(
            "warned.signals",
            [signal(day, "over_limit", "S1", severity) for day, severity in OVER.items()]
            + [signal(day, "customer_lost", "S2", evidence="silent") for day in LOST]
            + [signal(DAYS[1], "major_incident", "S3", about=no) for no in ("I1", "I2")],
        )
    )


def answered(*answers):
    """The same world with answers to the warnings of S1 and S2."""
    rows = [
        {
            "known_on": day, "subject_kind": "warning", "subject_id": warning, "decided_on": day,
            "decision": decision, "target_id": target, "decided_by": "Wu",
        }
        for day, warning, decision, target in answers
    ]  # fmt: skip
    world = told().given("staged.decisions", rows)
    return world.run(*TABLES, day_from=DAYS[0], until=DAYS[-1])


@pytest.fixture(scope="module")
def window():
    return told(apart=True).run(*TABLES, day_from=DAYS[0], until=DAYS[-1])


def name_of(kind, customer, first_on):
    return hashlib.md5(f"{kind}|{customer}|{first_on}".encode()).hexdigest()[:16]


def shown(world, customer):
    rows = world.rows(
        "select as_of, severity, first_on, state from warned.warnings "
        f"where customer_id = '{customer}' order by as_of, about"
    )
    return [
        (f"{row['as_of']:%d}", row["severity"], f"{row['first_on']:%d}", row["state"])
        for row in rows
    ]


def test_a_warning_lives_from_its_first_day_until_its_condition_stays_away(window):
    assert shown(window, "S1") == [
        ("11", "medium", "11", "standing"),
        ("12", "high", "11", "standing"),  # graver, but the same warning
        ("13", "high", "11", "standing"),
        ("14", "high", "11", "away"),
        ("15", "high", "11", "standing"),  # back within three days: it does not flap
        ("16", "high", "11", "away"),
        ("17", "high", "11", "away"),
        ("18", "high", "11", "cleared"),
        ("20", "high", "20", "standing"),  # later it is a new warning
        ("21", "high", "20", "away"),
    ]
    rows = window.rows("select as_of, cleared_on from warned.warnings where state = 'cleared' "
                       "and customer_id = 'S1'")  # fmt: skip
    assert [(f"{row['as_of']:%d}", f"{row['cleared_on']:%d}") for row in rows] == [("18", "18")]


def test_a_warning_stays_itself_while_it_stands(window):
    assert shown(window, "S2") == [(day[-2:], "high", "12", "standing") for day in LOST]
    rows = window.rows("select distinct warning_id from warned.warnings where customer_id = 'S2'")
    assert rows == [{"warning_id": name_of("customer_lost", "S2", "2026-08-12")}]


def test_two_incidents_of_one_customer_are_two_warnings(window):
    assert [row[0] for row in shown(window, "S3")] == [d for d in ("11", "12", "13", "14")
                                                       for _ in "12"]  # fmt: skip
    rows = window.rows("select count(distinct warning_id) as n from warned.warnings "
                       "where customer_id = 'S3'")  # fmt: skip
    assert rows == [{"n": 2}]


def test_a_warning_has_an_owner_a_deadline_and_evidence(window):
    rows = window.rows("select * from warned.warnings where customer_id = 'S1' order by as_of")
    assert {row["owner"] for row in rows} == {"Chen"}
    assert {f"{row['deadline']:%d}" for row in rows} == {"18", "27"}
    assert rows[0]["evidence"] == "2026-08-11"
    assert rows[3]["evidence"] == "not since 2026-08-13, and then: 2026-08-13"
    assert rows[7]["evidence"] == "cleared; on 2026-08-15 still: 2026-08-15"


OVER_ID = name_of("over_limit", "S1", "2026-08-11")
LOST_ID = name_of("customer_lost", "S2", "2026-08-12")


def test_an_acknowledged_warning_stays_so_until_it_clears():
    world = answered(("2026-08-14", LOST_ID, "已知悉", None))
    states = [state for _, _, _, state in shown(world, "S2")]
    assert states == ["standing"] * 2 + ["acknowledged"] * 8
    rows = world.rows("select distinct answer from warned.warnings where state = 'acknowledged'")
    assert rows == [{"answer": "acknowledge by Wu"}]


def test_a_snoozed_warning_stands_again_on_its_day_or_when_it_is_reopened():
    world = answered(("2026-08-14", LOST_ID, "snooze", "2026-08-17"))
    states = {day: state for day, _, _, state in shown(world, "S2")}
    assert [states[day] for day in ("13", "14", "16", "17")] == [
        "standing", "snoozed", "snoozed", "standing"
    ]  # fmt: skip
    world = answered(
        ("2026-08-14", LOST_ID, "snooze", "2026-08-30"), ("2026-08-16", LOST_ID, "reopen", None)
    )
    states = {day: state for day, _, _, state in shown(world, "S2")}
    assert [states[day] for day in ("15", "16")] == ["snoozed", "standing"]


def test_a_warning_that_becomes_graver_than_when_it_was_answered_stands_again():
    world = answered(("2026-08-12", OVER_ID, "snooze", "2026-08-30"))
    (row,) = world.rows("select state, answer from warned.warnings where as_of = '2026-08-12' "
                        "and customer_id = 'S1'")  # fmt: skip
    assert row["state"] == "standing"  # medium on the 11th, high now
    assert row["answer"].endswith("graver since, so it stands again")
    world = answered(("2026-08-13", OVER_ID, "snooze", "2026-08-30"))
    states = {day: state for day, _, _, state in shown(world, "S1")}
    assert (states["13"], states["15"]) == ("snoozed", "snoozed")


@pytest.mark.parametrize(
    ("decision", "target", "sentence"),
    [
        ("forget", None, "a warning is answered by acknowledge, snooze or reopen, not by forget"),
        ("snooze", "soon", "snooze needs the day until which, as YYYY-MM-DD in target_id"),
    ],
)
def test_an_answer_that_means_nothing_does_nothing_and_says_so(decision, target, sentence):
    world = answered(("2026-08-14", LOST_ID, decision, target))
    assert {state for _, _, _, state in shown(world, "S2")} == {"standing"}
    rows = world.rows("select misunderstood from warned.warning_decisions")
    assert rows == [{"misunderstood": sentence}]


def test_every_answer_has_a_result_in_the_pack():
    world = answered(
        ("2026-08-14", LOST_ID, "acknowledge", None), ("2026-08-14", "e0011", "acknowledge", None),
        ("2026-08-15", LOST_ID, "snooze", "soon"),
    )  # fmt: skip
    for table in statements()["decision_results"].reads:
        world.have(table)
    rows = Day(world.connection, date_of("2026-08-21")).rows("decision_results")
    assert {(row["subject_id"], row["decided"], row["result"]) for row in rows} == {
        (LOST_ID, "acknowledge", "taken"),
        ("e0011", "acknowledge", "unknown_subject"),
        (LOST_ID, "snooze", "not_understood"),
    }


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
        single.run(*TABLES, day_from=day)
    query = "select * from warned.warnings order by all"
    assert single.rows(query) == window.rows(query)


def test_a_day_that_was_not_closed_does_not_end_a_warning():
    world = told()
    gap = DAYS[3:8]
    for table in ("rated.credit_tiers", "warned.signals"):
        world.rows(f"delete from {table} where as_of in {tuple(gap)}")
    for day in DAYS:
        if day not in gap:
            world.run(*TABLES, day_from=day)
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
        ("delete from warned.signals where as_of = '2026-08-13' and customer_id = 'S2'",
         "warnings_stand_on_signals"),
    ],
)  # fmt: skip
def test_audit_finds(window, fault, audit):
    assert window.audit(f"warned/{audit}", DAYS[0], DAYS[-1]) == []
    with window.rolled_back():
        window.rows(fault)
        found = window.audit(f"warned/{audit}", DAYS[0], DAYS[-1])
    assert {(f"{row['as_of']:%d}", row["customer_id"]) for row in found} == {("13", "S2")}


KINDS = sorted(
    table.removeprefix("warned.").removesuffix("_signals")
    for table in models()
    if table.startswith("warned.") and table.endswith("_signals")
)


@pytest.fixture(scope="module")
def of_each_kind():
    """A condition of each kind from the 11th to the 13th, for a customer named after it."""
    world = World().given("rated.credit_tiers", each_day([{"customer_id": "S1"}], *DAYS))
    world.given("rated.accounts", each_day([account(kind) for kind in KINDS], *DAYS))
    for kind in KINDS:
        table = f"warned.{kind}_signals"
        world.have(table)
        about = {"about": "I1"} if "about" in world.session.columns(table) else {}
        world.given(
            table,
            [
                {"as_of": on, "customer_id": kind, "severity": "high", "evidence": "so", **about}
                for on in DAYS[1:4]
            ],
        )
    return world.run("warned.signals", *TABLES, day_from=DAYS[0], until=DAYS[-1])


@pytest.mark.parametrize("kind", KINDS)
def test_a_warning_of_each_kind_is_raised_kept_and_cleared(of_each_kind, kind):
    assert [(on, state) for on, _, _, state in shown(of_each_kind, kind)] == [
        ("11", "standing"), ("12", "standing"), ("13", "standing"),
        ("14", "away"), ("15", "away"), ("16", "cleared"),
    ]  # fmt: skip
    rows = of_each_kind.rows(
        f"select distinct kind from warned.warnings where customer_id = '{kind}'"
    )
    assert rows == [{"kind": kind}]


def test_all_warnings_of_the_trade_are_there():
    assert KINDS == [
        "customer_lost", "expense_over", "failing_chain", "legal_term", "limitation_clock",
        "major_incident", "over_limit", "sales_behind",
    ]  # fmt: skip
