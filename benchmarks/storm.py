"""The public face in a storm, against nginx and a plain Django view: ``python -m benchmarks.storm [--seconds 10]``.

Each server has one core, wrk another; yardstick and Makegood take turns. nginx serves the same bytes with the same
headers as a file. Needs nginx, wrk and two cores (apt-get install nginx-light wrk); PostgreSQL for the part where the
database is stopped.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import psycopg
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from psycopg import sql

from benchmarks.scratch import describe_database, scratch_database, settle
from benchmarks.servers import CORES, NGINX, WRK, Load, Server, free_port, nginx, serving
from benchmarks.stage import set_stage
from config.preparation import prepare_static
from config.supervisor import web_command
from incidents import events
from incidents.actions.updates import post_update
from incidents.actor import CLOCK
from incidents.models import Incident
from portal.published import Published

RATIO_TO_NGINX = 0.6
RATIO_TO_VIEW = 300
P99_MS = 25
P99_AT = 256
SEEN_WITHIN = 1.0
DRAWN_WITHIN = 1.0
MOST_QUERIES = 12


@dataclass(frozen=True, slots=True)
class Question:
    """What wrk asks: a name for the table, a place on nginx, and the request's headers."""

    name: str
    place: str
    headers: Mapping[str, str]
    knows_it: bool = False

    def ask(self, server: Server, path: str, *, connections: int, seconds: int) -> Load:
        headers = dict(self.headers)
        if self.knows_it:
            told, _body = server.get(path, **{"Accept-Encoding": headers.get("Accept-Encoding", "identity")})
            headers["If-None-Match"] = {name.lower(): value for name, value in told.items()}["etag"]
        return server.load(path, connections=connections, seconds=seconds, headers=headers)


BROWSER = {"Accept-Encoding": "gzip, deflate, br, zstd"}
PLAIN = Question("200 plain", "plain", {})
GZIP = Question("200 gzip", "gzip", {"Accept-Encoding": "gzip"})
BROTLI = Question("200 brotli", "br", BROWSER)
KNOWN = Question("304", "known", BROWSER, knows_it=True)
QUESTIONS = (PLAIN, GZIP, BROTLI, KNOWN)


@contextmanager
def web(**env: str) -> Iterator[Server]:
    port = free_port()
    with serving([*web_command(), "--port", str(port)], port, **_env(), **env) as server:
        yield server


def _env() -> dict[str, str]:
    """The scratch database and folder, for processes of their own."""
    name = str(connection.settings_dict["NAME"])
    url = _server_url(name) if connection.vendor == "postgresql" else f"sqlite:///{name}"
    return {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": url,
        "DATA_DIR": str(settings.DATA_DIR),
        "SECRET_KEY": settings.SECRET_KEY,
        "LOG_LEVEL": "ERROR",
        "MAKEGOOD_ROLE": "web",
    }


def _server_url(name: str) -> str:
    return settings.ENVIRONMENT.database_url.rpartition("/")[0] + f"/{name}"


# -- against nginx ----------------------------------------------------------------------------------------------------


def compare_with_nginx(ours: Server, folder: Path, options: argparse.Namespace) -> float:
    """Print a line per question and number of connections; returns our median rate for the plain page."""
    files = _as_files(ours)
    sizes = ", ".join(f"{place} {len(body):,}" for place, (body, _headers) in files.items())
    print(f"The status page, 20 components and 100 incidents; bytes: {sizes}; no log on either side")
    _print_head()
    with nginx(folder, files) as theirs:
        rates = [_compare(question, ours, theirs, at, options) for at in options.at for question in QUESTIONS]
    return rates[0]


def compare_with_nginx_that_logs(folder: Path, options: argparse.Namespace) -> None:
    """Both as they come: with a line per request."""
    with web(ACCESS_LOG="file") as ours, nginx(folder, _as_files(ours), log=f"{folder}/access.log") as theirs:
        print("The same with a line per request on both sides, as both do unless told otherwise")
        for question in (BROTLI, KNOWN):
            _compare(question, ours, theirs, options.at[0], options)


def _print_head() -> None:
    print(
        f"{'answer':>12} {'at':>5} {'nginx/s':>9} {'ours/s':>9} {'ratio':>6} {'per cpu-s':>10} {'ratio':>6}"
        f" {'p99 ms':>7} {'nginx':>7}   target ≥ {RATIO_TO_NGINX}, p99 ≤ {P99_MS} ms at {P99_AT}"
    )


def _as_files(ours: Server) -> dict[str, tuple[bytes, Mapping[str, str]]]:
    """What nginx is to serve: our bytes with our headers. A 304 of ours repeats only a few of them, so does nginx's."""
    found = {}
    for question in QUESTIONS:
        headers, body = ours.get("/", **{"Accept-Encoding": question.headers.get("Accept-Encoding", "identity")})
        kept = {name: value for name, value in headers.items() if name.lower() in {"vary", "cache-control"}}
        found[question.place] = (body, kept if question.knows_it else headers)
    return found


def _compare(question: Question, ours: Server, theirs: Server, at: int, options: argparse.Namespace) -> float:
    runs: dict[str, list[Load]] = {"ours": [], "theirs": []}
    for number in range(options.rounds):
        pair = [("theirs", theirs, f"/{question.place}/"), ("ours", ours, "/")]
        for who, server, path in pair if number % 2 else reversed(pair):
            runs[who].append(question.ask(server, path, connections=at, seconds=options.seconds))
    rate, theirs_rate = _median(runs["ours"], _rate), _median(runs["theirs"], _rate)
    cpu, theirs_cpu = _median(runs["ours"], _per_cpu), _median(runs["theirs"], _per_cpu)
    p99, theirs_p99 = _median(runs["ours"], _p99), _median(runs["theirs"], _p99)
    print(
        f"{question.name:>12} {at:>5} {theirs_rate:>9,.0f} {rate:>9,.0f} {rate / theirs_rate:>6.2f} {cpu:>10,.0f}"
        f" {cpu / theirs_cpu:>6.2f} {p99:>7.1f} {theirs_p99:>7.1f}{_failures(runs['ours'])}{_noise(runs['theirs'])}",
        flush=True,
    )
    return rate


def _rate(load: Load) -> float:
    return load.rate


def _per_cpu(load: Load) -> float:
    return load.per_cpu_second


def _p99(load: Load) -> float:
    return load.p99_ms


def _median(loads: list[Load], of: Callable[[Load], float]) -> float:
    return statistics.median(of(load) for load in loads)


def _failures(loads: list[Load]) -> str:
    failed = sum(load.failed for load in loads)
    return f"   {failed} FAILED" if failed else ""


def _noise(loads: list[Load]) -> str:
    """The yardstick should do the same each time; where it does not, the machine was busy with something else."""
    spread = max(map(_rate, loads)) / min(map(_rate, loads))
    return f"   noisy: nginx varied {spread:.1f} ×" if spread > 1.3 else ""


# -- against a Django view --------------------------------------------------------------------------------------------


def compare_with_a_view(ours: float, options: argparse.Namespace) -> None:
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--http", "1", "--no-ws", "--port", str(port)]
    command += ["--blocking-threads", "4", "--log-level", "error", "benchmarks.plain_view:application"]
    with serving(command, port, **_env()) as view:
        runs = [view.load("/", connections=16, seconds=options.seconds) for _ in range(options.rounds)]
    rate = _median(runs, _rate)
    times = f"{ours / rate:,.0f} × as many by the door"
    print(f"The page by a Django view with queries: {rate:,.0f}/s; {times}, target ≥ {RATIO_TO_VIEW} ×")


# -- news, pictures of everything, no database ------------------------------------------------------------------------


def measure_news(ours: Server, options: argparse.Namespace) -> None:
    """From the commit of an update until the page shows it, while 64 visitors ask as fast as they can."""
    incident = Incident.objects.exclude(status="resolved").get()
    load = Thread(target=ours.load, args=("/",), kwargs={"connections": 64, "seconds": options.rounds * 2})
    load.start()
    waits = []
    for number in range(options.rounds):
        words = f"News number {number} {time.monotonic_ns()}"
        post_update(incident, body=words, by=CLOCK)
        began = time.perf_counter()
        while words.encode() not in ours.get("/")[1]:
            time.sleep(0.01)
        waits.append(time.perf_counter() - began)
        time.sleep(0.3)
    load.join()
    print(
        f"Update saved → visible under load: median {statistics.median(waits):.2f} s, longest {max(waits):.2f} s;"
        f" target ≤ {SEEN_WITHIN:g} s"
    )


def measure_drawing(components: int, incidents: int) -> None:
    """A process that starts: from nothing to every address being answerable, and then every document drawn."""
    set_stage(components=components, incidents=incidents)
    settle()
    Published().refresh()  # loads the templates
    store = Published()
    with CaptureQueriesContext(connection) as queries:
        looked = _Clock(store.refresh)
    drawn = len(store.edition.documents)
    everything = _Clock(store.draw_everything)
    print(
        f"{components} components, {incidents:,} incidents, {len(store.edition.sheets):,} addresses: all answerable"
        f" after {looked}, {len(queries)} queries, {drawn} of them drawn; target ≤ {DRAWN_WITHIN:g} s,"
        f" ≤ {MOST_QUERIES} queries"
    )
    print(
        f"  the {len(store.edition.sheets) - drawn:,} seldom read, drawn when asked for: {everything} for all of them"
    )


class _Clock:
    """Wall and processor time of one call; on a busy machine only the second tells how much work it was."""

    def __init__(self, act: Callable[[], object]) -> None:
        wall, cpu = time.perf_counter(), time.process_time()
        act()
        self.wall, self.cpu = time.perf_counter() - wall, time.process_time() - cpu

    def __str__(self) -> str:
        return f"{self.wall:.2f} s ({self.cpu:.2f} s of a core)"


def measure_without_database(ours: Server, options: argparse.Namespace) -> None:
    """Visitors keep coming while the database goes away."""
    if connection.vendor != "postgresql":
        print("Without a database: skipped, SQLite is never away (set DATABASE_URL).")
        return
    name = str(connection.settings_dict["NAME"])
    seconds = max(6, options.seconds)
    loads: list[Load] = []
    visitors = Thread(target=lambda: loads.append(ours.load("/", connections=64, seconds=seconds)))
    connection.close()
    with psycopg.connect(_server_url("postgres"), autocommit=True) as server:
        allow = sql.SQL("ALTER DATABASE {} WITH ALLOW_CONNECTIONS {}")
        visitors.start()
        time.sleep(seconds / 3)
        try:
            server.execute(allow.format(sql.Identifier(name), sql.Literal(False)))
            server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
            visitors.join()
        finally:
            server.execute(allow.format(sql.Identifier(name), sql.Literal(True)))
    [load] = loads
    print(f"PostgreSQL gone after a third of {seconds} s: {load.requests:,} requests, {load.failed} failed; target 0")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=10, help="of each run of wrk")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--at", type=_numbers, default=(64, 256), help="numbers of connections")
    options = parser.parse_args()
    lacking = [name for name, found in (("nginx", NGINX), ("wrk", WRK)) if not found]
    if len(CORES) < 2:
        lacking.append("a second core")
    events._nudges.clear()  # no real worker shall hear of this
    with scratch_database():
        print(f"The public face on {describe_database()}; load average {os.getloadavg()[0]:.1f} before")
        if lacking:
            print(f"Rates: skipped for want of {' and '.join(lacking)}.")
        else:
            measure_servers(options)
    with scratch_database():
        measure_drawing(478, 1000)


def measure_servers(options: argparse.Namespace) -> None:
    prepare_static()
    set_stage(components=20, incidents=100)
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        measure_server(Path(folder), options)
        compare_with_nginx_that_logs(Path(folder), options)


def measure_server(folder: Path, options: argparse.Namespace) -> None:
    with web(ACCESS_LOG="off") as ours:
        rate = compare_with_nginx(ours, folder, options)
        compare_with_a_view(rate, options)
        measure_news(ours, options)
        measure_without_database(ours, options)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))


if __name__ == "__main__":
    main()
