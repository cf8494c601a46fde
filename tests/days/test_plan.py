"""Which days a close takes along."""

import os
from datetime import date, timedelta

import pytest

from pipelines.days import Known, NothingToCloseError, Plan, plan
from receivables.home import Home


def day(number):
    return date(2026, 5, 1) + timedelta(days=number - 1)


def days(*numbers):
    return frozenset(day(number) for number in numbers)


@pytest.mark.parametrize(
    ("closed", "inbox", "changed", "asked", "window"),
    [
        ((), (1, 2, 3), (), 1, (1, 1)),
        ((), (1, 2, 3), (), 3, (1, 3)),  # open days before it come along
        ((), (3,), (), 5, (3, 5)),  # days without papers have their slices too
        ((), (), (), 5, (5, 5)),
        ((1, 2), (1, 2, 3), (), 3, (3, 3)),
        ((1, 2), (1, 2, 5), (), 5, (3, 5)),  # no day is left out
        ((1, 2, 3), (1, 2, 3), (), 3, (3, 3)),  # again
        ((1, 2, 3), (1, 2, 3), (), 2, (2, 3)),  # again, with the later closed days
        ((1, 2, 3), (1, 2, 3, 4), (2,), 4, (2, 4)),  # a late file of an earlier day
        ((1, 2, 3), (1, 2, 3, 4), (2,), 1, (1, 3)),
        ((2, 3), (1, 2, 3), (), 3, (1, 3)),  # a folder appears before the first closed day
        ((1, 2, 3, 4), (1, 4), (), 3, (3, 4)),
    ],
)
def test_a_close_of_a_day_covers(closed, inbox, changed, asked, window):
    found = Plan(day(1), days(*closed), days(*inbox), {day(number): ["f"] for number in changed})
    covered = found.window(day(asked))
    assert (covered.day_from, covered.day_until) == tuple(day(number) for number in window)


@pytest.mark.parametrize(
    ("closed", "asked", "window"),
    [
        ((), (2, 3), (1, 3)),
        ((1, 2, 3, 4), (2, 3), (2, 4)),
        ((1,), (3, 5), (2, 5)),
    ],
)
def test_a_backfill_covers(closed, asked, window):
    found = Plan(day(1), days(*closed), days(1, 2, 3, 4, 5), {})
    covered = found.window(day(asked[0]), day(asked[1]))
    assert (covered.day_from, covered.day_until) == tuple(day(number) for number in window)


def test_days_before_the_first_are_refused_with_the_reason():
    with pytest.raises(NothingToCloseError, match="first_day in config/policy.yaml"):
        Plan(day(3), days(), days(), {}).window(day(2))


def test_what_waits_are_open_days_with_papers_and_changed_days():
    found = Plan(day(1), days(1, 2, 3), days(1, 2, 3, 4, 6), {day(2): ["f"]})
    assert found.waiting(day(5)) == [day(2), day(4)]
    assert found.waiting(day(6)) == [day(2), day(4), day(6)]


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


def put(home, number, name, text="order_no\n"):
    place = home.inbox_folder(day(number)) / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8")
    return place


def test_a_home_without_a_warehouse_has_closed_nothing(home):
    put(home, 1, "orders.csv")
    (home.inbox / "not-a-day").mkdir()
    found = plan(home)
    assert found.closed == frozenset()
    assert found.unclosed == [day(1)]
    assert Known.of(home) == Known()


def test_folders_before_the_first_day_are_left_alone(home):
    (home.inbox / "2020-01-01").mkdir(parents=True)
    assert plan(home).inbox == frozenset()


def test_known_files_are_hashed_only_when_touched_since(home, monkeypatch):
    """A file that was not touched since it was read is not read again to see whether it changed."""
    import hashlib
    from datetime import datetime

    from pipelines import days as planning

    place = put(home, 1, "orders.csv")
    sha = hashlib.sha256(place.read_bytes()).hexdigest()
    name = f"{day(1)}/orders.csv"
    later = datetime.now(planning.TIMEZONE) + timedelta(seconds=5)
    known = Known(days(1), {name: (sha, later)})
    monkeypatch.setattr(Known, "of", classmethod(lambda cls, home: known))
    hashed = []
    real = planning.arrivals
    monkeypatch.setattr(planning, "arrivals", lambda *given: hashed.append(given) or real(*given))
    assert plan(home).changed == {}
    assert hashed == []
    put(home, 1, "late.csv")
    assert plan(home).changed == {day(1): [f"{day(1)}/late.csv"]}
    earlier = later - timedelta(days=1)
    known.files[name] = (sha, earlier)
    os.utime(place)
    assert plan(home).changed == {day(1): [f"{day(1)}/late.csv"]}, "touched, but the same bytes"
    place.write_text("order_no\n1\n", encoding="utf-8")
    assert plan(home).changed == {day(1): [f"{day(1)}/late.csv", name]}
