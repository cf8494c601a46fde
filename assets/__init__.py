"""What exists, in flow order: a stage is a folder, a file is a table."""

import warnings
from datetime import date, datetime
from zoneinfo import ZoneInfo

import dagster as dg

from receivables.home import Home
from receivables.policy import Policy

STAGES = ("received", "staged", "matched", "settled", "aged", "rated", "warned", "reported")

TIMEZONE = "Asia/Shanghai"


def days_ahead(home: Home, today: date) -> int:
    """How many days from today on can be closed: today, and what the inbox has beyond it.

    Today's folder can be closed before the day has ended. A later one is there when the papers
    are made up, or the clock is wrong; neither is a reason to leave them.
    """
    newest = max(home.inbox_days(), default=today)
    return max(1, (newest - today).days + 1)


# All tables share these days.
PARTITIONS = dg.DailyPartitionsDefinition(
    start_date=Policy.read(Home.current().config("policy.yaml")).first_day.isoformat(),
    timezone=TIMEZONE,
    end_offset=days_ahead(Home.current(), datetime.now(ZoneInfo(TIMEZONE)).date()),
)

# A range of days is one run: the SQL is set-based, so a year costs little more than a day.
# Dagster still calls the parameter beta at each of its uses; it is used here knowingly.
warnings.filterwarnings("ignore", message=".*backfill_policy.*", category=dg.BetaWarning)
BACKFILL = dg.BackfillPolicy.single_run()
