"""Files about the same invoices, in several forms and on several days: one document each."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from receivables.home import REPOSITORY, Home
from tests.days.sample import close, open_warehouse
from tests.support import upstream

FIXTURES = REPOSITORY / "tests" / "received" / "layouts"
EXPORT = FIXTURES / "etax_export" / "全量发票查询导出结果（2026年07月）.xlsx"
XML = FIXTURES / "einvoice" / "dzfp_26332000000100000002.xml"
OFD = FIXTURES / "ofd" / "26332000000100000003.ofd"
TABLES = upstream("staged.invoices", "staged.invoice_lines", stages=["staged"])


def received(root: Path, *files: tuple[str, Path]) -> Any:
    """The warehouse after files arrived on days of July, all closed in one run."""
    for day, file in files:
        place = root / "inbox" / f"2026-07-{day}" / file.name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, place)
    connection = open_warehouse()
    close(connection, "2026-07-20", "2026-07-22", TABLES, Home(root))
    return connection


def latest(connection: Any, number: str) -> list[tuple[Any, ...]]:
    query = (
        "select day(known_on), amount, status, buyer_name, is_red, red_of_invoice_no "
        "from staged.invoices where invoice_no = ? order by known_on"
    )
    return connection.execute(query, [number]).fetchall()


@pytest.mark.parametrize(
    ("first", "second"),
    [((EXPORT,), (XML, OFD)), ((XML, OFD), (EXPORT,)), ((EXPORT, XML, OFD), (XML, EXPORT))],
)
def test_whatever_comes_first_the_invoice_ends_the_same(
    tmp_path: Path, first: tuple[Path, ...], second: tuple[Path, ...]
) -> None:
    days = [("20", file) for file in first] + [("21", file) for file in second]
    both = received(tmp_path, *days)
    red = latest(both, "26332000000100000002")
    assert [row[2:] for row in red][-1] == (
        "normal", "云禾连锁超市有限公司", True, "26332000000100000001"
    )  # fmt: skip
    rates = latest(both, "26332000000100000003")
    assert (rates[-1][2], rates[-1][3]) == ("normal", "青岚生活超市管理有限公司")
    versions = "select count(*), count(distinct known_on) from staged.invoices group by invoice_no"
    counted = both.execute(versions).fetchall()
    assert counted
    assert all(rows == days for rows, days in counted)


def test_an_xml_after_the_export_says_nothing_new(tmp_path: Path) -> None:
    connection = received(tmp_path, ("20", EXPORT), ("21", XML), ("22", OFD))
    for number in ("26332000000100000002", "26332000000100000003"):
        assert len(latest(connection, number)) == 1, number
    counted = connection.execute(
        "select path, sum(rows_in), sum(rows_staged + rows_duplicate + rows_rejected) "
        "from received.files group by path order by path"
    ).fetchall()
    assert len(counted) == 3
    assert all(rows_in == rows_out > 0 for _, rows_in, rows_out in counted)


def test_an_ofd_without_lines_erases_no_line(tmp_path: Path) -> None:
    lines = "from staged.invoice_lines where invoice_no = '26332000000100000003' order by line_no"
    before = received(tmp_path / "before", ("20", EXPORT)).execute(lines).fetchall()
    after = received(tmp_path / "after", ("20", EXPORT), ("21", OFD)).execute(lines).fetchall()
    assert before
    assert after == before
