"""The public face in a storm, against nginx and a plain Django view: ``python -m benchmarks.storm [--seconds 10]``.

Each server has one core, wrk another; yardstick and Makegood take turns. nginx serves the same bytes with the same
headers as a file. Needs nginx, wrk and two cores (apt-get install nginx-light wrk); for the part where the database is
stopped PostgreSQL's programs: it starts a server of its own.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from benchmarks.postgres import BIN, Postgres, own_postgres
from benchmarks.scratch import child_environment, describe_database, scratch_database, settle
from benchmarks.servers import CORES, NGINX, WRK, Load, Server, free_port, load_both, nginx, serving
from benchmarks.stage import set_stage
from config.environment import BASE_DIR
from config.processes.preparation import prepare_static
from config.processes.supervisor import web_command
from incidents import events
from incidents.actions.publishing.updates import post_update
from incidents.actor import CLOCK
from incidents.models import Incident, Page
from portal.documents.registry import documents_of
from portal.documents.spec import render
from portal.facts.reading import read_page
from portal.publishing.store import Published

RATIO_TO_NGINX = 0.6
RATIO_TO_VIEW = 300
P99_MS = 25
P99_AT = 256
SEEN_WITHIN = 1.0
DRAWN_WITHIN = 1.0
COMPONENTS, INCIDENTS = 478, 1000
MOST_QUERIES = 12


@dataclass(frozen=True, slots=True)
class Question:
    """What wrk asks: a name for the table, a place on nginx, and the request's headers."""

    name: str
    place: str
    headers: Mapping[str, str]
    knows_it: bool = False
    # Each request is another visitor's, with headers that nobody else sends.
    by_many: bool = False

    def ask(self, server: Server, path: str, *, connections: int, seconds: int) -> Load:
        headers = dict(self.headers)
        if self.knows_it:
            answer_headers, _body = server.get(path, **{"Accept-Encoding": headers.get("Accept-Encoding", "identity")})
            headers["If-None-Match"] = {name.lower(): value for name, value in answer_headers.items()}["etag"]
        return server.load(path, connections=connections, seconds=seconds, headers=headers, by_many=self.by_many)


BROWSER = {"Accept-Encoding": "gzip, deflate, br, zstd"}
PLAIN = Question("200 plain", "plain", {})
GZIP = Question("200 gzip", "gzip", {"Accept-Encoding": "gzip"})
BROTLI = Question("200 brotli", "br", BROWSER)
KNOWN = Question("304", "known", BROWSER, knows_it=True)
MANY = Question("304 to many", "known", BROWSER, knows_it=True, by_many=True)
QUESTIONS = (PLAIN, GZIP, BROTLI, KNOWN, MANY)


@contextmanager
def web(**env: str) -> Iterator[Server]:
    port = free_port()
    with serving([*web_command(), "--port", str(port)], port, **{**_env(), **env}) as server:
        yield server


def _env() -> dict[str, str]:
    return child_environment() | {"MAKEGOOD_ROLE": "web"}


# -- against nginx ----------------------------------------------------------------------------------------------------


def compare_with_nginx(front: Server, folder: Path, options: argparse.Namespace) -> float:
    """Print a line per question and number of connections; returns our median rate for the plain page."""
    files = _as_files(front)
    sizes = ", ".join(f"{place} {len(body):,}" for place, (body, _headers) in files.items())
    print(f"The status page, 20 components and 100 incidents; bytes: {sizes}; no log on either side")
    _print_head()
    with nginx(folder, files) as rival:
        rates = [_compare(question, front, rival, at, options) for at in options.at for question in QUESTIONS]
    return rates[0]


def compare_with_nginx_that_logs(folder: Path, options: argparse.Namespace) -> None:
    """Both as they come: with a line per request."""
    with web(ACCESS_LOG="file") as front, nginx(folder, _as_files(front), log=f"{folder}/access.log") as rival:
        print("The same with a line per request on both sides, as both do unless told otherwise")
        for question in (BROTLI, KNOWN):
            _compare(question, front, rival, options.at[0], options)


def _print_head() -> None:
    print(
        f"{'answer':>12} {'at':>5} {'nginx/s':>9} {'ours/s':>9} {'ratio':>6} {'per cpu-s':>10} {'ratio':>6}"
        f" {'p99 ms':>7} {'nginx':>7}   target ≥ {RATIO_TO_NGINX}, p99 ≤ {P99_MS} ms at {P99_AT}"
    )


def _as_files(front: Server) -> dict[str, tuple[bytes, Mapping[str, str]]]:
    """What nginx is to serve: our bytes with our headers. A 304 of ours repeats only a few of them, so does nginx's."""
    files = {}
    for question in QUESTIONS:
        headers, body = front.get("/", **{"Accept-Encoding": question.headers.get("Accept-Encoding", "identity")})
        repeated_headers = {name: value for name, value in headers.items() if name.lower() in {"vary", "cache-control"}}
        files[question.place] = (body, repeated_headers if question.knows_it else headers)
    return files


def _compare(question: Question, front: Server, rival: Server, at: int, options: argparse.Namespace) -> float:
    runs: dict[str, list[Load]] = {"ours": [], "theirs": []}
    for number in range(options.rounds):
        pair = [("theirs", rival, f"/{question.place}/"), ("ours", front, "/")]
        for side, server, path in pair if number % 2 else reversed(pair):
            runs[side].append(question.ask(server, path, connections=at, seconds=options.seconds))
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


def compare_with_a_view(front_rate: float, options: argparse.Namespace) -> None:
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "--port", str(port), "--lifespan", "off", "--no-access-log"]
    command += ["--loop", "uvloop", "--log-level", "error", "benchmarks.plain_view:application"]
    with serving(command, port, **_env()) as view:
        runs = [view.load("/", connections=16, seconds=options.seconds) for _ in range(options.rounds)]
    rate = _median(runs, _rate)
    times = f"{front_rate / rate:,.0f} × as many by the front"
    print(f"The page by a Django view with queries: {rate:,.0f}/s; {times}, target ≥ {RATIO_TO_VIEW} ×")


# -- news, every document, no database --------------------------------------------------------------------------------


def measure_news(front: Server, options: argparse.Namespace, paths: Sequence[str] = ("/",)) -> None:
    """From the commit of an update until these pages show it, while 64 visitors ask as fast as they can."""
    incident = Incident.objects.exclude(status="resolved").get()
    for path in paths:
        front.get(path)
    rounds, loads = max(options.rounds, 5), list[Load]()
    load = Thread(target=lambda: loads.append(front.load("/", connections=64, seconds=rounds * 2)))
    load.start()
    waits: dict[str, list[float]] = {path: [] for path in paths}
    for number in range(rounds):
        words = f"News number {number} {time.monotonic_ns()}"
        post_update(incident, body=words, by=CLOCK)
        start = time.perf_counter()
        for path in paths:
            while words.encode() not in front.get(path)[1]:
                time.sleep(0.01)
            waits[path].append(time.perf_counter() - start)
        time.sleep(0.3)
    load.join()
    for path, seconds in waits.items():
        print(
            f"Update saved → visible under load at {path}: median {statistics.median(seconds):.2f} s,"
            f" longest {max(seconds):.2f} s; target ≤ {SEEN_WITHIN:g} s"
        )
    print(f"  meanwhile {loads[0].rate:,.0f}/s, p99 {loads[0].p99_ms:.1f} ms, {loads[0].failed} failed")


def measure_drawing() -> None:
    """A process that starts on the large page: from nothing to every address being answerable, and then every document
    of the default language drawn."""
    Published().refresh()  # loads the templates
    starts = [_start() for _ in range(3)]
    first = starts[0]
    yardstick = statistics.median(Clock(_as_a_view_does).cpu for _ in range(5))
    cpu_seconds = statistics.median(start.cpu_seconds for start in starts)
    refresh_seconds = statistics.median(start.refresh.cpu for start in starts)
    print(
        f"{COMPONENTS} components, {INCIDENTS:,} incidents, {first.languages} languages, {first.addresses:,} addresses:"
        f" all answerable after {refresh_seconds:.2f} s of a core, {first.queries} queries,"
        f" {first.rendered_count} of them drawn;"
        f" target ≤ {DRAWN_WITHIN:g} s, ≤ {MOST_QUERIES} queries"
    )
    runs = ", ".join(f"{start.cpu_seconds:.2f}" for start in starts)
    print(
        f"  all {first.documents:,} of the default language, reading too: {cpu_seconds:.2f} s of a core"
        f" ({runs}), as much as {cpu_seconds / yardstick:.1f} answers of a view"
        f" that asks the database for this page ({yardstick * 1000:.0f} ms); target ≤ {DRAWN_WITHIN:g} s"
    )


@dataclass(frozen=True, slots=True)
class Start:
    """What one process had to do."""

    refresh: "Clock"
    rendering: "Clock"
    queries: int
    rendered_count: int
    documents: int
    addresses: int
    languages: int

    @property
    def cpu_seconds(self) -> float:
        return self.refresh.cpu + self.rendering.cpu


def _start() -> Start:
    store = Published()
    with CaptureQueriesContext(connection) as queries:
        refresh = Clock(store.refresh)
    edition, rendered_count = store.edition, len(store.edition.documents)
    profile = next(iter(edition.pages.values())).profile
    rendering = Clock(lambda: store.render_everything(profile.language))
    documents = sum(1 for spec in edition.specs.values() if spec.profile.language == profile.language)
    return Start(
        refresh, rendering, len(queries), rendered_count, documents, len(edition.specs), len(profile.languages)
    )


def _as_a_view_does() -> None:
    now = timezone.now()
    facts = read_page(Page.objects.get(is_default=True))
    render(next(spec for spec in documents_of(facts, now) if spec.path == "/"), now)


class Clock:
    """Wall and processor time of one call; on a busy machine only the second tells how much work it was."""

    def __init__(self, act: Callable[[], object]) -> None:
        wall, cpu = time.perf_counter(), time.process_time()
        act()
        self.wall, self.cpu = time.perf_counter() - wall, time.process_time() - cpu

    def __str__(self) -> str:
        return f"{self.wall:.2f} s ({self.cpu:.2f} s of a core)"


def measure_without_database(options: argparse.Namespace) -> None:
    """Visitors keep coming while PostgreSQL is stopped, and after a restart of ours without it."""
    if BIN is None:
        print("Without a database: skipped for want of PostgreSQL (apt-get install postgresql).")
        return
    seconds = max(6, options.seconds)
    with own_postgres() as database, TemporaryDirectory() as folder:
        env = {**_env(), "DATABASE_URL": database.url, "DATA_DIR": folder, "ACCESS_LOG": "off"}
        _fill(env)
        with web(**env) as front:
            time.sleep(1)  # until the copy is on disk
            paths = ("/", "/api/v2/summary.json")
            requests, failed = load_both(front, paths, seconds, lambda: _stop(database, seconds / 3))
        start = time.perf_counter()
        with web(**env) as front:
            body = front.get("/")[1]
            back = time.perf_counter() - start
            load = front.load("/", connections=64, seconds=2)
    says = "says how old it is" if b"This page is as of" in body else "DOES NOT SAY HOW OLD IT IS"
    print(
        f"PostgreSQL stopped after a third of {seconds} s: {requests:,} requests, {failed} failed; target 0."
        f" Started again without it: first answer after {back:.1f} s, it {says}; {load.failed} of"
        f" {load.requests:,} failed"
    )


def _stop(database: Postgres, after: float) -> None:
    time.sleep(after)
    database.stop()


def _fill(env: Mapping[str, str]) -> None:
    fill = "from benchmarks.stage import set_stage; set_stage(components=20, incidents=100)"
    steps = (["migrate"], ["createcachetable"], ["collectstatic", "--noinput"], ["shell", "--no-imports", "-c", fill])
    for step in steps:
        command = [sys.executable, "manage.py", *step, "--verbosity=0"]
        subprocess.run(command, env={**os.environ, **env}, cwd=BASE_DIR, check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=10, help="of each run of wrk")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--at", type=_numbers, default=(64, 256), help="numbers of connections")
    options = parser.parse_args()
    lacking = [name for name, program in (("nginx", NGINX), ("wrk", WRK)) if not program]
    if len(CORES) < 2:
        lacking.append("a second core")
    events._nudges.clear()  # no real worker shall hear of this
    prepare_static()
    with scratch_database():
        print(f"The public face on {describe_database()}; load average {os.getloadavg()[0]:.1f} before")
        if lacking:
            print(f"Rates: skipped for want of {' and '.join(lacking)}.")
        else:
            measure_servers(options)
    with scratch_database():
        measure_large_page(options, has_rates=not lacking)
    if not lacking:
        measure_without_database(options)


def measure_servers(options: argparse.Namespace) -> None:
    set_stage(components=20, incidents=100)
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        with web(ACCESS_LOG="off") as front:
            rate = compare_with_nginx(front, folder, options)
            compare_with_a_view(rate, options)
            measure_news(front, options)
        compare_with_nginx_that_logs(folder, options)


def measure_large_page(options: argparse.Namespace, *, has_rates: bool) -> None:
    page = set_stage(components=COMPONENTS, incidents=INCIDENTS)
    settle()
    measure_drawing()
    Page.objects.filter(pk=page.pk).update(languages=["de", "fr", "es", "ar"])
    measure_drawing()
    if has_rates:
        with web(ACCESS_LOG="off") as front:
            measure_news(front, options, ("/", "/ar/"))


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))


if __name__ == "__main__":
    main()
