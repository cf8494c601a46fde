"""Who listens to how a run gets on: the command line's progress bar, the benchmark's clock."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Written:
    """A table's slice as it was written: rows, and the seconds its query took."""

    table: str
    rows: int
    seconds: float


@dataclass(frozen=True)
class Listener:
    """What to call when a table has been written, and with a sentence about a wait."""

    wrote: Callable[[Written], None] = lambda _: None
    said: Callable[[str], None] = lambda _: None


_listeners: list[Listener] = []


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Call the listener about every run of this process while the block lasts."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def wrote(written: Written) -> None:
    """Tell the listeners that a table has been written."""
    for listener in _listeners:
        listener.wrote(written)


def said(sentence: str) -> None:
    """Tell the listeners a sentence for people."""
    for listener in _listeners:
        listener.said(sentence)
