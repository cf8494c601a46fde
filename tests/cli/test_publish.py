"""The copy for readers: whole, apart from the warehouse, and replaced under nobody."""

import errno
import os

import duckdb
import pytest

from io_managers.connection import read_only
from io_managers.warehouse import publish
from receivables.home import Home


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path)
    home.warehouse.parent.mkdir(parents=True)
    write(home, 1)
    return home


def write(home, number):
    """Add a number to the warehouse."""
    with duckdb.connect(home.warehouse) as warehouse:
        warehouse.execute("create table if not exists numbers (number int)")
        warehouse.execute("insert into numbers values (?)", [number])


def numbers(connection):
    return connection.execute("select number from numbers order by number").fetchall()


def cannot(_source, _target, _count):
    raise OSError(errno.EXDEV, "another file system")


@pytest.mark.parametrize("is_kernel_able", [True, False])
def test_readers_keep_what_they_opened(home, monkeypatch, is_kernel_able):
    if not is_kernel_able:
        monkeypatch.setattr(os, "copy_file_range", cannot, raising=False)
    publish(home)
    assert home.published.read_bytes() == home.warehouse.read_bytes()
    with read_only(home.published) as early:
        write(home, 2)
        assert numbers(early) == [(1,)], "a run that writes is not seen"
        publish(home)
        assert numbers(early) == [(1,)]
    with read_only(home.published) as late:
        assert numbers(late) == [(1,), (2,)]


def test_a_full_disk_leaves_the_copy_before_it(home, monkeypatch):
    publish(home)
    before = home.published.read_bytes()

    def full(_source, _target, _count):
        raise OSError(errno.ENOSPC, "no space left on device")

    write(home, 2)
    monkeypatch.setattr(os, "copy_file_range", full, raising=False)
    with pytest.raises(OSError, match="no space left"):
        publish(home)
    assert home.published.read_bytes() == before
