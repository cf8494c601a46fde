"""A statement sent again with other content: which lines were added, removed or changed."""

from typing import Any

import pytest

from tests.support import World

AUDIT = "staged/statement_changes_explain_the_difference"
# (document, amount) of each line; a document is a receipt or a fee
Lines = list[tuple[str, Any]]
Change = tuple[str, str, int, Any, Any, Any]


def line(number: int, document: str, amount: Any) -> dict[str, Any]:
    is_fee = document.startswith("fee")
    return {
        "line_no": number,
        "row_no": number,
        "line_kind": "deduction" if is_fee else "receipt",
        "fee_code": document if is_fee else None,
        "receipt_no": None if is_fee else document,
        "amount": amount,
    }


def statements(*versions: tuple[str, Lines], apart: bool = False) -> World:
    """Versions of one statement by day."""
    world = World(apart=apart)
    for on, lines in versions:
        head = {"known_on": on, "chain_id": "C", "statement_no": "S1", "file_id": f"file {on}"}
        world.given(
            "staged.statement_lines",
            [{**head, **line(number, *sent)} for number, sent in enumerate(lines, start=1)],
        )
    return world


def changes(world: World, day_from: str = "05-01", until: str = "05-09") -> list[Change]:
    world.run("staged.statement_changes", day_from=day_from, until=until)
    assert world.audit(AUDIT, day_from, until) == []
    rows = world.rows(
        "select change_kind, coalesce(receipt_no, fee_code) as document, occurrence, "
        "amount_before, amount_after, difference from staged.statement_changes "
        "order by document, occurrence"
    )
    return [tuple(row.values()) for row in rows]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([("R1", 100)], [("R1", 90)], [("changed", "R1", 1, 100, 90, -10)]),
        ([("R1", 100)], [("R1", 100), ("R2", 50)], [("added", "R2", 1, None, 50, 50)]),
        ([("R1", 100), ("R2", 50)], [("R1", 100)], [("removed", "R2", 1, 50, None, -50)]),
        # a line put in front shifts all numbers and changes nothing else
        ([("R1", 100), ("R2", 50)], [("fee", -5), ("R1", 100), ("R2", 50)],
         [("added", "fee", 1, None, -5, -5)]),
        # the same fee twice is two lines
        ([("fee", -5), ("fee", -5)], [("fee", -5)], [("removed", "fee", 1, -5, None, 5)]),
        # of two lines about one paper, the one that is still there is not touched
        ([("R1", 10), ("R1", 20)], [("R1", 20)], [("removed", "R1", 1, 10, None, -10)]),
        ([("R1", 10), ("R1", 20)], [("R1", 20), ("R1", 15)], [("changed", "R1", 1, 10, 15, 5)]),
        ([("R1", 100), ("R2", 50)], [("R2", 50), ("R1", 100)], []),
    ],
)  # fmt: skip
def test_a_restated_statement_is_compared_line_by_line(
    before: Lines, after: Lines, expected: list[Change]
) -> None:
    assert changes(statements(("05-01", before), ("05-02", after))) == expected


def test_a_statement_sent_once_has_no_changes() -> None:
    assert changes(statements(("05-01", [("R1", 100)]))) == []


def test_each_version_is_compared_with_the_one_before() -> None:
    world = statements(("05-01", [("R1", 1)]), ("05-02", [("R1", 2)]), ("05-04", [("R1", 4)]))
    world.run("staged.statement_changes", day_from="05-01", until="05-09")
    whole = "from staged.statement_changes select * order by known_on"
    rows = world.rows(whole)
    assert [row["difference"] for row in rows] == [1, 2]
    assert [row["file_id_before"] for row in rows] == ["file 05-01", "file 05-02"]
    daily = statements(("05-01", [("R1", 1)]), ("05-02", [("R1", 2)]), ("05-04", [("R1", 4)]))
    for day in ("05-01", "05-02", "05-03", "05-04"):
        daily.run("staged.statement_changes", day_from=day)
    assert daily.rows(whole) == rows


def test_the_audit_finds_a_difference_that_no_line_explains() -> None:
    world = statements(("05-01", [("R1", 1)]), ("05-02", [("R1", 2)]), apart=True)
    world.run("staged.statement_changes", day_from="05-02")
    assert world.audit(AUDIT, "05-02") == []
    for fault in (
        "update staged.statement_changes set difference = difference + 0.01",
        "delete from staged.statement_changes",
        "update staged.statement_changes set statement_no = 'S2'",
    ):
        with world.rolled_back():
            world.connection.execute(fault)
            assert world.audit(AUDIT, "05-02") != []
