"""Policy: the numbers a company sets for itself, read from config/policy.yaml and validated."""

import hashlib
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field, ValidationError, model_validator

from receivables.fees import Deductions
from receivables.sections import Section
from receivables.yaml_text import read_yaml


class PolicyError(ValueError):
    """The policy file cannot be used; the message names the field and the reason."""


class RuleScores(Section):
    """How sure a match is by the rule that found it, 1 being certain."""

    normalised: Decimal = Field(default=Decimal("0.99"), ge=0, le=1)
    application_register: Decimal = Field(default=Decimal("0.97"), ge=0, le=1)
    suffix: Decimal = Field(default=Decimal("0.96"), ge=0, le=1)
    one_edit: Decimal = Field(default=Decimal("0.93"), ge=0, le=1)
    only_pair: Decimal = Field(default=Decimal("0.92"), ge=0, le=1)
    sum_of_receipts: Decimal = Field(default=Decimal("0.91"), ge=0, le=1)
    contradicted: Decimal = Field(default=Decimal("0.6"), ge=0, le=1)


class Matching(Section):
    """Days after which a missing paper is an exception, and when a likely match is applied.

    A match by other than the exact number starts with the score of its rule, loses what is
    configured where stores, dates or amounts of the two papers differ, and is applied from
    `apply_from` on.
    """

    in_transit_days: int = Field(ge=0)
    undelivered_days: int = Field(ge=0)
    uninvoiced_days: int = Field(ge=0)
    handover_days: int = Field(ge=0)
    statement_days: int = Field(ge=0)
    near_days: int = Field(default=15, ge=0)
    near_amount_percent: Decimal = Field(default=Decimal("0.5"), ge=0, le=100)
    apply_from: Decimal = Field(default=Decimal("0.9"), gt=0, le=1)
    scores: RuleScores = RuleScores()
    other_store: Decimal = Field(default=Decimal("0.15"), ge=0, le=1)
    other_date: Decimal = Field(default=Decimal("0.05"), ge=0, le=1)
    other_amount: Decimal = Field(default=Decimal("0.03"), ge=0, le=1)
    unfit_amount: Decimal = Field(default=Decimal("0.08"), ge=0, le=1)
    doubtful_number: Decimal = Field(default=Decimal("0.05"), ge=0, le=1)
    clear_lead: Decimal = Field(default=Decimal("0.18"), gt=0, le=1)
    pair_wait_days: int = Field(default=3, ge=0)
    range_max: int = Field(default=200, ge=2)
    sum_window_days: int = Field(default=45, ge=0)
    sum_receipts_max: int = Field(default=60, ge=1)
    sum_invoices_max: int = Field(default=500, ge=1)
    sum_chance: Decimal = Field(default=Decimal("0.001"), ge=0, le=1)


class Cash(Section):
    """When money without references finds its place (domain.md section 5).

    A paper that the memo may name is waited for; then the payment is tried as papers come, so many
    days. A set of items, or one of many items, is taken where less than `chance` of all that was
    looked at would fit by luck. What the amount alone decided is shown to people for `review_days`,
    so that they can take it back.
    """

    wait_days: int = Field(default=5, ge=0)
    try_days: int = Field(default=15, ge=0)
    review_days: int = Field(default=7, ge=0)
    chance: Decimal = Field(default=Decimal("0.0003"), ge=0, le=1)
    most_items: int = Field(default=400, ge=1)
    effort: Decimal = Field(default=Decimal("0.2"), gt=0, le=60)


class Provision(Section):
    """Provision percent for documents up to so many years old (null: older)."""

    years: int | None
    percent: Decimal = Field(ge=0, le=100)


class Aging(Section):
    """Upper edges of the buckets in days, the provision by year, and how far measures look."""

    buckets: list[int] = Field(min_length=1)
    provision: list[Provision]
    late_paper_days: int = Field(ge=0)
    dso_days: int = Field(default=90, ge=1)
    countback_months: int = Field(default=12, ge=1, le=60)
    collection_days: int = Field(default=30, ge=1)
    concentration_top: int = Field(default=10, ge=1)

    @model_validator(mode="after")
    def _edges_rise(self) -> "Aging":
        if self.buckets != sorted(set(self.buckets)) or self.buckets[0] < 1:
            raise ValueError("aging.buckets must rise and be positive, for example [30, 60, 90]")
        return self

    @model_validator(mode="after")
    def _years_rise(self) -> "Aging":
        years = [band.years for band in self.provision[:-1]]
        rising = [year for year in years if year is not None]
        if (
            not self.provision
            or self.provision[-1].years is not None
            or rising != years
            or rising != sorted(set(rising))
        ):
            raise ValueError("aging.provision must rise by years and end with years: null")
        return self


class ClassBand(Section):
    """One band of monthly sales (in 10,000 CNY) with the margin percent for moving up."""

    name: str
    at_least: Decimal = Field(ge=0)
    quota: Decimal | None


class Classes(Section):
    """Customer classes by sales and margin (domain.md section 7)."""

    months: int = Field(ge=1)
    costed_percent: Decimal = Field(ge=0, le=100)
    chain: list[ClassBand]
    retail: list[ClassBand]

    @model_validator(mode="after")
    def _bands_fall(self) -> "Classes":
        for bands in (self.chain, self.retail):
            edges = [band.at_least for band in bands]
            if not edges or edges != sorted(set(edges), reverse=True) or edges[-1] != 0:
                raise ValueError("classes must fall from the highest band to one that starts at 0")
        return self


class Share(Section):
    """Part of a weight earned from this value on."""

    at_least: Decimal = Field(ge=0)
    share: Decimal = Field(ge=0, le=1)


class NamedShare(Section):
    """Part of a weight earned by name."""

    name: str
    share: Decimal = Field(ge=0, le=1)


class Weights(Section):
    """Weights of the score; they add up to 100."""

    scale: Decimal
    sales: Decimal
    nature: Decimal
    record: Decimal

    @model_validator(mode="after")
    def _sum_is_100(self) -> "Weights":
        if self.scale + self.sales + self.nature + self.record != 100:
            raise ValueError("credit.weights must add up to 100")
        return self


class Scale(Section):
    """Operating scale by stores, area and registered capital."""

    stores: list[Share]
    area_sqm: list[Share]
    registered_capital: list[Share]


class Record(Section):
    """Parts of the credit record and where they are used up."""

    months: int = Field(ge=1)
    on_time_weight: Decimal = Field(ge=0, le=1)
    days_late_weight: Decimal = Field(ge=0, le=1)
    days_late_worst: int = Field(ge=1)
    disputes_weight: Decimal = Field(ge=0, le=1)
    disputes_worst: Decimal = Field(gt=0, le=1)
    promises_weight: Decimal = Field(ge=0, le=1)
    promises_worst: int = Field(ge=1)
    without_history: Decimal = Field(ge=0, le=1)

    @model_validator(mode="after")
    def _parts_sum_to_1(self) -> "Record":
        parts = (
            self.on_time_weight,
            self.days_late_weight,
            self.disputes_weight,
            self.promises_weight,
        )
        if sum(parts) != 1:
            raise ValueError("the weights of credit.record must add up to 1")
        return self


class Tier(Section):
    """A credit tier: lowest score and limit factor."""

    name: str
    at_least: Decimal = Field(ge=0, le=100)
    factor: Decimal = Field(ge=0)


class Credit(Section):
    """Score, tiers, limits and actions (domain.md section 8)."""

    weights: Weights
    scale: Scale
    sales: list[NamedShare]
    nature: list[NamedShare]
    record: Record
    tiers: list[Tier]
    grace_days: int = Field(ge=0)
    term_days: int = Field(ge=0)
    hold_above: Decimal = Field(ge=0)
    watch_share: Decimal = Field(gt=0, le=1)
    habitual_days_late: int = Field(ge=0)
    stop_overdue_days: int = Field(ge=0)
    review_days: list[Annotated[int, Field(ge=1, le=31)]] = Field(min_length=1)
    review_deadline_days: int = Field(default=7, ge=0)

    @model_validator(mode="after")
    def _tiers_fall(self) -> "Credit":
        edges = [tier.at_least for tier in self.tiers]
        if not edges or edges != sorted(set(edges), reverse=True) or edges[-1] != 0:
            raise ValueError(
                "credit.tiers must fall from the highest score to one that starts at 0"
            )
        return self


class Warnings(Section):
    """When warnings fire (domain.md section 9)."""

    over_limit_share: Decimal = Field(gt=0, le=1)
    sales_behind_percent: Decimal = Field(ge=0, le=100)
    sales_behind_from_day: int = Field(ge=1, le=31)
    frequency_days: int = Field(ge=1)
    frequency_base_days: int = Field(ge=1)
    lost_intervals: int = Field(ge=1)
    lost_days: int = Field(ge=1)
    deadline_days: int = Field(ge=0)
    clear_after_days: int = Field(ge=1)
    expense_rise_percent: Decimal = Field(ge=0)
    expense_months: int = Field(ge=1)
    expense_least_months: int = Field(ge=1)
    incident_days: int = Field(ge=1)
    failing_signs: int = Field(ge=1, le=4)
    failing_slower_days: Decimal = Field(ge=0)
    failing_part_percent: Decimal = Field(ge=0, le=100)
    failing_store_days: int = Field(ge=1)
    failing_store_percent: Decimal = Field(ge=0, le=100)
    failing_statement_days: int = Field(ge=1)
    legal_term_days: int = Field(ge=1)
    legal_term_month_days: int = Field(default=30, ge=0, le=31)
    legal_term_since: date = date(2025, 6, 1)
    legal_term_least: Decimal = Field(ge=0)
    limitation_first_days: int = Field(ge=1)
    limitation_last_days: int = Field(ge=0)

    @model_validator(mode="after")
    def _limitation_grows_graver(self) -> "Warnings":
        if self.limitation_last_days > self.limitation_first_days:
            raise ValueError(
                "limitation_last_days must not be more than limitation_first_days: the graver "
                "warning comes later"
            )
        return self


class Invoicing(Section):
    """What the company's invoices may be at most, tax included."""

    max_amount: Decimal = Field(default=Decimal("100000.00"), gt=0)


class WriteOffs(Section):
    """Residuals of an item up to this amount are written off once money was applied to it (CNY)."""

    small_difference: Decimal = Field(default=Decimal("1.00"), ge=0)


class Packs(Section):
    """How packs are written."""

    company: str = ""
    language: Literal["zh", "en"]
    max_sheet_rows: int = Field(ge=1, le=1_000_000)
    backfill: Literal["newest", "month_ends", "all"]
    confirmation_days: list[int] = [31]


class Intake(Section):
    """What a file may be at most before it is refused, and how long it must hold still.

    Bytes of one file, of everything packed in it, and how many times larger than packed it may
    become; entries of an archive and archives within archives; rows, columns and cells of a sheet;
    seconds and bytes of memory for reading a form that is read apart.
    """

    max_file_bytes: int = Field(default=2_000_000_000, ge=1)
    max_unpacked_bytes: int = Field(default=1_000_000_000, ge=1)
    max_ratio: int = Field(default=200, ge=2)
    max_entries: int = Field(default=5_000, ge=1)
    max_depth: int = Field(default=2, ge=1, le=5)
    max_rows: int = Field(default=3_000_000, ge=1)
    max_columns: int = Field(default=1_000, ge=1)
    max_cells: int = Field(default=50_000_000, ge=1)
    max_seconds: int = Field(default=120, ge=1)
    max_memory_bytes: int = Field(default=3_000_000_000, ge=1_000_000_000)
    still_seconds: Decimal = Field(default=Decimal("0.5"), ge=0, le=60)


# What holds where no policy file is at hand.
LIMITS = Intake()


class Engine(Section):
    """Limits of the embedded engine."""

    memory_limit: str = Field(pattern=r"^\d+(MB|GB)$")
    lock_wait_seconds: int = Field(ge=0)


class Policy(Section):
    """The whole policy."""

    first_day: date
    matching: Matching
    cash: Cash = Cash()
    deductions: Deductions = Deductions()
    write_offs: WriteOffs = WriteOffs()
    aging: Aging
    classes: Classes
    credit: Credit
    warnings: Warnings
    invoicing: Invoicing = Invoicing()
    packs: Packs
    intake: Intake = LIMITS
    engine: Engine

    @classmethod
    def read(cls, path: Path) -> "Policy":
        """Read and validate a policy file.

        Raises:
            PolicyError: the file is missing, no YAML, or a value is refused.
        """
        try:
            raw = read_yaml(path.read_text(encoding="utf-8"))
            if not isinstance(raw, dict):
                raise PolicyError(
                    f"{path}: no settings (name: value) in it; see config/policy.yaml"
                )
            return cls.model_validate(_exact(raw))
        except FileNotFoundError:
            raise PolicyError(f"{path}: there is no such policy file") from None
        except (UnicodeDecodeError, IsADirectoryError, PermissionError):
            raise PolicyError(f"{path}: not a text file that can be read") from None
        except yaml.YAMLError as error:
            raise PolicyError(f"{path}: not valid YAML: {error}") from None
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"]) or "the file"
            raise PolicyError(f"{path}: {field}: {first['msg']}") from None

    @cached_property
    def version(self) -> str:
        """Short fingerprint of all values, printed on packs."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:8]

    def as_struct(self) -> dict[str, Any]:
        """The policy as nested plain values (decimals kept) for SQL models."""
        return self.model_dump(mode="python", exclude={"first_day", "intake", "engine", "packs"})


def _exact(value: Any) -> Any:
    """YAML numbers with a point as exact decimals of what was written."""
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, dict):
        return {key: _exact(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_exact(part) for part in value]
    return value
