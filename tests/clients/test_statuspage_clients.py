"""Statuspage's clients, as others wrote them and unchanged, read our server: `make clients` installs and runs them."""

import json
import os
import shutil
import subprocess
import threading
from datetime import timedelta
from pathlib import Path
from wsgiref.simple_server import make_server

import pytest
from django.utils import timezone
from playwright.sync_api import expect, sync_playwright

from config.environment import BASE_DIR
from incidents.models import Page
from portal.facts.reading import read_page
from tests import make
from tests.conftest import CHROMIUM
from tests.incidents.imports.files import HISTORY, read
from tests.portal.browsers.test_site_script import FLAGS, Quiet, Site

pytestmark = [pytest.mark.clients, pytest.mark.django_db]

HERE = Path(__file__).parent
INSTALLED = BASE_DIR / ".clients"
MODULES = INSTALLED / "node_modules"
CUT, WINDOW = "Power cut in the north", "Move to another data centre"


@pytest.fixture
def site():
    """GitHub's real history, and two things that have just begun."""
    read(HISTORY)
    page = Page.objects.get()
    make.make_incident(page, name=CUT, impact="major")
    soon = timezone.now() + timedelta(days=1)
    make.make_incident(
        page,
        name=WINDOW,
        kind="maintenance",
        impact="maintenance",
        status="scheduled",
        started_at=soon,
        scheduled_for=soon,
        scheduled_until=soon + timedelta(hours=2),
    )
    site = Site()
    site.show(read_page(page))
    threading.Thread(target=site.server.serve_forever, daemon=True).start()
    yield site
    site.server.shutdown()
    site.server.server_close()


def ask(*command):
    """What another program printed; it may reach nothing but this machine."""
    env = {"PATH": os.environ["PATH"], "NO_PROXY": "127.0.0.1"}
    done = subprocess.run([*map(str, command)], env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_statuscheck_from_pypi(site):
    found = ask(INSTALLED / "venv" / "bin" / "python", HERE / "statuscheck_client.py", site.url)

    assert found["status"] == ["major", "Major outage", "Partial System Outage"]
    assert len(found["components"]) == 12
    assert found["incidents"] == [[CUT, "investigating"], [WINDOW, "scheduled"]]


def test_statuspage_io_from_npm(site):
    found = ask(shutil.which("node"), HERE / "statuspage_io_client.cjs", MODULES, site.url)

    assert found["status"]["status"] == {"indicator": "major", "description": "Partial System Outage"}
    assert len(found["components"]["components"]) == len(found["summary"]["components"]) == 12
    assert len(found["incidents"]["incidents"]) == 50
    assert [one["name"] for one in found["unresolved"]["incidents"]] == [CUT]
    assert [one["name"] for one in found["upcoming"]["scheduled_maintenances"]] == [WINDOW]
    assert found["maintenances"]["scheduled_maintenances"][0]["name"] == WINDOW
    assert {answer["page"]["time_zone"] for answer in found.values()} == {"Etc/UTC"}


def test_the_status_widget_from_npm_in_a_browser_on_another_origin(site):
    script = (MODULES / "@statuspage" / "status-widget" / "dist" / "index.js").read_bytes()
    page = (
        "<!doctype html><meta charset=utf-8><title>Another site</title>"
        f'<statuspage-widget src="{site.url}"></statuspage-widget><script src="/widget.js"></script>'
    )

    def answer(environ, start_response):
        is_script = environ["PATH_INFO"] == "/widget.js"
        kind = "text/javascript" if is_script else "text/html"
        start_response("200 OK", [("Content-Type", f"{kind}; charset=utf-8")])
        return [script if is_script else page.encode()]

    host = make_server("127.0.0.1", 0, answer, handler_class=Quiet)
    threading.Thread(target=host.serve_forever, daemon=True).start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        window = browser.new_page()
        window.goto(f"http://127.0.0.1:{host.server_port}/")
        expect(window.locator("statuspage-widget")).to_contain_text("Partial System Outage")
        browser.close()
    host.shutdown()
    host.server_close()
