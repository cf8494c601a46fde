"""Contracts: one schema class per received kind, with labels, meaning and rules.

>>> contract("orders").labels["order_no"]
'订单号'
"""

from receivables.contracts import billing, goods, parties, payments
from receivables.contracts.fields import Field, FieldType
from receivables.contracts.kinds import ORIGIN, REGISTERED, Contract, ReceivedRow

__all__ = [
    "KINDS",
    "ORIGIN",
    "Contract",
    "Field",
    "FieldType",
    "ReceivedRow",
    "billing",
    "contract",
    "goods",
    "labels",
    "parties",
    "payments",
]


# From master data to money, as people think of them.
KINDS: dict[str, Contract] = {
    kind: found
    for module in (parties, goods, billing, payments)
    for kind, found in REGISTERED.items()
    if found.schema.__module__ == module.__name__
}


def contract(kind: str) -> Contract:
    """The contract of a received kind; KeyError for an unknown one."""
    return KINDS[kind]


def labels(kind: str) -> dict[str, str]:
    """Chinese heading of each field of a kind, in canonical order."""
    return dict(KINDS[kind].labels)
