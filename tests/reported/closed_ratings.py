"""What a review of the closed day is about: reviews, limits with approvals, changes of ratings."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

D = Decimal
DEADLINE_DAYS = 7
# in turn: an approval that holds, one that ends by the deadline, one that has ended, none
ENDS_AFTER = [400, 3, -5, None]


def review_rows(
    day: date, number: int, manager: str | None, tier: Mapping[str, Any], due: Decimal
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows of one customer: table and row."""
    customer = tier["customer_id"]
    same = {name: tier[name] for name in ("customer_id", "credit_tier", "credit_limit", "action")}
    yield "rated.reviews", {
        **same, "as_of": day, "manager": manager, "previous_tier": tier["previous_tier"],
        "reviewed_on": day - timedelta(days=1),
        "is_tier_proposed": tier["previous_tier"] != tier["credit_tier"],
        "judged_exposure": tier["judged_exposure"],
        "over_limit": max(tier["judged_exposure"] - tier["credit_limit"], D(0)),
        "due_by_deadline": due, "deadline": day + timedelta(days=DEADLINE_DAYS),
        "reason": tier["reason"],
    }  # fmt: skip
    if tier["previous_tier"] != tier["credit_tier"]:
        yield "rated.tier_changes", {
            **same, "as_of": day, "previous_class": "A", "customer_class": "AA",
            "previous_tier": tier["previous_tier"], "previous_score": D("71.00"),
            "score": tier["score"], "previous_limit": D(1_200_000), "previous_action": "normal",
            "change_reason": "record 30.00 to 25.00 points: 12.4 days late on average; class A to "
            f"AA; tier {tier['previous_tier']} to {tier['credit_tier']} by a score of 71.00 to "
            f"{tier['score']}; limit 1,200,000.00 to 1,500,000.00; action normal to hold",
        }  # fmt: skip
    ends = ENDS_AFTER[number % 4]
    holds = ends is not None and ends >= 0
    if ends is not None:
        yield "staged.credit_approvals", {
            "known_on": date(2026, 5, 1), "approval_id": f"AP-{number:03}",
            "customer_id": customer, "approved_on": date(2026, 5, 1),
            "valid_to": day + timedelta(days=ends),
        }  # fmt: skip
    yield "rated.credit_limits", {
        "as_of": day, "customer_id": customer, "group_id": f"{customer[:2]}-HO000",
        "limit_basis": "own" if holds else "cash",
        "approval_id": f"AP-{number:03}" if holds else None,
        "approved_limit": D(1_500_000) if holds else None, "computed_limit": D(1_449_600),
        "group_limit": D(2_000_000) if holds else None, "credit_limit": tier["credit_limit"],
        "limit_reason": "no approved credit application: cash only",
    }  # fmt: skip
