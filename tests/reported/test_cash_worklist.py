from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from assets.reported.content.reading import Day
from tests.reported.closed_day import DAY, ClosedDay
from tests.reported.worklists import HEADING_ROW, WHO, came_back, filled, written_pack

D = Decimal


@pytest.fixture(scope="module")
def pack(tmp_path_factory) -> Path:
    """The exception pack of a day as it left."""
    return written_pack(tmp_path_factory.mktemp("home"))


def cash_rows(pack: Path) -> list[dict[str, Any]]:
    heading, *rows = openpyxl.load_workbook(pack)["回款核销"].iter_rows(
        min_row=HEADING_ROW, values_only=True
    )
    told = [dict(zip(heading, row, strict=True)) for row in rows]
    return [row for row in told if str(row["编号"]).startswith("cash:")]


def test_cash_without_a_place_is_listed_with_what_its_amount_placed_lately(pack):
    rows = cash_rows(pack)
    assert [(row["编号"], row["状态"], row["回款金额"], row["金额"]) for row in rows] == [
        (f"cash:6222/T2@{DAY}", "未核销", 1000, 499.5),
        (f"cash:6222/T1@{DAY}", "已按金额核销", 1000, 0),
    ]
    assert rows[0]["待确认"] == "“the payer”是谁？"
    assert rows[1]["依据"] == "金额等于 发票 123 的未清额，且仅此一项"
    [rule] = openpyxl.load_workbook(pack)["回款核销"].data_validations.dataValidation
    assert rule.formula1 == '"匹配,不匹配,指派,先进先出"'


@pytest.mark.parametrize(
    ("cells", "decision", "target"),
    [
        ({"决定": "匹配", "指派给/匹配到/暂缓至": "ST1;ST2"}, "match", "ST1;ST2"),
        ({"决定": "不匹配"}, "unmatch", None),
        ({"决定": "指派", "指派给/匹配到/暂缓至": "YH-HO001"}, "assign", "YH-HO001"),
        ({"决定": "oldest first"}, "oldest_first", None),
    ],
)
def test_what_people_decide_on_cash_comes_back(pack, tmp_path, cells, decision, target):
    file = filled(pack, tmp_path / "a.xlsx", [cells | WHO], "回款核销")
    assert came_back(file)[0] == [("cash", "6222/T2", decision, target, D("499.50"), "林会计")]


@pytest.mark.parametrize("subject", ["T1", "6222/T1", "T9"])
@pytest.mark.parametrize(
    ("verdict", "evidence", "expected"),
    [
        ("applied", "林会计 decided: match S1", ("taken", "it counts")),
        (
            "applied",
            "李秀英 decided: unmatch",
            ("superseded", "a later decision counts: 李秀英 decided: unmatch"),
        ),
        (
            "refused",
            "林会计 decided: match S1; S1 is not known in this chain",
            ("refused", "林会计 decided: match S1; S1 is not known in this chain; ?"),
        ),
        (None, None, ("unchanged", "it says what stands already")),
    ],
)
def test_what_became_of_decisions_on_cash_is_told(subject, verdict, evidence, expected):
    closed = ClosedDay()
    sent = {"known_on": DAY, "subject_kind": "cash", "subject_id": subject, "decision": "match"}
    sent |= {"decided_on": DAY, "decided_by": "林会计", "target_id": "S1", "file_id": "f1"}
    closed.rows["received.decisions"].append(sent | {"is_duplicate": False, "is_standing": True})
    said = {"known_on": DAY, "account_no": "6222", "transaction_no": "T1", "rule": "decision"}
    if verdict:
        question = "?" if verdict == "refused" else None
        said |= {"verdict": verdict, "evidence": evidence, "question": question}
        closed.rows["matched.cash_answers"].append(
            said | {"is_replacing": True, "is_decision": True}
        )
    rows = Day(closed.build().connection, DAY).rows("decision_results")
    unknown = ("unknown_subject", "no payment has this number; copy it from the exception list")
    [row] = [row for row in rows if row["subject_kind"] == "cash"]
    assert (row["result"], row["sentence"]) == (unknown if subject == "T9" else expected)
