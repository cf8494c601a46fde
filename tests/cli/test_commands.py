"""Each command: what it prints, how it ends, what it says to do next."""

import csv
import io
import json
import tomllib
from datetime import date

import pytest
from typer.testing import CliRunner

from pipelines import cli
from pipelines.days import plan
from receivables.home import REPOSITORY
from tests.cli.conftest import sidan

run = CliRunner()


def invoke(*arguments):
    return run.invoke(cli.app, list(arguments))


@pytest.mark.parametrize("command", ["demo", "close", "backfill", "explain", "sql", "check"])
def test_every_command_explains_itself(command):
    done = invoke(command, "--help")
    assert done.exit_code == 0
    assert len(done.output.splitlines()) > 5


def test_help_names_every_command_and_the_exit_codes():
    done = invoke("--help")
    for command in ("demo", "close", "backfill", "explain", "sql", "check"):
        assert f"  {command}" in done.output
    assert "Exit codes: 0 done; 1" in " ".join(done.output.split())


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["close", "31.08.2026"], "is not a day. Write it as YYYY-MM-DD"),
        (["close", "2026-13-01"], "is not a day"),
        (["close", "2999-01-01"], "has not come yet"),
        (["close", "2020-01-01"], "the first day that can be closed"),
        (["backfill", "2026-05-02", "2026-05-01"], "lies before FROM"),
        (["backfill", "2026-05-01"], "Missing argument 'TO'"),
        (["explain", "NO-SUCH-PAPER"], "Nothing is known of 'NO-SUCH-PAPER'"),
        (["explain", " "], "Say which paper"),
        (
            ["explain", "X1", "--kind", "ordr"],
            "There is no kind 'ordr'. Kinds are: order, delivery",
        ),
        (["backfill", "2026-05-01", "soon"], "'soon' is not a day"),
        (["restate", "2020-01-01"], "has not been closed. Closed are 2026-05-01 to 2026-05-02"),
        (["rate"], "Missing option '--policy'"),
        (["rate", "--policy", "none.yaml"], "there is no such policy file"),
        (["rate", "--policy", str(REPOSITORY)], "not a text file that can be read"),
        (["rate", "--policy", str(REPOSITORY / "Makefile")], "Makefile: not valid YAML"),
        (["sql", ""], "Say what to select"),
        (["sql", "from no.such_table"], '`sidan sql "show all tables"` lists the tables'),
        (["sql", "selec 1"], "syntax error"),
        (["sql", "select nonsense"], "nonsense"),
        (["sql", "drop table aged.aging"], "read-only"),
        (["sql", "copy aged.aging to '/tmp/x.csv'"], "disabled"),
        (["fly"], "No such command"),
    ],
)
def test_what_cannot_be_done_is_said_and_exits_2(home, arguments, sentence):
    done = invoke(*arguments)
    assert done.exit_code == 2
    assert sentence in " ".join((done.output + done.stderr).split())


@pytest.mark.parametrize("command", [["sql", "select 1"], ["explain", "X"]])
def test_before_the_first_close_readers_are_told_what_to_do(empty_home, command):
    done = invoke(*command)
    assert done.exit_code == 2
    assert "sidan demo" in done.stderr


def test_a_number_of_another_kind_says_of_which(home):
    (order,) = json.loads(
        invoke("sql", "select min(order_no) as no from staged.orders", "--json").output
    )
    done = invoke("explain", order["no"], "--kind", "invoice")
    assert done.exit_code == 2
    said = " ".join(done.stderr.split())
    assert f"There is no invoice {order['no']}, but: 订单 order {order['no']}" in said
    assert "--kind order" in said


def test_a_home_that_is_a_file_is_refused(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("SIDAN_HOME", str(tmp_path / "file"))
    done = invoke("close")
    assert (done.exit_code, "Name a folder" in done.stderr) == (2, True)


@pytest.mark.parametrize("group", [[], ["sources"]])
def test_help_is_not_cut_off(group):
    done = invoke(*group, "--help")
    assert "..." not in done.output.split("Commands:")[1]


def test_the_version_is_that_of_the_project():
    done = invoke("--version")
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    assert (done.exit_code, done.output) == (0, f"sidan {project['project']['version']}\n")


def test_check_names_what_stands_in_the_inbox_and_is_no_paper_of_a_day(home):
    (home.inbox / "2026-05-03").write_text("a file called like a day", encoding="utf-8")
    (home.inbox / "2026-02-30").mkdir()
    (home.inbox / "2026-05-04" / "orders_x.csv").mkdir(parents=True)
    done = invoke("check")
    assert done.exit_code == 1
    assert "inbox/2026-05-03: A file beside the day folders is not read" in done.output
    assert "inbox/2026-02-30: The folder's name is not a day" in done.output
    assert "orders_x.csv" not in done.output


@pytest.mark.parametrize("command", [["close"], ["backfill", "2026-05-01", "2026-05-02"]])
def test_close_without_an_inbox_says_where_files_go(empty_home, command):
    done = invoke(*command)
    assert done.exit_code == 2
    assert "YYYY-MM-DD/" in "".join(done.stderr.split())


def test_close_with_nothing_new_says_so(home):
    done = invoke("close")
    assert done.exit_code == 0
    assert "2026-05-02 is closed, and every paper up to it has been read." in done.output
    told = json.loads(invoke("close", "--json").output)
    assert told["is_closed"] is True


def test_sql_prints_a_table(home):
    done = invoke("sql", "select 1234.50::decimal(18,2) as amount, true as is_so, null as nothing")
    assert done.exit_code == 0
    assert "1,234.50" in done.output
    assert "1 row(s)" in done.output
    assert "\x1b[" not in done.output, "no colours in a pipe"


def test_sql_prints_json_without_losing_a_cent(home):
    done = invoke("sql", "select 0.10::decimal(18,2) as amount, date '2026-05-01' as d", "--json")
    assert json.loads(done.output) == [{"amount": "0.10", "d": "2026-05-01"}]


def test_sql_prints_csv(home):
    done = invoke("sql", "select '=1' as a, 2 as b", "--csv")
    assert list(csv.reader(io.StringIO(done.output))) == [["a", "b"], ["=1", "2"]]


def test_check_has_nothing_to_say_about_a_good_home(home):
    done = invoke("check")
    assert done.exit_code == 0
    assert "Nothing to complain about" in done.output


def test_check_reads_what_waits(home):
    folder = home.inbox_folder(date(2026, 5, 3))
    folder.mkdir()
    (folder / "unheard_of.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    done = invoke("check", "--json")
    assert done.exit_code == 1
    (finding,) = json.loads(done.stdout)
    assert finding["where"] == "inbox/2026-05-03/unheard_of.csv"


def test_demo_leaves_an_own_inbox_alone(home):
    """The sample is copied into an empty inbox only; closed days are only summed up."""
    done = sidan(home, "demo")
    assert done.returncode == 0, done.stderr
    assert sorted(plan(home).inbox) == [date(2026, 5, 1), date(2026, 5, 2)]
    for title in ("Orders by stage", "Money outstanding", "credit tier", "Warnings", "Packs"):
        assert title in done.stdout
    packs = [line.strip() for line in done.stdout.splitlines() if line.strip().endswith(".xlsx")]
    assert packs
    assert all((home.root / pack).exists() for pack in packs)
