"""Names and people responsible for the customers of a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assets.reported.content.reading import Day

NOBODY = "–"


@dataclass(frozen=True)
class Parties:
    """Customers by id."""

    by_id: Mapping[str, Mapping[str, Any]]

    @classmethod
    def of(cls, day: Day) -> "Parties":
        """The customers as known on a day."""
        return cls({row["customer_id"]: row for row in day.rows("customers")})

    def name(self, customer_id: str | None) -> str:
        """The name; the id where the customer is not known, a dash where there is none."""
        return self._field(customer_id, "customer_name") or customer_id or NOBODY

    def manager(self, *customer_ids: str | None) -> str:
        """The person responsible: the first of these customers' that is known, else a dash."""
        known = (self._field(customer_id, "manager") for customer_id in customer_ids)
        return next((manager for manager in known if manager), NOBODY)

    def chain(self, customer_id: str | None) -> str | None:
        """The chain of a customer."""
        return self._field(customer_id, "chain_id")

    def group(self, customer_id: str | None) -> str | None:
        """The head office of a customer, or the customer itself."""
        return self._field(customer_id, "group_id") or customer_id

    def region(self, *customer_ids: str | None) -> str | None:
        """The region of the first of these customers that has one."""
        known = (self._field(customer_id, "region") for customer_id in customer_ids)
        return next((region for region in known if region), None)

    def _field(self, customer_id: str | None, field: str) -> str | None:
        return self.by_id.get(customer_id or "", {}).get(field)
