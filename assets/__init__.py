"""What exists, in flow order: a stage is a folder, a file is a table."""

import dagster as dg

from receivables.home import Home
from receivables.policy import Policy

STAGES = ("received", "staged", "matched", "settled", "aged", "rated", "warned", "reported")

TIMEZONE = "Asia/Shanghai"

# All tables share these days. Today's folder can be closed before the day has ended.
PARTITIONS = dg.DailyPartitionsDefinition(
    start_date=Policy.read(Home.current().config("policy.yaml")).first_day.isoformat(),
    timezone=TIMEZONE,
    end_offset=1,
)

# A range of days is one run: the SQL is set-based, so a year costs little more than a day.
BACKFILL = dg.BackfillPolicy.single_run()
