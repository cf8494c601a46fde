"""`sidan restate` and `sidan rate`: a day beside the day as it was closed; nothing changes."""

import hashlib
import json
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from typer.testing import CliRunner

from pipelines import cli
from pipelines.restating import Restatement
from pipelines.workbooks import restated_pack, save
from receivables.home import REPOSITORY
from receivables.policy import Policy

POLICY = REPOSITORY / "config" / "policy.yaml"

D = Decimal

run = CliRunner()


def invoke(*arguments):
    return run.invoke(cli.app, [str(argument) for argument in arguments])


def other_policy(tmp_path, *replacements):
    """The shipped policy with some values replaced."""
    text = POLICY.read_text(encoding="utf-8")
    for was, now in replacements:
        assert was in text
        text = text.replace(was, now)
    path = tmp_path / "other.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("command", ["restate", "rate"])
def test_the_commands_explain_themselves(command):
    done = invoke(command, "--help")
    assert done.exit_code == 0
    assert len(done.output.splitlines()) > 5


def test_a_day_is_restated_with_what_came_the_day_after(home):
    before = hashlib.sha256(home.published.read_bytes()).hexdigest()
    told = json.loads(invoke("restate", "2026-05-01", "--known", "2026-05-02", "--json").output)
    assert Decimal(told["restated"]) == Decimal(told["as_closed"]) + Decimal(told["difference"])
    for part in ("causes", "papers", "debtors"):
        assert sum(Decimal(row["difference"]) for row in told[part]) == Decimal(told["difference"])
    # the newest closed day is what is known
    shown = invoke("restate", "2026-05-01", "--xlsx", home.root / "bridge.xlsx")
    assert shown.exit_code == 0
    cover = openpyxl.load_workbook(home.root / "bridge.xlsx").worksheets[0]
    assert {"全部相符", float(told["restated"])} <= cells(cover)
    assert "2026-05-01 as closed, and with what is known on 2026-05-02" in shown.output
    assert f"{Decimal(told['restated']):,}" in shown.output
    assert hashlib.sha256(home.published.read_bytes()).hexdigest() == before


def test_a_restated_day_is_a_workbook_that_ties(tmp_path):
    def paper(debtor, cause, number, difference):
        return {
            "debtor_id": debtor, "store_id": "S1", "cause": cause, "paper_kind": "goods_receipt",
            "paper_no": number, "effective_on": date(2026, 5, 1), "known_on": date(2026, 5, 2),
            "difference": difference, "evidence": "",
        }  # fmt: skip

    sides = {"as_closed": D("100.00"), "restated": D("130.50"), "difference": D("30.50")}
    told = Restatement(
        date(2026, 5, 1), date(2026, 5, 2), D("100.00"), D("130.50"),
        debtors=[{"debtor_id": "YH-HO", **sides}],
        causes=[
            {"cause": "late_paper", "difference": D("40.50"), "papers": 1},
            {"cause": "returns", "difference": D("-10.00"), "papers": 1},
        ],
        papers=[
            paper("YH-HO", "late_paper", "R1", D("40.50")), paper("YH-HO", "returns", "R2", D(-10))
        ],
        buckets=[{"basis": "document", "bucket": "1-30", **sides}],
    )  # fmt: skip
    packs = Policy.read(POLICY).packs
    save(restated_pack(told, "v1", "四海食品"), tmp_path / "bridge.xlsx", packs)
    book = openpyxl.load_workbook(tmp_path / "bridge.xlsx")
    assert {"全部相符", "迟到单据", "退货", 40.5, -10, 130.5} <= cells(book.worksheets[0])
    assert {"R1", "R2", "迟到单据", "验收单", 40.5, -10} <= cells(book["按单据"])
    assert {"按单据日期", "1-30", 130.5} <= cells(book["账龄"])
    assert book["按客户"]["A5"].hyperlink is not None


def cells(sheet):
    return {cell.value for row in sheet for cell in row}


def test_a_workbook_that_is_open_elsewhere_is_told(home, tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pipelines.workbooks.write_pack", refuse)
    done = invoke("restate", "2026-05-01", "--xlsx", tmp_path / "open.xlsx")
    assert done.exit_code == 2
    assert "cannot be written (Permission denied). Close it" in " ".join(done.output.split())


def test_the_policy_of_the_close_moves_nobody(home):
    done = invoke("rate", "--policy", POLICY, "--compare")
    assert done.exit_code == 0
    assert "No customer would move." in done.output


def test_another_policy_shows_who_would_move(home, tmp_path):
    before = hashlib.sha256(home.published.read_bytes()).hexdigest()
    changed = other_policy(
        tmp_path, ("at_least: 85, factor: 1.5", "at_least: 1, factor: 2"),
        ("at_least: 70, factor", "at_least: 0.9, factor"),
        ("at_least: 55, factor", "at_least: 0.8, factor"), ("near_days: 15", "near_days: 14"),
    )  # fmt: skip
    found = json.loads(
        invoke("rate", "2026-05-02", "--policy", changed, "--compare", "--json").output
    )
    movers = home.root / "movers.xlsx"
    every = json.loads(
        run.invoke(
            cli.app, ["rate", "--policy", str(changed), "--json", "--xlsx", str(movers)]
        ).stdout
    )
    rated = cells(openpyxl.load_workbook(movers)["客户"])
    assert rated >= {row["customer_id"] for row in every["customers"]}
    assert 0 < len(found["customers"]) <= len(every["customers"])
    assert {row["tier_after"] for row in every["customers"]} == {"A"}
    assert all(
        row["tier_before"] != "A" or row["limit_before"] != row["limit_after"]
        for row in found["customers"]
    )
    totals = {row["figure"]: row for row in found["totals"]}
    assert Decimal(totals["customers in tier A"]["after"]) == len(every["customers"])
    assert Decimal(totals["credit limits"]["after"]) >= Decimal(totals["credit limits"]["before"])
    assert found["other_parts"] == ["matching"]
    assert hashlib.sha256(home.published.read_bytes()).hexdigest() == before


@pytest.mark.parametrize(
    ("replacement", "sentence"),
    [
        (("scale: 20, sales: 25", "scale: 21, sales: 25"), "credit.weights must add up to 100"),
        (("  review_days: [1, 16]", "  review_days: [0, 16]"), "credit.review_days.0"),
        (("classes:", "clases:"), "classes: Field required"),
    ],
)
def test_a_policy_that_cannot_be_used_is_told_with_file_and_field(
    home, tmp_path, replacement, sentence
):
    changed = other_policy(tmp_path, replacement)
    done = invoke("rate", "--policy", changed)
    assert done.exit_code == 2
    said = " ".join(done.output.split())
    assert sentence in said
    assert "other.yaml" in said


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["rate", "2026-05-09", "--policy", POLICY], "2026-05-09 has not been closed."),
        (["rate", "--policy", "nowhere.yaml"], "there is no such policy file"),
        (["rate"], "--policy"),
        (["restate", "2026-05-09"], "2026-05-09 has not been closed."),
        (["restate", "2026-05-02", "--known", "2026-05-01"], "lies before 2026-05-02"),
        (["restate", "2026-05-01", "--known", "2026-05-09"], "the newest closed day is 2026-05-02"),
        (["restate", "yesterday"], "is not a day"),
        (["restate", "2026-05-01", "--xlsx", "bridge.csv"], "Name a file that ends in .xlsx."),
        (["restate", "2026-05-01", "--xlsx", "nowhere/a.xlsx"], "There is no folder nowhere for"),
        (["rate", "--policy", POLICY, "--xlsx", "."], "is no name of a workbook"),
    ],
)
def test_what_cannot_be_done_is_told(home, arguments, sentence):
    done = invoke(*arguments)
    assert done.exit_code == 2
    assert sentence in " ".join(done.output.split())


def test_every_rated_table_that_the_policy_decides_about_is_rated_anew():
    from assets.sql_model import read_models
    from pipelines.rating import JUDGED

    judged = {
        model.table
        for model in read_models()
        if model.stage == "rated" and "getvariable('policy')" in model.statement.query
    }
    # reviews are what the review pack shows; no other rated table reads them
    assert judged - {"rated.reviews"} <= set(JUDGED)
