"""What people may decide on a row of a worklist, and how a row says what it is about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

Needs = Literal["nothing", "a target", "a day"]

# Headings of a worklist; a sheet is one by the first two of them.
SUBJECT = ("编号", "Subject")
DECISION = ("决定", "Decision")
TARGET = ("指派给/匹配到/暂缓至", "Target")
AMOUNT_DECIDED = ("决定金额", "Amount decided")
NOTE = ("决定说明", "Note")
DECIDED_BY = ("决定人", "Decided by")
DECIDED_ON = ("决定日期", "Decided on")
AMOUNT = ("金额", "Amount")  # of the row: what the decision is on where it names no other


@dataclass(frozen=True)
class Choice:
    """One possible decision: its code, its words, and what it needs beside it."""

    code: str
    zh: str
    en: str
    needs: Needs = "nothing"

    @property
    def words(self) -> tuple[str, ...]:
        """Every way of writing it, in lower case."""
        return (self.code, self.zh, self.en)


_ACCEPT = Choice("accept", "接受", "accept")
_DISPUTE = Choice("dispute", "争议", "dispute")
_ASSIGN = Choice("assign", "指派", "assign", "a target")
_WRITE_OFF = Choice("write_off", "核销", "write off")
_REOPEN = Choice("reopen", "重开", "reopen")

# By the subject_kind of the received kind `decisions`.
CHOICES: Mapping[str, tuple[Choice, ...]] = {
    "exception": (_ACCEPT, _DISPUTE, _WRITE_OFF, _ASSIGN, _REOPEN),
    "suspected_match": (Choice("match", "匹配", "match"), Choice("unmatch", "不匹配", "unmatch")),
    "deduction": (_ACCEPT, _DISPUTE, _WRITE_OFF, _REOPEN),
    "cash": (
        Choice("match", "匹配", "match", "a target"),
        Choice("unmatch", "不匹配", "unmatch"),
        _ASSIGN,
        Choice("oldest_first", "先进先出", "oldest first"),
    ),
    "warning": (
        Choice("acknowledge", "知悉", "acknowledge"),
        Choice("snooze", "暂缓", "snooze", "a day"),
        _REOPEN,
    ),
}

_IDENTITY = re.compile(r"([a-z_]+):(.+)@(\d{4}-\d{2}-\d{2})")


@dataclass(frozen=True)
class Subject:
    """What a row is about, and the closed day whose figures it shows."""

    kind: str
    id: str
    as_of: date

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}@{self.as_of.isoformat()}"

    @classmethod
    def read(cls, text: str) -> Subject | None:
        """The subject that an identity names; None where it is none."""
        found = _IDENTITY.fullmatch(text.strip())
        if found is None or found[1] not in CHOICES:
            return None
        try:
            return cls(found[1], found[2], date.fromisoformat(found[3]))
        except ValueError:
            return None


def choice_of(subject: Subject, word: str) -> Choice | None:
    """The decision that a word means for a subject."""
    said = word.strip().lower()
    return next((choice for choice in CHOICES[subject.kind] if said in choice.words), None)
