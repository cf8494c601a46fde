"""What a close would stumble over: configuration and inbox, looked at before running."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console

from pipelines.agreements import known_master_data, overlapping, overlapping_fees, strangers
from pipelines.days import Plan, plan, today
from receivables.home import REPOSITORY, Home
from receivables.mail import MailConfig, MailConfigError
from receivables.policy import Policy, PolicyError
from receivables.sources import Layout, LayoutError, Sources, read_layout
from receivables.sources.inbox import arrivals, files_of, incoming, is_ignored
from receivables.sources.layouts import Table

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True)
class Finding:
    """Something to mend or to know: where it is, and a sentence."""

    level: str
    where: str
    sentence: str

    @property
    def is_error(self) -> bool:
        """Whether a close would fail or leave papers unread."""
        return self.level == ERROR

    def as_json(self) -> dict[str, str]:
        """Plain values for a program."""
        return {"level": self.level, "where": self.where, "sentence": self.sentence}


def findings(home: Home, screen: Console | None = None) -> list[Finding]:
    """Everything worth saying about a home before a run; nothing is changed."""
    found = [*policy_findings(home), *layout_findings(home), *mail_findings(home)]
    if any(finding.is_error for finding in found):
        return [*found, *folder_findings(home, None)]
    state = plan(home)
    waiting = state.waiting(state.newest) if state.newest else []
    if screen and waiting:
        screen.print(f"Reading the papers of {len(waiting)} day(s) that wait to be closed …")
    return [*found, *folder_findings(home, state), *paper_findings(home, waiting)]


def policy_findings(home: Home) -> Iterator[Finding]:
    """What is wrong in policy.yaml, with the line."""
    path = home.config("policy.yaml")
    try:
        Policy.read(path)
    except PolicyError as error:
        sentence = str(error).removeprefix(f"{path}: ")
        line = line_of(path, sentence.partition(": ")[0])
        yield Finding(ERROR, f"{path}:{line}" if line else str(path), sentence)


def line_of(path: Path, field: str) -> int | None:
    """The line on which a field (`credit.weights`, `aging.buckets.0`) stands in a YAML file."""
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError):
        return None
    line = None
    for part in field.split("."):
        if isinstance(node, yaml.MappingNode):
            pairs = {key.value: (key, value) for key, value in node.value}
            if part not in pairs:
                return line
            key, node = pairs[part]
            line = key.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode) and part.isdigit() and int(part) < len(node.value):
            node = node.value[int(part)]
            line = node.start_mark.line + 1
        else:
            return line
    return line


def layout_findings(home: Home) -> Iterator[Finding]:
    """Layout files that cannot be used."""
    folders = {REPOSITORY / "config" / "sources", home.root / "config" / "sources"}
    for path in sorted(path for folder in folders for path in folder.glob("*.yaml")):
        try:
            layout = read_layout(path)
        except LayoutError as error:
            yield Finding(ERROR, str(path), str(error).removeprefix(f"{path}: "))
            continue
        for place in unanswered(layout):
            name = place.rpartition(".")[2]
            yield Finding(
                ERROR,
                f"{path}:{line_of(path, place)}",
                f"{name} is still to be told: its const is empty, and every row is rejected. "
                "Write the value, or where it stands in the file.",
            )


def unanswered(layout: Layout) -> Iterator[str]:
    """The places of a layout where a person has still to write what no file tells."""
    for name, column in layout.shared.items():
        if column.const == "" and any(_needs(table, name) for table in layout.tables):
            yield f"shared.{name}"
    for number, table in enumerate(layout.tables):
        for name, column in table.columns.items():
            if column.const == "" and _needs(table, name):
                yield f"tables.{number}.columns.{name}"


def _needs(table: Table, name: str) -> bool:
    """Whether a row of the table cannot be without a field."""
    field = table.contract.fields.get(name)
    return field is not None and not field.is_optional


def mail_findings(home: Home) -> Iterator[Finding]:
    """What would keep mails from being written or sent."""
    path = home.config("mail.yaml")
    try:
        config = MailConfig.read(path)
        if config.smtp and config.smtp.user:
            config.smtp.password()
    except MailConfigError as error:
        yield Finding(WARNING, str(path), str(error).removeprefix(f"{path}: "))


def folder_findings(home: Home, state: Plan | None) -> Iterator[Finding]:
    """Folders and files of the inbox that no close would read."""
    if not home.inbox.is_dir():
        yield Finding(
            ERROR, str(home.inbox), "There is no inbox. Make it, with a folder YYYY-MM-DD per day."
        )
        return
    days = {day.isoformat() for day in home.inbox_days()}
    for place in sorted(home.inbox.iterdir()):
        if place.name in days or is_ignored(Path(place.name)):
            continue
        sentence = (
            "The folder's name is not a day (YYYY-MM-DD); what is in it is not read."
            if place.is_dir()
            else "A file beside the day folders is not read; put it into the folder of its day."
        )
        yield Finding(ERROR, f"inbox/{place.name}", sentence)
    for day in home.inbox_days():
        yield from _day_findings(home, day, state)


def _day_findings(home: Home, day: date, state: Plan | None) -> Iterator[Finding]:
    folder = home.inbox_folder(day)
    if day > today():
        yield Finding(WARNING, f"inbox/{day}", "The day has not come yet.")
    if state and day < state.first_day:
        yield Finding(
            ERROR,
            f"inbox/{day}",
            f"The day lies before {state.first_day}, the first day that can be closed "
            "(first_day in config/policy.yaml); its papers are not read.",
        )
    read = set(files_of(folder))
    unfinished = (".part", ".tmp", ".crdownload")
    for place in sorted(folder.rglob("*")):
        if place.is_file() and place not in read and place.name.lower().endswith(unfinished):
            yield Finding(
                WARNING, _named(home, place), "The file is still arriving and is not read yet."
            )
    for place in read:
        if not os.access(place, os.R_OK):
            yield Finding(ERROR, _named(home, place), "The file may not be opened by this user.")
    if state and day in state.changed:
        names = ", ".join(state.changed[day])
        yield Finding(
            WARNING, f"inbox/{day}", f"Added after the day was closed: {names}. Next: sidan close"
        )


def paper_findings(home: Home, days: Iterable[date]) -> Iterator[Finding]:
    """Files of waiting days that are not understood, rows that would be rejected, agreements."""
    sources = Sources.of(home)
    known = known_master_data(home)
    for day in days:
        for file in incoming(arrivals(home.inbox, [day]), sources, home):
            parsed, where = file.parsed(), f"inbox/{file.arrival.path}"
            if parsed.message:
                yield Finding(ERROR, where, parsed.message)
            for part in parsed.parts:
                yield from _rejections(where, part.rejected.to_dicts())
                if part.kind in known.kinds:
                    known.learn(part.kind, part.accepted.to_dicts())
    agreements, fees = known.agreements.values(), known.fees.values()
    for ids, sentence in [*overlapping(agreements), *strangers(agreements, known.customers)]:
        yield Finding(ERROR, f"settlement_agreements {ids}", sentence)
    for ids, sentence in [*overlapping_fees(fees), *strangers(fees, known.customers)]:
        yield Finding(ERROR, f"deduction_agreements {ids}", sentence)


def _rejections(where: str, rejected: list[dict[str, Any]]) -> Iterator[Finding]:
    for row in rejected[:3]:
        cell = " ".join(
            str(part)
            for part in (row["sheet"], f"row {row['row']}", row["field"])
            if part not in (None, "")
        )
        yield Finding(ERROR, f"{where} {cell}", f"{row['reason']} ({row['value']!r})")
    if len(rejected) > 3:
        yield Finding(ERROR, where, f"{len(rejected) - 3} more rows would be rejected.")


def _named(home: Home, place: Path) -> str:
    return f"inbox/{place.relative_to(home.inbox).as_posix()}"
