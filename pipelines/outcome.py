"""What a run came to: failed audits and errors as sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import dagster as dg


@dataclass(frozen=True)
class FailedAudit:
    """An audit that found offending rows: `sample` is a Markdown table of the first ones."""

    table: str
    name: str
    sentence: str
    sample: str

    def __str__(self) -> str:
        return f"{self.table}: audit {self.name} failed: {self.sentence}"


def failed_audits(events: Iterable[dg.DagsterEvent]) -> list[FailedAudit]:
    """The audits that failed, from the events of a run."""
    found = []
    for event in events:
        if event.event_type != dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            continue
        check = event.asset_check_evaluation_data
        if check.passed:
            continue
        sample = check.metadata.get("sample")
        found.append(
            FailedAudit(
                ".".join(check.asset_key.path),
                check.check_name,
                check.description or "",
                str(sample.value) if sample else "",
            )
        )
    return found


def errors(events: Iterable[dg.DagsterEvent]) -> list[str]:
    """Why steps failed for other reasons than audits, and why a run never came to its steps."""
    found = []
    for event in events:
        if event.event_type == dg.DagsterEventType.STEP_FAILURE:
            data = event.step_failure_data
            if data.user_failure_data and data.user_failure_data.description:
                found.append(f"{_step(event)}: {data.user_failure_data.description}")
            elif data.error and not _is_of_audit(data.error):
                found.append(f"{_step(event)}: {_root(data.error)}")
        elif event.event_type == dg.DagsterEventType.RUN_FAILURE:
            data = event.job_failure_data
            if data.error and not found and not _is_of_audit(data.error):
                found.append(_root(data.error))
    return found


def reasons(events: Sequence[dg.DagsterEvent]) -> list[str]:
    """Everything that made a run fail, audits first."""
    return [*(str(audit) for audit in failed_audits(events)), *errors(events)]


def _step(event: dg.DagsterEvent) -> str:
    return (event.step_key or "").replace("__", ".")


def _is_of_audit(error) -> bool:
    """Whether an error only says that an audit failed, which is told by the audit itself."""
    return "AssetCheckFailed" in (error.cls_name or "")


def _root(error) -> str:
    """What an error says, in the few words that a list of runs has room for.

    A failure of ours says all itself; of other errors the kind is named, without its module.
    """
    while error.cause:
        error = error.cause
    message = " ".join(error.message.split())
    kind, _, said = message.partition(": ")
    if not error.cls_name or not said or not kind.endswith(error.cls_name):
        return message
    return said if error.cls_name == "Failure" else f"{error.cls_name}: {said}"
