"""The tables of the hand-made day that speak of ratings: columns, and what a review is about."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from tests.reported.closed_tables import MONEY

D = Decimal
DEADLINE_DAYS = 7
# in turn: an approval that holds, one that ends by the deadline, one that has ended, none
ENDS_AFTER = [400, 3, -5, None]

PART = pl.Struct(
    {"part": pl.String, "points": MONEY, "weight": pl.Decimal(9, 4), "evidence": pl.String}
)

RATING_COLUMNS: dict[str, dict[str, Any]] = {
    "rated.credit_tiers": {
        "as_of": pl.Date,
        "customer_id": pl.String,
        "customer_class": pl.String,
        "credit_tier": pl.String,
        "score": MONEY,
        "score_parts": pl.List(PART),
        "limit_basis": pl.String,
        "credit_limit": MONEY,
        "exposure": MONEY,
        "group_exposure": MONEY,
        "judged_exposure": MONEY,
        "open_receivables": MONEY,
        "accepted_uninvoiced": MONEY,
        "delivered_unreceived": MONEY,
        "unapplied_cash": MONEY,
        "overdue": MONEY,
        "overdue_beyond_grace": MONEY,
        "days_late": pl.Decimal(9, 1),
        "action": pl.String,
        "previous_tier": pl.String,
        "reason": pl.String,
    },
    "rated.reviews": {
        "as_of": pl.Date,
        "customer_id": pl.String,
        "manager": pl.String,
        "credit_tier": pl.String,
        "previous_tier": pl.String,
        "reviewed_on": pl.Date,
        "is_tier_proposed": pl.Boolean,
        "credit_limit": MONEY,
        "judged_exposure": MONEY,
        "over_limit": MONEY,
        "due_by_deadline": MONEY,
        "deadline": pl.Date,
        "action": pl.String,
        "reason": pl.String,
    },
    "rated.tier_changes": {
        "as_of": pl.Date,
        "customer_id": pl.String,
        "previous_class": pl.String,
        "customer_class": pl.String,
        "previous_tier": pl.String,
        "credit_tier": pl.String,
        "previous_score": MONEY,
        "score": MONEY,
        "previous_limit": MONEY,
        "credit_limit": MONEY,
        "previous_action": pl.String,
        "action": pl.String,
        "change_reason": pl.String,
    },
    "rated.credit_limits": {
        "as_of": pl.Date,
        "customer_id": pl.String,
        "group_id": pl.String,
        "limit_basis": pl.String,
        "approval_id": pl.String,
        "approved_limit": MONEY,
        "computed_limit": MONEY,
        "group_limit": MONEY,
        "credit_limit": MONEY,
        "limit_reason": pl.String,
    },
    "rated.accounts": {
        "as_of": pl.Date,
        "customer_id": pl.String,
        "customer_name": pl.String,
        "manager": pl.String,
        "manager_email": pl.String,
    },
    "rated.holds": {
        "as_of": pl.Date,
        "customer_id": pl.String,
        "action": pl.String,
        "reason": pl.String,
        "amount": MONEY,
        "oldest_due_on": pl.Date,
        "release_when": pl.String,
    },
    "rated.held_stores": {
        "as_of": pl.Date,
        "chain_id": pl.String,
        "store_id": pl.String,
        "customer_id": pl.String,
    },
    "warned.warnings": {
        "as_of": pl.Date,
        "warning_id": pl.String,
        "kind": pl.String,
        "customer_id": pl.String,
        "severity": pl.String,
        "state": pl.String,
        "answer": pl.String,
        "first_on": pl.Date,
        "cleared_on": pl.Date,
        "evidence": pl.String,
        "owner": pl.String,
        "deadline": pl.Date,
    },
    "warned.warning_decisions": {
        "known_on": pl.Date,
        "warning_id": pl.String,
        "decision": pl.String,
        "snoozed_until": pl.Date,
        "misunderstood": pl.String,
        "note": pl.String,
        "decided_by": pl.String,
        "decided_on": pl.Date,
        "file_id": pl.String,
        "sheet": pl.String,
        "row_no": pl.Int64,
    },
}


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
