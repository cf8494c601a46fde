"""A Dagster web page over two days of the sample inbox, and a browser to look at it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest

from receivables.home import REPOSITORY, Home

DAYS = ("2026-05-01", "2026-05-02")
START_SECONDS = 150
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


def chromium() -> str:
    """The path of Chromium; installed with apt-get where it is missing and that is possible."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None and shutil.which("apt-get") and os.geteuid() == 0:
        quiet = {"check": False, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        install = ["apt-get", "install", "-y", "--no-install-recommends", "chromium"]
        subprocess.run(["apt-get", "update"], **quiet)
        subprocess.run(install, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, **quiet)
        found = shutil.which("chromium")
    if found is None:
        message = "THE WEB PAGE WAS NOT TESTED: there is no Chromium; apt-get install chromium."
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return found


@pytest.fixture(scope="session")
def home(tmp_path_factory) -> Home:
    home = Home(tmp_path_factory.mktemp("shown"))
    for day in DAYS:
        shutil.copytree(REPOSITORY / "data" / "samples" / "inbox" / day, home.inbox / day)
    home.dagster.mkdir()
    shutil.copyfile(REPOSITORY / "dagster.yaml", home.dagster / "dagster.yaml")
    return home


@pytest.fixture(scope="session")
def address(home):
    """The address of a web page with its daemon, as `make ui` starts it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    scripts = str(Path(sys.executable).parent)
    with (home.root / "dg.log").open("w") as log:
        server = subprocess.Popen(
            ["dg", "dev", "--host", "127.0.0.1", "--port", str(port)],
            cwd=REPOSITORY,
            env={
                **os.environ,
                "SIDAN_HOME": str(home.root),
                "DAGSTER_HOME": str(home.dagster),
                "DAGSTER_DISABLE_TELEMETRY": "1",
                "PATH": scripts + os.pathsep + os.environ["PATH"],
            },
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield _answering(f"http://127.0.0.1:{port}", server, home.root / "dg.log")
    finally:
        server.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            server.wait(10)
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _answering(address: str, server: subprocess.Popen, log: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/server_info", timeout=5):
                return address
        except OSError:
            time.sleep(0.5)
    pytest.fail(f"the web page did not start:\n{log.read_text()[-3000:]}")


@pytest.fixture
def page(tmp_path):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch_persistent_context(
            tmp_path / "profile",
            executable_path=chromium(),
            args=FLAGS,
            viewport={"width": 1500, "height": 1000},
        )
        page = browser.new_page()
        page.set_default_timeout(60_000)
        yield page
        browser.close()
