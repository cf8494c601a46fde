"""What is asked of settled orders."""

from typing import Any

from tests.support import World

SETTLEMENTS = ("settled.settlements",)


def settlement(world: World, order_no: str, as_of: str = "06-30") -> dict[str, Any]:
    """Who owes for an order, as known on a day of 2026."""
    rows = world.rows(
        "select pattern, ship_to_id, order_account_id, debtor_id, agreement_id, is_inferred, "
        f"conflict from settled.settlements where order_no = '{order_no}' "
        f"and known_on <= date '2026-{as_of}' order by known_on desc limit 1"
    )
    return rows[0]


def parties(world: World, order_no: str = "O1", as_of: str = "06-30") -> tuple[object, ...]:
    """To whom an order goes, on whose account it stands, and who owes for it."""
    found = settlement(world, order_no, as_of)
    return tuple(found[name] for name in ("ship_to_id", "order_account_id", "debtor_id"))
