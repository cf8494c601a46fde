"""What the tests of bad files share: files as nobody should send them, and what is said of them."""

from __future__ import annotations

import re
import zipfile
from datetime import date
from pathlib import Path

from receivables.home import Home
from receivables.policy import LIMITS, Intake
from receivables.sources import Parsed, Sources, read_file
from receivables.sources.inbox import arrivals, incoming

from .forms import FILES

HEAD = "chain_id,store_code,order_no,order_date,amount\n"
DAY = date(2026, 5, 1)


def told(path: Path, limits: Intake = LIMITS) -> str:
    """What is said of a file that gives no rows."""
    parsed = read_file(path, Sources(), limits)
    assert parsed.parts == ()
    return parsed.message or ""


def saved(tmp_path: Path, data: bytes, name: str = "orders.dat") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


def xlsx_of(tmp_path: Path, rows: str, prolog: str = "") -> Path:
    """A workbook whose one sheet holds the given rows of XML."""
    path = tmp_path / "orders.xlsx"
    with (
        zipfile.ZipFile(FILES / "orders.xlsx") as good,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bad,
    ):
        for name in good.namelist():
            data = good.read(name)
            if name == "xl/worksheets/sheet1.xml":
                head = data.split(b"<sheetData>")[0].decode()
                xml, _, rest = head.partition("?>")
                text = f"{xml}?>{prolog}{rest}<sheetData>{rows}</sheetData></worksheet>"
                data = text.encode()
            bad.writestr(name, data)
    return path


def cell(place: str, value: object) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>'


def row(number: int, *values: object) -> str:
    cells = (cell(f"{chr(65 + n)}{number}", value) for n, value in enumerate(values))
    return f'<row r="{number}">{"".join(cells)}</row>'


HEADINGS = row(1, "连锁", "门店编码", "订单号", "订单日期", "含税金额")


def zip_of(path: Path, members: dict[str, bytes], **how: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


class Inbox:
    """A home whose inbox has one day."""

    def __init__(self, root: Path, **limits: int) -> None:
        self.home = Home(root)
        self.folder = self.home.inbox_folder(DAY)
        self.folder.mkdir(parents=True)
        policy = (Path(__file__).parents[2] / "config" / "policy.yaml").read_text(encoding="utf-8")
        for name, value in {"still_seconds": 0, **limits}.items():
            policy, count = re.subn(rf"(\n  {name}:) \S+", rf"\g<1> {value}", policy)
            assert count == 1
        (root / "config").mkdir()
        (root / "config" / "policy.yaml").write_text(policy, encoding="utf-8")

    def read(self) -> dict[str, Parsed]:
        """Everything in the inbox by its path below the day."""
        files = incoming(arrivals(self.home.inbox, [DAY]), Sources(), self.home)
        return {file.arrival.path.partition("/")[2]: file.parsed() for file in files}


def orders(*numbers: str) -> bytes:
    return (HEAD + "".join(f"C,1,{number},2026-05-01,5\n" for number in numbers)).encode()


def numbers(parsed: Parsed) -> list[str]:
    return [number for part in parsed.parts for number in part.accepted["order_no"]]
