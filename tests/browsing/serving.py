"""An installation served as people run it (collected static files, the real web server), and a browser before it."""

import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

from tests.conftest import CHROMIUM
from tests.installation import Installation, free_port

# Below it are the domains of pages in the scene. Browsers look for them on this machine, and trust them as if by https.
DOMAINS = "stage.localhost"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Becomes the very process that the supervisor would start.
SERVE = """
import os
from config.processes.preparation import prepare_static
from config.processes.supervisor import web_command
prepare_static()
command = web_command()
os.execve(command[0], command, os.environ | {"MAKEGOOD_ROLE": "web"})
"""


@contextmanager
def served(installation: Installation, **env: str) -> Iterator[str]:
    """The address at which it answers until the end."""
    port = free_port()
    site = f"http://127.0.0.1:{port}"
    log = installation.data_dir / "web.out"
    settings = {"PORT": str(port), "BASE_URL": site, **env}
    serving = installation.start("shell", "--no-imports", "-c", SERVE, log=log, **settings)
    try:
        wait_for(f"{site}/healthz", lambda: serving.poll() is None, log.read_text)
        yield site
    finally:
        serving.send_signal(signal.SIGTERM)
        serving.wait(30)


def wait_for(address: str, is_alive: Callable[[], bool], tell: Callable[[], str]) -> None:
    """Until somebody answers there; an error as soon as that cannot come any more."""
    deadline = time.monotonic() + 120
    while not answers(address):
        assert is_alive(), f"the server ended:\n{tell()}"
        assert time.monotonic() < deadline, f"the server did not start:\n{tell()}"
        time.sleep(0.2)


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


def complaints_of(window: Page) -> list[str]:
    """What the browser's console says from now on: errors, warnings, broken policies."""
    said: list[str] = []
    window.on(
        "console", lambda one: said.append(f"{window.url}: {one.text}") if one.type in {"error", "warning"} else None
    )
    window.on("pageerror", lambda error: said.append(f"{window.url}: {error}"))
    return said
