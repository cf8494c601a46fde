"""`sidan sources`: how a file is understood, and a layout for one that is not."""

from __future__ import annotations

import json
import random
import re
import shutil
import sys
import zipfile
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
import yaml
from typer.testing import CliRunner

from pipelines import cli
from receivables.home import REPOSITORY
from receivables.sources import read_layout
from receivables.sources.columns import Check, Column, Figure
from receivables.sources.layouts import Layout, Recognition, Table
from tests.cli.conftest import sidan

run = CliRunner()
UNSEEN = REPOSITORY / "tests" / "received" / "unseen"
STATEMENT = UNSEEN / "永隆核算单_2605.xlsx"
NOTICE = next((REPOSITORY / "data/samples/inbox/2026-06-05").glob("*结算通知单*"))
RECEIPTS = """\
北岭超市验收登记
门店,验收单号,单据类型,验收日期,含税金额
101(北岭一店),YS0001,验收,2026-05-02,"1,000.50"
101(北岭一店),YS0002,验收,2026-05-03,499.50
102(北岭二店),TH0001,退货,2026-05-09,-20.00
合计,,,,"1,480.00"
"""


def invoke(*arguments):
    return run.invoke(cli.app, ["sources", *map(str, arguments)])


def said(done) -> str:
    """Everything printed, on one line."""
    return " ".join((done.output + done.stderr).split())


@pytest.fixture
def receipts(tmp_path) -> Path:
    """A file that no layout describes."""
    path = tmp_path / "北岭验收.csv"
    path.write_text(RECEIPTS, encoding="utf-8")
    return path


@pytest.fixture
def layouts(empty_home) -> Path:
    return empty_home.root / "config" / "sources"


@pytest.mark.parametrize("command", [[], ["try"], ["new"]])
def test_every_command_explains_itself(command):
    done = invoke(*command, "--help")
    assert done.exit_code == 0
    assert len(done.output.splitlines()) > 5


def test_a_known_file_is_shown_as_understood(empty_home):
    done = invoke("try", NOTICE, "--rows", "2")
    assert done.exit_code == 0, done.output
    text = said(done)
    assert "Excel workbook (.xlsx)" in text
    assert "layout: settlement_notice" in text
    assert "117 accepted (507,351.86), 0 rejected (0.00)" in text
    assert "total(s) of the file equal what was read." in text
    assert "differ" not in text
    assert "门店编码" in text
    assert "\x1b[" not in done.output, "no colours in a pipe"
    assert not (empty_home.root / "config").exists(), "trying stores nothing"


def test_a_program_reads_the_same_as_json(empty_home):
    done = invoke("try", NOTICE, "--rows", "3", "--json")
    assert done.exit_code == 0
    told = json.loads(done.output)
    assert told["is_understood"] is True
    (file,) = told["files"]
    assert (file["layout"], file["format"]) == ("settlement_notice", "xlsx")
    (part,) = file["parts"]
    assert (part["rows_in"], part["rows_accepted"], part["rows_rejected"]) == (117, 117, 0)
    assert part["amount_in"] == part["amount_accepted"] == "507351.86"
    assert len(part["rows"]) == 3
    assert {total["difference"] for total in file["totals"]} == {"0.00"}


def test_an_unknown_file_is_told_what_is_near(empty_home, tmp_path):
    file = tmp_path / "验收.csv"
    file.write_text("单据号,单据类型,订货单号\nA,验收单,1\n", encoding="utf-8")
    done = invoke("try", file)
    assert done.exit_code == 1
    assert "No layout in config/sources describes this file." in said(done)
    assert "near: receipt_detail" in said(done)
    assert "lacking: heading" in said(done)
    assert "Next: sidan sources new" in said(done)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (random.Random(1).randbytes(4000), "neither a workbook nor text, whatever its name says"),
        (b"PK\x03\x04" + random.Random(2).randbytes(400), "damaged or was cut off"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "locked with a password: open it, save it without one",
        ),
    ],
)
def test_a_file_that_only_calls_itself_a_workbook(empty_home, tmp_path, content, sentence):
    path = tmp_path / "orders.xlsx"
    path.write_bytes(content)
    done = invoke("try", path)
    assert done.exit_code == 1
    assert "is: not known" in said(done)
    assert sentence in said(done)
    assert "Next: ask for the file again" in said(done)
    assert (invoke("new", path).exit_code, sentence in said(invoke("new", path))) == (2, True)


def test_rejected_rows_are_listed_with_their_place_and_reason(empty_home, tmp_path):
    file = tmp_path / "orders_x.csv"
    file.write_text(
        "chain_id,store_code,order_no,order_date,amount\n"
        "C,S1,1,2026-05-01,10.00\nC,S1,2,5月初,20.00\nC,S1,3,2026-05-01,1.005\n",
        encoding="utf-8",
    )
    done = invoke("try", file)
    assert done.exit_code == 1
    assert "rows 3 in (30.00), 1 accepted (10.00), 2 rejected (20.00)" in said(done)
    lines = [line.split() for line in done.output.splitlines()]
    assert ["3", "order_date", "5月初", "order_date:"] in [line[:4] for line in lines]
    assert ["4", "amount", "1.005", "amount:"] in [line[:4] for line in lines]
    assert "Next: mend these rows where the file was made" in said(done)


def test_totals_that_differ_are_shown_with_both_figures(empty_home, receipts):
    receipts.write_text(RECEIPTS.replace("1,480.00", "1,500.00"), encoding="utf-8")
    done = invoke("new", receipts, "--chain", "BL")
    assert "1 total(s) of the file differ from what was read" in said(done)
    assert "1,500.00 1,480.00 -20.00" in said(done)


def test_each_file_of_an_archive_is_shown(empty_home, tmp_path, receipts):
    archive = tmp_path / "五月.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.write(NOTICE, NOTICE.name)
        packed.write(receipts, f"内/{receipts.name}")
    done = invoke("try", archive, "--json")
    assert done.exit_code == 1
    files = json.loads(done.output)["files"]
    names = [(file["file"].removeprefix("五月.zip/"), file["layout"]) for file in files]
    assert names == [(NOTICE.name, "settlement_notice"), (f"内/{receipts.name}", None)]


def test_one_layout_alone_reads_a_file(empty_home, receipts, tmp_path):
    layout = tmp_path / "mine.yaml"
    assert invoke("new", receipts, "--chain", "BL", "--out", layout).exit_code == 0
    assert invoke("try", receipts).exit_code == 1, "it lies where no layouts are looked for"
    done = invoke("try", receipts, "--layout", layout)
    assert done.exit_code == 0
    assert "layout: mine" in said(done)
    other = invoke("try", NOTICE, "--layout", layout)
    assert other.exit_code == 1


def test_a_proposal_is_written_and_used(empty_home, layouts, receipts):
    done = invoke("new", receipts, "--chain", "BL")
    assert done.exit_code == 0, done.output
    text = said(done)
    assert "rows 3 in (1,480.00), 3 accepted (1,480.00), 0 rejected (0.00)" in text
    assert "1 total(s) of the file equal what was read." in text
    (written,) = layouts.glob("*.yaml")
    assert f"Written: {written}" in text
    again = invoke("try", receipts)
    assert again.exit_code == 0
    assert f"layout: {written.stem}" in said(again)


def test_a_proposal_as_json(empty_home, layouts):
    told = json.loads(invoke("new", STATEMENT, "--chain", "YL", "--json", "--rows", "0").output)
    assert told["kinds"] == ["statements"]
    assert told["questions"] == []
    (part,) = told["trial"]["parts"]
    assert Decimal(part["amount_accepted"]) == Decimal("3586.36")
    assert Path(told["layout"]).parent == layouts


def test_what_only_a_person_knows_is_asked_for_and_check_refuses_until_then(empty_home, receipts):
    done = invoke("new", receipts)
    assert done.exit_code == 1
    assert "To be answered chain_id (连锁编号)" in said(done)
    assert "3 accepted" in said(done), "shown as if it were told"

    tried = invoke("try", receipts)
    assert tried.exit_code == 1
    assert "0 accepted (0.00), 3 rejected (1,480.00)" in said(tried)

    checked = run.invoke(cli.app, ["check", "--json"])
    findings = json.loads(checked.stdout)
    told = next(one for one in findings if "chain_id" in one["sentence"])
    path, _, line = told["where"].rpartition(":")
    assert "its const is empty, and every row is rejected" in told["sentence"]
    assert "chain_id:" in Path(path).read_text(encoding="utf-8").splitlines()[int(line) - 1]


def test_an_existing_layout_is_not_overwritten(empty_home, layouts, receipts, tmp_path):
    assert invoke("new", receipts, "--chain", "BL").exit_code == 0
    (written,) = layouts.glob("*.yaml")
    mended = written.read_text(encoding="utf-8") + "# mended by hand\n"
    written.write_text(mended, encoding="utf-8")

    known = invoke("new", receipts, "--chain", "BL")
    assert known.exit_code == 2
    assert f"The layout {written.stem} describes this file already" in said(known)
    other = tmp_path / receipts.name.replace("验收", "验收_9")
    shutil.copy(STATEMENT, other)
    refused = invoke("new", other, "--chain", "BL", "--out", written)
    assert refused.exit_code == 2
    assert "exists already. Give --force to replace it" in said(refused)
    assert written.read_text(encoding="utf-8") == mended

    assert invoke("new", receipts, "--chain", "B2", "--force").exit_code == 0
    assert "B2" in written.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["try"], "Missing argument 'FILE'"),
        (["try", "no such file.xlsx"], "There is no file no such file.xlsx. Write its path"),
        (["try", "."], "is a folder. Name one file in it."),
        (["try", "{file}", "--layout", "nowhere.yaml"], "There is no layout nowhere.yaml."),
        (["try", "{file}", "--layout", "{wrong}"], "line 1: the file is empty or no mapping"),
        (["try", "{file}", "--rows", "-1"], "Invalid value for '--rows'"),
        (["try", "{file}", "--fast"], "No such option"),
        (["new"], "Missing argument 'FILE'"),
        (["new", "no such file.xlsx"], "There is no file no such file.xlsx"),
        (
            ["new", "{file}", "--kind", "fairy_tales"],
            "'fairy_tales' is no kind of paper.",
        ),
        (["new", "{file}", "--out", "{folder}/x.txt"], "does not end in .yaml"),
        (["new", "{notice}"], "The layout settlement_notice describes this file already"),
        (["new", "{archive}"], "This is an archive: unpack it"),
        (["new", "{parquet}"], "A Parquet file has no layout"),
        (["new", "{canonical}"], "it needs no layout"),
        (["new", "{empty}"], "The file is empty"),
        (["new", "{notes}"], "No row looks like headings"),
        (["fly"], "No such command"),
    ],
)
def test_what_cannot_be_done_is_said_and_exits_2(
    empty_home, layouts, receipts, tmp_path, arguments, sentence
):
    places = {"file": receipts, "notice": NOTICE, "folder": tmp_path}
    places["wrong"] = tmp_path / "wrong.yaml"
    places["wrong"].write_text("", encoding="utf-8")
    places["archive"] = tmp_path / "a.zip"
    with zipfile.ZipFile(places["archive"], "w") as packed:
        packed.writestr("x.csv", RECEIPTS)
    places["parquet"] = tmp_path / "x.parquet"
    pl.DataFrame({"a": [1]}).write_parquet(places["parquet"])
    places["canonical"] = tmp_path / "products_1.csv"
    places["canonical"].write_text("sku,product_name,tax_rate\n1,Milk,0.13\n", encoding="utf-8")
    places["empty"] = tmp_path / "empty.csv"
    places["empty"].touch()
    places["notes"] = tmp_path / "notes.csv"
    places["notes"].write_text("备忘\n下周开会\n", encoding="utf-8")

    done = invoke(*(str(part).format(**places) for part in arguments))

    assert done.exit_code == 2, done.output
    assert sentence in said(done)
    assert not list(layouts.glob("*")), "nothing is written"


def test_as_a_user_runs_it(empty_home, receipts):
    done = sidan(empty_home, "sources", "new", str(receipts), "--chain", "BL")
    assert done.returncode == 0, done.stderr
    assert "验收单 goods_receipts" in done.stdout
    assert done.stderr == ""
    assert sys.executable not in done.stdout


@pytest.mark.parametrize("name", ["add-a-chain.md", "add-a-chain.zh-CN.md"])
def test_the_how_to_names_every_key_and_its_layouts_are_valid(name, tmp_path):
    text = (REPOSITORY / "docs" / name).read_text(encoding="utf-8")
    for section in (Layout, Recognition, Table, Column, Check, Figure):
        for key, field in section.model_fields.items():
            assert f"`{field.alias or key}`" in text or f"{field.alias or key}:" in text, key
    layouts = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    whole = [block for block in layouts if block.startswith("label:")]
    parts = [block for block in layouts if block.startswith("totals:")]
    assert (len(whole), len(parts)) == (1, 1)
    path = tmp_path / "layout.yaml"
    path.write_text(whole[0] + parts[0], encoding="utf-8")
    assert read_layout(path).tables


@pytest.mark.parametrize("name", ["add-a-chain.md", "add-a-chain.zh-CN.md"])
def test_the_how_to_quotes_what_a_column_may_say(name, tmp_path):
    """Each example of a column in the tables of keys is one."""
    text = (REPOSITORY / "docs" / name).read_text(encoding="utf-8")
    examples = re.findall(r"\| `(\{ .*? \})` \|$", text, re.MULTILINE)
    assert len(examples) > 15
    for example in examples:
        Column.model_validate(yaml.safe_load(example))
