"""PostgreSQL goes away in the middle of a load, then the web server starts without it: no visitor may notice but by the
notice. Real processes."""

import os
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from config.environment import BASE_DIR
from config.processes.supervisor import web_command
from config.settings import ENVIRONMENT
from tests.installation import Installation, free_port

pytestmark = [
    pytest.mark.slow,
    pytest.mark.chaos,
    pytest.mark.skipif(not ENVIRONMENT.is_postgres, reason="SQLite is never away"),
]

NOTICE = b"This page is as of"
FILL = """
from django.utils import timezone
from incidents import events
from incidents.actor import CLOCK
from incidents.models import Event, Incident, Page
now = timezone.now()
page = Page.objects.create(slug="main", name="Northwind", is_default=True)
Incident.objects.create(page=page, name="Power cut", public_id="cut", started_at=now, published_at=now)
events.record(Event.Kind.PAGE_CHANGED, by=CLOCK, at=now, page=page)
"""
PATHS = ("/", "/incidents/cut", "/history", "/api/v2/summary.json", "/history.atom")


class Web:
    """One web process under test."""

    def __init__(self, installation: Installation) -> None:
        self.port = free_port()
        self._out = (installation.data_dir / f"web-{self.port}.out").open("wb")
        self._process = subprocess.Popen(
            [*web_command(), "--port", str(self.port)],
            env=installation.env | {"MAKEGOOD_ROLE": "web"},
            cwd=BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=self._out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def get(self, path: str) -> tuple[int, bytes]:
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()

    def wait_for(self, path: str, *, showing: bytes = b"", without: bytes = b"\0", seconds: float = 60) -> float:
        """Seconds until this address is answered so."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            try:
                status, body = self.get(path)
            except (OSError, HTTPException):
                status, body = 0, b""
            if status == 200 and showing in body and without not in body:
                return time.monotonic() - began
            time.sleep(0.1)
        raise AssertionError(f"{path} did not come to show {showing!r}: {Path(self._out.name).read_text()}")

    def stop(self) -> None:
        os.killpg(self._process.pid, signal.SIGTERM)
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._out.close()


class Visitors:
    """Many at once, each on a connection of their own, until they are sent home."""

    def __init__(self, port: int, paths: tuple[str, ...], count: int) -> None:
        self.seen: Counter[int | str] = Counter()
        self._port = port
        self._paths = paths
        self._going = threading.Event()
        self._threads = [threading.Thread(target=self._visit, args=(number,)) for number in range(count)]
        for thread in self._threads:
            thread.start()

    def _visit(self, number: int) -> None:
        with closing(HTTPConnection("127.0.0.1", self._port, timeout=30)) as connection:
            while not self._going.is_set():
                number += 1
                try:
                    connection.request("GET", self._paths[number % len(self._paths)])
                    answer = connection.getresponse()
                    answer.read()
                    self.seen[answer.status] += 1
                except (OSError, HTTPException) as error:
                    self.seen[type(error).__name__] += 1
                    connection.close()
                time.sleep(0.01)

    def send_home(self) -> Counter[int | str]:
        self._going.set()
        for thread in self._threads:
            thread.join()
        return self.seen


@contextmanager
def started(installation: Installation) -> Iterator[Web]:
    web = Web(installation)
    try:
        yield web
    finally:
        web.stop()


@contextmanager
def database_away(installation: Installation) -> Iterator[None]:
    """Nobody can connect, and whoever was connected is not any longer: what a server that stopped looks like."""
    url = urlsplit(installation.env["DATABASE_URL"])
    name = url.path[1:]
    with psycopg.connect(url._replace(path="/postgres").geturl(), autocommit=True) as server:
        allow = sql.SQL("ALTER DATABASE {} WITH ALLOW_CONNECTIONS {}")
        server.execute(allow.format(sql.Identifier(name), sql.Literal(False)))
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        try:
            yield
        finally:
            server.execute(allow.format(sql.Identifier(name), sql.Literal(True)))


def test_no_visitor_is_turned_away_when_the_database_stops_and_a_restart_serves_the_copy(
    installation: Installation,
) -> None:
    installation.python(FILL)
    assert installation.run("collectstatic", "--noinput", "--verbosity=0").returncode == 0

    with ExitStack() as cleanup:
        with started(installation) as web:
            web.wait_for("/", showing=b"Power cut", without=NOTICE)
            time.sleep(6)  # until the copy is on disk
            visitors = Visitors(web.port, PATHS, count=12)
            cleanup.enter_context(database_away(installation))
            customers = Visitors(web.port, ("/my/", "/account/request/"), count=8)
            web.wait_for("/", showing=NOTICE)
            asked_alone = web.get("/healthz")[0]
            turned_away, seen = customers.send_home(), visitors.send_home()
        with started(installation) as web:
            first = web.wait_for("/incidents/cut", showing=NOTICE)
            others = [web.get(path)[0] for path in PATHS]
            cleanup.close()
            back = web.wait_for("/", showing=b"Power cut", without=NOTICE)

    print(f"seen {seen}, customers {turned_away}, first answer {first:.1f} s, back {back:.1f} s")
    assert set(seen) == {200}
    assert seen[200] > 500
    assert turned_away[503] > turned_away[500]
    assert asked_alone == 200
    assert others == [200] * len(PATHS)
    assert first < 20
