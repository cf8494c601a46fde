"""LibreOffice, and what reads its pages, for the tests that open packs in another office."""

import os
import shutil
import subprocess
from collections.abc import Callable
from subprocess import DEVNULL

# What a test calls, and the packages that bring it.
PROGRAMS = {
    "soffice": ["libreoffice-calc-nogui", "fonts-noto-cjk"],
    "pdftotext": ["poppler-utils"],
}
INSTALL_SECONDS = 600  # apt-get has so long altogether
TEST_SECONDS = INSTALL_SECONDS + 300  # the first test that needs the programs waits for them


def why_missing(
    which: Callable[[str], str | None] = shutil.which,
    run: Callable[..., object] = subprocess.run,
    is_root: bool = os.geteuid() == 0,
) -> str | None:
    """A sentence if a program is not there and could not be installed; None if all are there."""
    packages = _missing(which)
    if packages and is_root and which("apt-get"):
        _install(packages, run)
        packages = _missing(which)
    if not packages:
        return None
    return (
        "THE PACKS WERE NOT OPENED IN LIBREOFFICE: it is not there and could not be installed; "
        f"as root, apt-get install {' '.join(packages)}."
    )


def _missing(which: Callable[[str], str | None]) -> list[str]:
    return [one for name, brings in PROGRAMS.items() if not which(name) for one in brings]


def _install(packages: list[str], run: Callable[..., object]) -> None:
    quiet = {"check": True, "stdin": DEVNULL, "stdout": DEVNULL, "stderr": DEVNULL}
    quiet["env"] = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    try:
        run(["apt-get", "update"], timeout=INSTALL_SECONDS // 4, **quiet)
        run(install, timeout=INSTALL_SECONDS * 3 // 4, **quiet)
    except (OSError, subprocess.SubprocessError):
        return  # what is still missing says so
