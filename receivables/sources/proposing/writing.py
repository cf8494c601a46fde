"""A proposal as YAML: what a person reads, with the evidence beside each line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import yaml

_WIDTH = 96


def scalar(value: Any) -> str:
    """A value on one line, quoted only where YAML needs it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    text = str(value)
    if not text.isprintable():
        return yaml.safe_dump(text, allow_unicode=True, default_style='"', width=10_000).strip()
    return text if _is_plain(text) else "'" + text.replace("'", "''") + "'"


def _is_plain(text: str) -> bool:
    if not text or re.search(r"[\[\]{},#&*!|>'\"%@`:：?\\^$\s]|^[-.~]", text):
        return False
    return isinstance(yaml.safe_load(text), str)


def flow(value: Any) -> str:
    """A value of any depth on one line."""
    if isinstance(value, Mapping):
        inside = ", ".join(f"{scalar(key)}: {flow(part)}" for key, part in value.items())
        return f"{{ {inside} }}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(part) for part in value) + "]"
    return scalar(value)


def entry(key: str, value: Any, why: str = "", indent: int = 0) -> Iterator[str]:
    """A key with its value, and above it the evidence as a comment."""
    yield from comment(why, indent)
    line = f"{' ' * indent}{scalar(key)}: {flow(value)}"
    inner = value.get("map") if isinstance(value, Mapping) else None
    if len(line) <= _WIDTH or not isinstance(inner, Mapping):
        yield line
        return
    yield f"{' ' * indent}{scalar(key)}:"
    for part, setting in value.items():
        if part != "map":
            yield f"{' ' * (indent + 2)}{part}: {flow(setting)}"
    yield f"{' ' * (indent + 2)}map:"
    for word, code in inner.items():
        yield f"{' ' * (indent + 4)}{scalar(word)}: {scalar(code)}"


def comment(text: str, indent: int = 0) -> Iterator[str]:
    """A comment, folded."""
    plain = re.sub(r"[\x00-\x1f\x7f\x85\u2028\u2029]+", " ", text).strip()
    start = f"{' ' * indent}# "
    for line in _folded(plain, _WIDTH - len(start)) if plain else ():
        yield start + line


def _folded(text: str, width: int) -> Iterable[str]:
    line = ""
    for word in text.split(" "):
        while len(word) > width:
            word, rest = word[:width], word[width:]
            if line:
                yield line
            yield word
            line, word = "", rest
        if line and len(line) + 1 + len(word) > width:
            yield line
            line = word
        else:
            line = f"{line} {word}".strip()
    if line:
        yield line
