"""What the parts of the policy have in common."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A part of the policy: unknown keys are refused, so a typing error is not a silent default."""

    model_config = ConfigDict(extra="forbid", frozen=True)
