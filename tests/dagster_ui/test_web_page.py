"""The web page as a person uses it: look at the flow, backfill two days, see the result."""

import time
from contextlib import contextmanager, suppress

import pytest
from playwright.sync_api import TimeoutError as NotShownError

from pipelines.days import Known
from tests.dagster_ui.conftest import DAYS

JOB = "/locations/sidan/jobs/daily_close"
RUN_SECONDS = 200


@pytest.mark.timeout(400)
def test_two_days_are_backfilled_from_the_web_page(page, address, home):
    with telling_what_is_shown(page):
        # The flow is shown, a group per stage.
        page.goto(address + JOB, wait_until="domcontentloaded")
        for stage in ("received", "staged", "matched", "settled"):
            page.get_by_text(stage, exact=True).first.wait_for()

        # A backfill over two days is launched, and becomes one run.
        page.get_by_role("button", name="Materialize all").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_text("Partition selection").wait_for()
        choose(dialog, f"[{DAYS[0]}...{DAYS[-1]}]", f"{len(DAYS)} partitions")
        dialog.get_by_role("button", name="Launch backfill").click()
        dialog.wait_for(state="hidden")

        # It succeeds: the days are closed and published.
        deadline = time.monotonic() + RUN_SECONDS
        while len(Known.of(home).closed) < len(DAYS) and time.monotonic() < deadline:
            time.sleep(1)
        assert sorted(map(str, Known.of(home).closed)) == list(DAYS), log_of(home)
        page.goto(address + "/runs", wait_until="domcontentloaded")
        page.get_by_text("Success").first.wait_for()

        # The table tells how many rows each day has, its money, and a preview.
        page.goto(f"{address}/assets/settled/open_items?view=events", wait_until="domcontentloaded")
        for words in ("rows", f"total balance on {DAYS[-1]}", "preview", "balance on the day"):
            page.get_by_text(words, exact=False).first.wait_for()


def choose(dialog, days, shown):
    """Type a range of days; the dialog first offers the last 90 days only."""
    everything = dialog.get_by_text("Show all partitions")
    typed = dialog.locator("input[type=text]").first
    typed.wait_for()
    with suppress(NotShownError):  # with few days there is nothing more to show
        everything.wait_for(timeout=5_000)
    if everything.count():
        everything.click()
        everything.wait_for(state="hidden")
    typed.fill(days)
    typed.press("Enter")
    dialog.get_by_text(shown, exact=True).first.wait_for()


@contextmanager
def telling_what_is_shown(page):
    """Name what stands on the page when a step fails."""
    try:
        yield
    except Exception as error:
        shown = page.inner_text("body").splitlines()
        error.add_note("On the page: " + " | ".join(line for line in shown if line.strip()))
        raise


def log_of(home):
    return (home.root / "dg.log").read_text(encoding="utf-8")[-3000:]
