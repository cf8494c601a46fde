"""The documents about layouts name every key, and their examples are layouts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from receivables.home import REPOSITORY
from receivables.sources import Sources, read_file, read_layout
from receivables.sources.columns import Check, Column, Figure
from receivables.sources.layouts import Layout, Recognition, Table

DOCUMENTS = ["layouts.md", "layouts.zh-CN.md"]
# The name is the file's.
KEYS = {
    field.alias or name
    for section in (Layout, Recognition, Table, Column, Check, Figure)
    for name, field in section.model_fields.items()
} - {"name"}


@pytest.fixture(params=DOCUMENTS)
def document(request: pytest.FixtureRequest) -> str:
    return (REPOSITORY / "docs" / request.param).read_text(encoding="utf-8")


def test_every_key_is_explained(document: str):
    named = set(re.findall(r"\b[a-z_]+\b", " ".join(re.findall(r"`([^`\n]+)`", document))))
    assert KEYS - named == set()


def test_the_example_reads_a_file(document: str, tmp_path: Path, workbook):
    example = re.search(r"```yaml\n(.*?)```", document, re.DOTALL)
    assert example
    (tmp_path / "example.yaml").write_text(example[1], encoding="utf-8")
    assert read_layout(tmp_path / "example.yaml").name == "example"
    path = workbook(
        "x.xlsx",
        {
            "S": [
                ["供应商结算单"],
                ["结算单号：", "S1", "应付金额：", 99000, "费用合计：", 1000],
                ["单据类型", "单据编码", "门店", "金额（万元）"],
                ["验收单", "YS1", "5015（上海店）", 10],
                ["合计", None, None, 10],
                ["费用代码", "费用名称", "费用金额"],
                ["1003", "陈列费", 1000],
            ]
        },
    )
    parsed = read_file(path, Sources.read(tmp_path))
    assert parsed.message is None
    assert parsed.parts[0].accepted.height == 2
    assert parsed.totals.height == 3
    assert (parsed.totals["printed"] == parsed.totals["summed"]).all()
