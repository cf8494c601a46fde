"""The only definitions of the house: `dg dev`, the webserver and the command line load these."""

import dagster as dg

from assets.flow import flow
from io_managers.warehouse import Warehouse, WarehouseTables
from pipelines.jobs import (
    daily_close,
    deliver_mails,
    failure_reason,
    inbox_sensor,
    morning_close,
)

# Not yet configured, so that the io manager shares this one session instead of its own copy.
warehouse = Warehouse.configure_at_launch()

defs = dg.Definitions(
    assets=flow(),
    jobs=[daily_close],
    schedules=[morning_close],
    sensors=[inbox_sensor, deliver_mails, failure_reason],
    resources={"warehouse": warehouse, "warehouse_tables": WarehouseTables(warehouse=warehouse)},
    executor=dg.in_process_executor,
)
