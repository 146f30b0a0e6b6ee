"""The export of a large page: ``python -m benchmarks.exporting [--news 10]``.

The command itself in processes of its own, as an operator runs it: once into an empty folder, once more when nothing
has changed, and watching while updates are saved. The yardstick of the first export is a bare loop that writes the
same bytes into as many files.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.scratch import child_environment, describe_database, scratch_database, settle, timed
from benchmarks.servers import cpu_of_children, cpu_seconds
from benchmarks.stage import set_stage
from config.environment import BASE_DIR
from config.processes.preparation import prepare_static
from incidents import events
from incidents.actions.publishing.updates import post_update
from incidents.actor import CLOCK
from incidents.models import Incident

FRESH_WITHIN = 2.0
LANGUAGES = ("de", "fr", "es", "ar")
# The status page in the default language and in the last.
PLACES = ("index.html", f"{LANGUAGES[-1]}/index.html")
# Longer than anything here may take.
PATIENCE = 300.0

_TOLD = re.compile(r"(\d+) files written, (\d+) removed, (\d+) in all")


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the command to its end: seconds, seconds of a core, and what it says that it wrote."""

    wall: float
    cpu: float
    files_written: int
    total: int

    def __str__(self) -> str:
        return f"{self.wall:.1f} s ({self.cpu:.1f} s of a core), {self.files_written:,} of {self.total:,} files written"


class Watching:
    """A command that keeps a folder fresh, and what it says."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self._process, self._log = process, log

    def wait_for(self, words: str, places: Sequence[Path]) -> dict[Path, float]:
        """When each of these files holds the words, in seconds from now."""
        start, waits, last = time.perf_counter(), dict[Path, float](), dict[Path, int]()
        while len(waits) < len(places):
            if self._process.poll() is not None or time.perf_counter() - start > PATIENCE:
                raise SystemExit(f"The export did not follow: {self._log.read_text()}")
            for place in places:
                if place not in waits and _has_changed(place, last) and words in place.read_text():
                    waits[place] = time.perf_counter() - start
            time.sleep(0.005)
        return waits

    def cpu(self) -> float:
        """Seconds of a core that it has used."""
        return cpu_seconds(self._process.pid)

    def files_written(self) -> list[int]:
        """Files written, look by look."""
        return [int(count) for count, _removed, _total in _TOLD.findall(self._log.read_text())]


def _has_changed(place: Path, last: dict[Path, int]) -> bool:
    """Since this was asked last; to look again and again would take time from the one that writes."""
    now = place.stat().st_mtime_ns if place.exists() else 0
    before, last[place] = last.get(place, 0), now
    return now != before


def export(folder: Path) -> Run:
    """The whole command, from its start to its end."""
    start, cpu = time.perf_counter(), cpu_of_children()
    run = subprocess.run(_command(folder), env=_env(), cwd=BASE_DIR, capture_output=True, text=True, check=True)
    wall, cpu = time.perf_counter() - start, cpu_of_children() - cpu
    report = _TOLD.search(run.stdout)
    if report is None:
        raise SystemExit(f"The export said something else: {run.stdout}")
    return Run(wall, cpu, int(report[1]), int(report[3]))


@contextmanager
def watching(folder: Path, log: Path) -> Iterator[Watching]:
    with log.open("w") as out:
        process = subprocess.Popen(
            [*_command(folder), "--watch"], env=_env(), cwd=BASE_DIR, stdout=out, stderr=out, text=True
        )
    try:
        yield Watching(process, log)
    finally:
        process.terminate()
        process.wait(60)


def _command(folder: Path) -> list[str]:
    return [sys.executable, "manage.py", "publish_static", str(folder)]


def _env() -> dict[str, str]:
    return {**os.environ, **child_environment()}


def measure_runs(folder: Path) -> None:
    """Into an empty folder, and again."""
    first = export(folder)
    print(f"First export, from the command to its end: {first}")
    print(f"  the same bytes by a bare loop into as many files: {_write_bare(folder):.1f} s")
    print(f"Again, nothing has changed: {export(folder)}")


def _write_bare(folder: Path) -> float:
    files = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with TemporaryDirectory(dir=folder.parent) as name:
        return timed(lambda: _write_all(Path(name), files))


def _write_all(folder: Path, files: dict[Path, bytes]) -> None:
    for name, body in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(body)


def measure_news(folder: Path, log: Path, count: int) -> None:
    """From the commit of an update until the files on disk say it."""
    incident = Incident.objects.exclude(status="resolved").get()
    places = [folder / place for place in PLACES]
    waits: dict[Path, list[float]] = {place: [] for place in places}
    with watching(folder, log) as command:
        _tell(incident, command, places)  # the first look takes in everything
        cpu = command.cpu()
        for _ in range(count):
            time.sleep(0.7)  # somewhere between two looks
            for place, seconds in _tell(incident, command, places).items():
                waits[place].append(seconds)
        time.sleep(1.5)  # until it has said what it wrote last
        cpu = command.cpu() - cpu
        counts = command.files_written()[-count:]
    for place, seconds in waits.items():
        print(
            f"Update saved → {place.relative_to(folder)} on disk, under --watch: median"
            f" {statistics.median(seconds):.2f} s, longest {max(seconds):.2f} s; target ≤ {FRESH_WITHIN:g} s"
        )
    print(
        f"Of each update: {cpu / count:.2f} s of a core, files written: median {statistics.median(counts):,.0f},"
        f" most {max(counts):,}"
    )


def _tell(incident: Incident, command: Watching, places: Sequence[Path]) -> dict[Path, float]:
    words = f"News {time.monotonic_ns()}"
    post_update(incident, body=words, by=CLOCK)
    return command.wait_for(words, places)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--components", type=int, default=478)
    parser.add_argument("--incidents", type=int, default=1000)
    parser.add_argument("--news", type=int, default=10, help="updates saved while it watches")
    options = parser.parse_args()
    events._nudges.clear()  # no real worker shall hear of this
    prepare_static()
    with scratch_database(), TemporaryDirectory() as name:
        set_stage(components=options.components, incidents=options.incidents, languages=LANGUAGES)
        settle()
        print(
            f"The export on {describe_database()}: {options.components} components, {options.incidents:,} incidents,"
            f" {len(LANGUAGES) + 1} languages; load average {os.getloadavg()[0]:.1f} before"
        )
        measure_runs(Path(name, "site"))
        measure_news(Path(name, "site"), Path(name, "said"), options.news)


if __name__ == "__main__":
    main()
