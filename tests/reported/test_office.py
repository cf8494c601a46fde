"""What the tests do where LibreOffice is missing."""

import subprocess

import pytest

from tests.reported.office import why_missing

OFFICE = ["libreoffice-calc-nogui", "fonts-noto-cjk"]


class Machine:
    """Programs that are there; apt-get brings those of its packages, unless it fails."""

    def __init__(self, *programs, fails=None):
        self.programs, self.fails, self.installed = set(programs), fails, []

    def which(self, name):
        return name if name in self.programs else None

    def run(self, command, **_):
        if self.fails:
            raise self.fails
        if command[1] == "install":
            self.installed += command[4:]
            self.programs |= {"soffice", "pdftotext"}

    def ask(self, is_root=True):
        return why_missing(self.which, self.run, is_root)


@pytest.mark.parametrize(
    ("there", "installed"),
    [
        (["apt-get", "soffice", "pdftotext"], []),
        (["apt-get", "soffice"], ["poppler-utils"]),
        (["apt-get", "pdftotext"], OFFICE),
        (["apt-get"], [*OFFICE, "poppler-utils"]),
    ],
)
def test_what_is_missing_is_installed_and_nothing_else(there, installed):
    machine = Machine(*there)
    assert machine.ask() is None
    assert machine.installed == installed


@pytest.mark.parametrize(
    ("machine", "is_root"),
    [
        (Machine("apt-get", "pdftotext"), False),
        (Machine("pdftotext"), True),
        (Machine("apt-get", "pdftotext", fails=subprocess.CalledProcessError(100, "apt")), True),
        (Machine("apt-get", "pdftotext", fails=subprocess.TimeoutExpired("apt", 1)), True),
        (Machine("apt-get", "pdftotext", fails=PermissionError()), True),
    ],
)
def test_where_it_cannot_be_installed_a_sentence_says_how(machine, is_root):
    assert machine.ask(is_root).endswith(f"apt-get install {' '.join(OFFICE)}.")
    assert machine.installed == []
