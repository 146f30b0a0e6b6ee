"""`manage.py publish_static` as an operator runs it: served by servers that know nothing of us, and kept fresh."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urldefrag, urljoin
from urllib.request import urlopen

import pytest

from config.environment import BASE_DIR
from tests.installation import Installation, free_port

pytestmark = pytest.mark.slow

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
FILL = """
from datetime import timedelta
from django.utils import timezone
from incidents import events
from incidents.actor import CLOCK
from incidents.models import Component, Event, Incident, Page
now = timezone.now()
for number, slug in enumerate(("main", "b")):
    page = Page.objects.create(slug=slug, name=f"Page {slug}", is_default=not number)
    Component.objects.create(page=page, name="Web", public_id=f"web{number}")
    Incident.objects.create(page=page, name="Power cut", public_id=f"cut{number}", started_at=now, published_at=now)
    long_ago = now - timedelta(days=200)
    Incident.objects.create(page=page, name="Old story", public_id=f"old{number}", status="resolved",
        started_at=long_ago, published_at=long_ago, resolved_at=long_ago, updated_at=long_ago)
    events.record(Event.Kind.PAGE_CHANGED, by=CLOCK, at=now, page=page)
"""
EMBED = """
from incidents.actions.publishing.brand import set_logo
Page.objects.update(embed_origins=["https://www.example.org"], accent_light="#1d3f72")
drawing = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
set_logo(Page.objects.get(slug="main"), content=drawing, by=CLOCK)
events.record(Event.Kind.PAGE_CHANGED, by=CLOCK, at=now, page=Page.objects.get(slug="main"))
"""
HEADERS = """
import json
from portal.publishing.export import file_of
from portal.publishing.store import published
published().refresh()
documents = published().render_everything().items()
print(json.dumps({file_of(address, one): dict(one.plain.headers) for address, one in documents}))
"""
# What a web server makes of each file by itself.
ITS_OWN = {"Content-Length", "ETag", "Last-Modified", "Vary"}
POST = """
from incidents.actions.publishing.updates import post_update
from incidents.actor import CLOCK
from incidents.models import Incident
post_update(Incident.objects.get(public_id="cut0"), body="The cable is mended.", by=CLOCK)
"""
HIDE = """
from django.utils import timezone
from incidents import events
from incidents.actor import CLOCK
from incidents.models import Event, Incident, Page
Incident.objects.filter(public_id="old0").update(published_at=None)
events.record(Event.Kind.PAGE_CHANGED, by=CLOCK, at=timezone.now(), page=Page.objects.get(slug="main"))
"""


class Addresses(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in {"href", "src", "action"} and value]


@dataclass
class Crawl:
    """Every address below the root that links lead to, with its status; and the links that lead elsewhere."""

    root: str
    seen: dict[str, int] = field(default_factory=dict)
    elsewhere: set[str] = field(default_factory=set)

    def visit(self, address: str) -> None:
        waiting = [address]
        while waiting:
            address = urldefrag(waiting.pop()).url
            if address not in self.seen:
                waiting += self._links(address)

    def _links(self, address: str) -> list[str]:
        try:
            with urlopen(address, timeout=10) as answer:
                self.seen[address] = answer.status
                is_page = answer.headers.get_content_type() == "text/html"
                text = answer.read().decode() if is_page else ""
        except HTTPError as error:
            self.seen[address] = error.code
            return []
        found = [urljoin(address, one) for one in Addresses(text).found if not one.startswith(("mailto:", "tel:"))]
        self.elsewhere |= {one for one in found if not one.startswith(self.root)}
        return [one for one in found if one.startswith(self.root)]


@contextmanager
def serving(command: list[str], port: int) -> Iterator[None]:
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with running(process):
        wait_for(lambda: answers(f"http://127.0.0.1:{port}/"), process)
        yield


def configure_nginx(folder: Path, port: int) -> None:
    """As Debian does it, without its folders, and with the file of docs/operator.md; serves what is in `site`."""
    folder.chmod(0o755)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    own = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    user = "user root; " if os.geteuid() == 0 else ""
    [ours] = re.findall(r"```nginx\n(.*?)```", (BASE_DIR / "docs/operator.md").read_text(), re.DOTALL)
    ours = ours.replace("listen 80", f"listen 127.0.0.1:{port}").replace("root DIR", f"root {folder}/site")
    (folder / "nginx.conf").write_text(
        f"daemon off; {user}pid {folder}/pid; error_log {folder}/error.log; events {{}}"
        f" http {{ {own} access_log off; include /etc/nginx/mime.types;\n{ours}\n}}"
    )


def answers(address: str) -> bool:
    try:
        with urlopen(address, timeout=5):
            return True
    except HTTPError:
        return True
    except (OSError, HTTPException):
        return False


def wait_for(truth: Callable[[], object], process: subprocess.Popen[Any], seconds: float = 60) -> None:
    """Until something is true; a process that ended will not make it so."""
    deadline = time.monotonic() + seconds
    while not truth():
        assert process.poll() is None, f"it ended with {process.returncode}"
        assert time.monotonic() < deadline
        time.sleep(0.02)


@contextmanager
def running(process: subprocess.Popen[Any]) -> Iterator[None]:
    """Nothing is left of it afterwards, whatever happened."""
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def exported(installation: Installation, folder: Path) -> None:
    installation.python(FILL)
    done = installation.run("publish_static", str(folder), BASE_URL="https://status.example.org")
    assert done.returncode == 0, done.stderr


def judge(crawl: Crawl, prefix: str) -> None:
    """Everything that is linked is there, in whatever folder it is served; only the program is elsewhere."""
    base = f"{crawl.root}{prefix}"
    assert {address: status for address, status in crawl.seen.items() if status != 200} == {}
    reached = {address.removeprefix(base) for address in crawl.seen}
    assert {"incidents/cut0/index.html", "incidents/old0/index.html", "history/index.html", "history.atom"} <= reached
    assert {"maintenance/index.html", "maintenance.ics"} <= reached
    assert any(address.startswith("static/css/site.") for address in reached)
    assert any(address.startswith("static/js/site.") for address in reached)
    assert {address for address in crawl.elsewhere if not address.startswith("https://status.example.org/")} == set()


def test_python_s_own_server_serves_it_from_any_folder(installation: Installation, tmp_path: Path) -> None:
    exported(installation, tmp_path / "site" / "some" / "where")
    port = free_port()
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory"]

    with serving([*command, str(tmp_path / "site")], port):
        crawl = Crawl(f"http://127.0.0.1:{port}/")
        crawl.visit(f"http://127.0.0.1:{port}/some/where/")
        second = Crawl(f"http://127.0.0.1:{port}/")
        second.visit(f"http://127.0.0.1:{port}/some/where/p/b/")

    judge(crawl, "some/where/")
    assert f"http://127.0.0.1:{port}/some/where/p/b/incidents/cut1/index.html" in second.seen
    assert set(second.seen.values()) == {200}


@pytest.mark.skipif(NGINX is None, reason="no nginx (apt-get install nginx-light)")
def test_nginx_serves_it(installation: Installation, tmp_path: Path) -> None:
    exported(installation, tmp_path / "site")
    port = free_port()
    configure_nginx(tmp_path, port)

    with serving([str(NGINX), "-e", f"{tmp_path}/error.log", "-c", f"{tmp_path}/nginx.conf"], port):
        crawl = Crawl(f"http://127.0.0.1:{port}/")
        crawl.visit(f"http://127.0.0.1:{port}/")
        with urlopen(f"http://127.0.0.1:{port}/history", timeout=10) as answer:
            by_its_own_address = answer.status

    judge(crawl, "")
    assert by_its_own_address == 200


@pytest.mark.skipif(NGINX is None, reason="no nginx (apt-get install nginx-light)")
def test_nginx_says_of_each_file_what_the_program_says_of_its_document(
    installation: Installation, tmp_path: Path
) -> None:
    installation.python(FILL + EMBED)
    assert installation.run("publish_static", str(tmp_path / "site")).returncode == 0
    expected = json.loads(installation.python(HEADERS).splitlines()[-1])
    port = free_port()
    configure_nginx(tmp_path, port)

    with serving([str(NGINX), "-e", f"{tmp_path}/error.log", "-c", f"{tmp_path}/nginx.conf"], port):
        told = {file: headers_of(f"http://127.0.0.1:{port}/{file}") for file in expected}

    differing = {
        f"{file}: {name}": (told[file].get(name), value)
        for file, headers in expected.items()
        for name, value in headers.items()
        if name not in ITS_OWN and not says_the_same(told[file].get(name, ""), value)
    }
    assert differing == {}
    assert {
        "index.html",
        "embed/frame/index.html",
        "embed/status.js",
        "logo.svg",
        "maintenance.ics",
        "history.rss",
    } <= set(told)
    closed = [file for file, headers in expected.items() if "Access-Control-Allow-Origin" not in headers]
    assert [file for file in closed if "Access-Control-Allow-Origin" in told[file]] == []


def headers_of(address: str) -> dict[str, str]:
    with urlopen(address, timeout=10) as answer:
        return dict(answer.headers)


def says_the_same(told: str, expected: str) -> bool:
    """Directives in any order; to name an encoding besides harms no picture."""
    said, wanted = ({component.strip().lower() for component in text.split(";")} for text in (told, expected))
    return said - {"charset=utf-8"} == wanted - {"charset=utf-8"} and wanted <= said


@pytest.mark.chaos
def test_watching_keeps_it_fresh_and_ends_when_told(installation: Installation, tmp_path: Path) -> None:
    installation.python(FILL)
    folder = tmp_path / "site"
    front, old = folder / "index.html", folder / "incidents/old0/index.html"
    watching = installation.start("publish_static", str(folder), "--watch")
    with running(watching):
        wait_for(old.exists, watching)
        before = old.stat().st_mtime_ns

        installation.python(POST)
        wait_for(lambda: "The cable is mended." in front.read_text(), watching)
        same = old.stat().st_mtime_ns == before
        installation.python(HIDE)
        wait_for(lambda: not old.exists(), watching)
        watching.send_signal(signal.SIGTERM)
        code = watching.wait(60)

    assert (code, same) == (0, True)


def test_another_s_folder_is_refused_in_words(installation: Installation, tmp_path: Path) -> None:
    installation.python(FILL)
    (tmp_path / "site").mkdir()
    (tmp_path / "site/index.html").write_text("our company")

    done = installation.run("publish_static", str(tmp_path / "site"))

    refused = f"CommandError: {tmp_path}/site/index.html is not ours, so nothing was written; choose another folder."
    assert (done.returncode, done.stderr.strip()) == (1, refused)
