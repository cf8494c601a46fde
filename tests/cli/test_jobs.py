"""The schedule, the inbox sensor, the delivery and the reason of a failed run."""

import os
import time
from datetime import date, datetime, timedelta

import dagster as dg
import pytest

from io_managers.documents import MailState
from io_managers.session import Window
from pipelines import jobs
from pipelines.close import close
from pipelines.days import TIMEZONE, Plan, plan
from pipelines.delivery import DeliveryReport
from tests.cli.conftest import DAYS

THIRD = date(2026, 5, 3)


@pytest.fixture
def instance():
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


@pytest.fixture
def settled(monkeypatch):
    """Files count as arrived at once."""
    monkeypatch.setattr(jobs, "SETTLED_AFTER", timedelta(0))


def put(home, day, name="orders_new.csv"):
    folder = home.inbox_folder(day)
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("chain_id,store_code,order_no,order_date,amount\n", "utf-8")


def days_of(request):
    return request.tags[jobs.RANGE_START], request.tags[jobs.RANGE_END]


def test_at_seven_the_day_that_ended_is_closed_with_what_is_open(home, instance):
    at = datetime(2026, 5, 5, 7, tzinfo=TIMEZONE)
    context = dg.build_schedule_context(instance=instance, scheduled_execution_time=at)
    request = jobs.morning_close(context)
    assert days_of(request) == ("2026-05-03", "2026-05-04")
    assert request.tags[jobs.PURPOSE] == "close"


def test_the_schedule_skips_days_before_the_books(home, instance):
    at = datetime(2020, 1, 2, 7, tzinfo=TIMEZONE)
    context = dg.build_schedule_context(instance=instance, scheduled_execution_time=at)
    skipped = jobs.morning_close(context)
    assert "first day that can be closed" in skipped.skip_message


def sense(instance, cursor=None):
    context = dg.build_sensor_context(instance=instance, cursor=cursor)
    return jobs.inbox_sensor(context), context.cursor


def test_the_sensor_skips_with_a_reason_when_nothing_waits(home, instance, settled):
    skipped, _ = sense(instance)
    assert skipped.skip_message == "Every paper of the days that ended has been read."


def test_the_sensor_asks_for_a_new_day_once(home, instance, settled):
    put(home, THIRD)
    request, cursor = sense(instance)
    assert days_of(request) == ("2026-05-03", "2026-05-03")
    skipped, _ = sense(instance, cursor)
    assert "asked for already" in skipped.skip_message
    put(home, THIRD, "orders_more.csv")
    again, _ = sense(instance, cursor)
    assert again.run_key != request.run_key


def test_the_sensor_asks_for_a_closed_day_and_all_later_ones(home, instance, settled):
    put(home, DAYS[0])
    request, _ = sense(instance)
    assert days_of(request) == (str(DAYS[0]), str(DAYS[-1]))


def test_the_sensor_waits_for_files_that_are_still_arriving(home, instance):
    put(home, THIRD)
    skipped, _ = sense(instance)
    assert skipped.skip_message == "Files of 2026-05-03 are still arriving."


def test_the_sensor_waits_for_a_run_under_way(home, instance, settled):
    from pipelines.definitions import defs

    put(home, THIRD)
    instance.create_run_for_job(
        defs.resolve_job_def("daily_close"), status=dg.DagsterRunStatus.STARTED
    )
    skipped, _ = sense(instance)
    assert "under way" in skipped.skip_message


def test_today_waits_until_it_has_ended_unless_somebody_has_closed_it():
    today = date(2026, 5, 3)
    found = Plan(DAYS[0], frozenset(DAYS), frozenset([*DAYS, today]), {})
    assert jobs.waiting_days(found, today) == []
    assert jobs.waiting_days(found, today + timedelta(days=1)) == [today]
    closed = Plan(DAYS[0], frozenset([*DAYS, today]), frozenset([today]), {today: ["late.csv"]})
    assert jobs.waiting_days(closed, today) == [today]


def after_a_run(home, instance, purpose, window=None, **tags):
    """The context of a sensor after a successful run."""
    from pipelines.definitions import defs

    window = window or Window(DAYS[-1], DAYS[-1])
    run = instance.create_run_for_job(
        defs.resolve_job_def("daily_close"), tags={**jobs.run_tags(window, purpose), **tags}
    )
    event = dg.DagsterEvent(dg.DagsterEventType.RUN_SUCCESS.value, "daily_close")
    return dg.build_run_status_sensor_context("deliver_mails", event, instance, run)


@pytest.fixture
def delivered(monkeypatch):
    """The days for which delivery was asked, instead of a delivery."""
    asked = []

    def deliver(home, config, day):
        asked.append(day)
        mails = [
            MailState(
                day, f"<{status}@supplier.cn>", "a@supplier.cn", "应收日报", "reports/aging.xlsx",
                status, None, "finance", "outbox/finance.eml", "",
            )
            for status in ("sent", "waiting")
        ]  # fmt: skip
        return DeliveryReport(day, mails, ["the server was slow"])

    monkeypatch.setattr(jobs, "deliver", deliver)
    return asked


def test_mails_of_the_newest_day_are_delivered(home, instance, delivered):
    told = jobs.deliver_mails(after_a_run(home, instance, "close"))
    assert delivered == [DAYS[-1]]
    assert "1 of 2 mails" in told.skip_reason.skip_message


def test_the_page_of_mails_shows_what_was_sent_to_whom(home, instance, delivered):
    told = jobs.deliver_mails(after_a_run(home, instance, "close"))
    (observation,) = told.asset_events
    assert observation.asset_key.path == ["reported", "mails"]
    assert observation.partition == DAYS[-1].isoformat()
    table = observation.metadata["what became of them"].md_str
    assert "| 应收日报 | a@supplier.cn | sent |  | reports/aging.xlsx |  |" in table
    assert observation.metadata["warnings"].text == "the server was slow"


@pytest.mark.parametrize("purpose", ["backfill", "demo"])
def test_backfills_deliver_nothing(home, instance, delivered, purpose):
    jobs.deliver_mails(after_a_run(home, instance, purpose))
    assert delivered == []


def test_backfills_of_the_web_page_deliver_nothing(home, instance, delivered):
    jobs.deliver_mails(after_a_run(home, instance, "", **{"dagster/backfill": "abc"}))
    assert delivered == []


def test_older_days_are_not_delivered(home, instance, delivered):
    window = Window(DAYS[0], DAYS[0])
    told = jobs.deliver_mails(after_a_run(home, instance, "close", window))
    assert delivered == []
    assert "is not the newest closed day" in told.skip_message


def test_a_failed_run_carries_its_reason(home, instance):
    fifth = Window(date(2026, 5, 5), date(2026, 5, 5))
    closing = close(home, fifth, "backfill", instance=instance)
    run = instance.get_run_by_id(closing.run_id)
    event = dg.DagsterEvent(dg.DagsterEventType.RUN_FAILURE.value, "daily_close")
    context = dg.build_run_status_sensor_context("failure_reason", event, instance, run)
    jobs.failure_reason(context.for_run_failure())
    tags = instance.get_run_by_id(closing.run_id).tags
    assert "2026-05-03 has not been closed" in tags[jobs.REASON]


def test_a_file_is_arriving_while_its_folder_changes(home):
    put(home, THIRD)
    now = datetime.now().astimezone()
    assert jobs.still_arriving(home, THIRD, now)
    assert not jobs.still_arriving(home, THIRD, now + timedelta(minutes=1))


def test_the_key_of_what_was_asked_changes_with_the_folder(home):
    put(home, THIRD)
    before = jobs.asked_for(home, [THIRD])
    time.sleep(0.01)
    os.utime(home.inbox_folder(THIRD) / "orders_new.csv")
    assert jobs.asked_for(home, [THIRD]) != before
    assert plan(home).waiting(THIRD) == [THIRD]
