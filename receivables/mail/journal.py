"""What became of a mail: an append-only file of events beside the mails of its day.

A `sending` line is on disk before the content goes to the server, and `delivered` or `failed`
after the server has answered. A `sending` line without an answer is doubt: the process ended in
between, and nobody here can know whether the server took the mail. Doubt is shown, and such a
mail is not sent again by itself.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any


class Outcome(StrEnum):
    """What is known of a mail."""

    WRITTEN = "written"  # in the outbox, no server configured
    WAITING = "waiting"  # in the outbox, to be sent
    SENT = "sent"  # the server took it for every recipient
    PARTLY = "partly_sent"  # for some recipients; the others were refused or wait
    REFUSED = "refused"  # refused for good for every recipient
    DOUBT = "doubt"  # the sending was cut off; it may or may not have arrived


@dataclass
class Journal:
    """The events of one message.

    Attributes:
        path: the file, one JSON object per line.
        delivered: recipients the server took the mail for.
        refused: recipients refused for good, with the server's words.
        doubtful: recipients of a sending that was cut off.
        packs: hash by path of the packs that were sent.
        sent_at: when the server took it last.
    """

    path: Path
    delivered: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)
    doubtful: set[str] = field(default_factory=set)
    packs: dict[str, str] = field(default_factory=dict)
    sent_at: datetime | None = None
    last_problem: str = ""
    is_damaged: bool = False

    @classmethod
    def read(cls, path: Path) -> Journal:
        """The state after all events; a journal that does not exist has none."""
        journal = cls(path)
        if path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                try:
                    journal._apply(json.loads(line))
                except (ValueError, KeyError, TypeError):
                    # A line cut off by a kill: what it was about to say is not known.
                    journal.is_damaged = True
        return journal

    @property
    def is_touched(self) -> bool:
        """Whether the mail has left, or may have: such a mail and its packs are kept."""
        return bool(self.delivered or self.doubtful or self.refused or self.is_damaged)

    def pending(self, recipients: Iterable[str]) -> list[str]:
        """Recipients to send to: none delivered, refused or doubtful is among them."""
        settled = self.delivered | self.refused.keys() | self.doubtful
        return [] if self.is_damaged else [to for to in recipients if to not in settled]

    def outcome(self, recipients: Iterable[str], has_server: bool) -> Outcome:
        """What is known of the mail as a whole."""
        everyone = list(recipients)
        if self.doubtful or self.is_damaged:
            return Outcome.DOUBT
        if everyone and self.delivered.issuperset(everyone):
            return Outcome.SENT
        if self.delivered:
            return Outcome.PARTLY
        if everyone and self.refused.keys() >= set(everyone):
            return Outcome.REFUSED
        return Outcome.WAITING if has_server else Outcome.WRITTEN

    def sending(self, at: datetime, recipients: list[str], packs: Mapping[str, str]) -> None:
        """Note that the content is about to go to the server."""
        self._add("sending", at, recipients=recipients, packs=dict(packs))

    def accepted(self, at: datetime, recipients: list[str]) -> None:
        """Note that the server took the mail."""
        self._add("delivered", at, recipients=recipients)

    def failed(self, at: datetime, recipients: list[str], reason: str) -> None:
        """Note that the server said it did not take the mail; it may be sent again."""
        self._add("failed", at, recipients=recipients, reason=reason)

    def refuse(self, at: datetime, refused: Mapping[str, str]) -> None:
        """Note recipients that the server refuses for good."""
        self._add("refused", at, refused=dict(refused))

    def _add(self, event: str, at: datetime, **facts: Any) -> None:
        entry = {"event": event, "at": at.isoformat(timespec="seconds"), **facts}
        line = json.dumps(entry, ensure_ascii=False) + "\n"
        with self.path.open("a", encoding="utf-8") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        self._apply(entry)

    def _apply(self, entry: dict[str, Any]) -> None:
        event, at = entry["event"], datetime.fromisoformat(entry["at"])
        recipients = set(entry.get("recipients", ()))
        if event == "sending":
            self.doubtful |= recipients
            self.packs.update(entry.get("packs", {}))
        elif event == "delivered":
            self.doubtful -= recipients
            self.delivered |= recipients
            self.sent_at = at
        elif event == "failed":
            self.doubtful -= recipients
            self.last_problem = str(entry.get("reason", ""))
        elif event == "refused":
            self.doubtful -= entry["refused"].keys()
            self.refused |= entry["refused"]
