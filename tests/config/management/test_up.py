"""`manage.py up` with real processes: it starts, mends what falls, and leaves nothing behind."""

import os
import re
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.installation import Installation, free_port

pytestmark = [pytest.mark.slow, pytest.mark.chaos]


class Running:
    """One `up` under test, with what it printed and what it started."""

    def __init__(self, installation: Installation, **env: str) -> None:
        self.installation = installation
        self.port = free_port()
        self.log = installation.data_dir / "terminal"
        self.process = installation.start("up", log=self.log, PORT=str(self.port), **env)

    def text(self) -> str:
        return self.log.read_text()

    def wait_for(self, truth: Callable[[], object], seconds: float = 90) -> None:
        deadline = time.monotonic() + seconds
        while not truth():
            assert time.monotonic() < deadline, self.text()
            time.sleep(0.1)

    def wait_until_ready(self) -> None:
        self.wait_for(lambda: self.status("/readyz") == 200)

    def status(self, path: str) -> int | None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return None

    def last_beat(self) -> float:
        code = "from config import heartbeat as h; print(min(h.last_beat(c) or 0 for c in h.clusters()))"
        return float(self.installation.python(code))

    def started(self, name: str) -> list[int]:
        """The process numbers that were given to this child, oldest first."""
        return [int(number) for number in re.findall(rf"{name} started \(process (\d+)\)", self.text())]

    def session(self, name: str) -> list[int]:
        """This child's processes, oldest first: the tether, the main process, and what that one started."""
        return sorted(pid for pid, session in _sessions() if session == self.started(name)[0])

    def family(self) -> set[int]:
        """Every process of every session that this `up` made."""
        sessions = {self.process.pid, *self.started("web"), *self.started("worker"), *self.started("worker-bulk")}
        return {pid for pid, session in _sessions() if session in sessions}

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)


def _sessions() -> Iterator[tuple[int, int]]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if fields[0] != "Z":
                yield int(folder.name), int(fields[3])


@pytest.fixture
def start(installation: Installation) -> Iterator[Callable[..., Running]]:
    installations: list[Running] = []

    def starting(**env: str) -> Running:
        installations.append(Running(installation, **env))
        return installations[-1]

    yield starting
    for running in installations:
        pids = running.family()
        for pid in pids:
            with suppress(ProcessLookupError):  # it may end by itself meanwhile
                os.kill(pid, signal.SIGKILL)
        running.process.wait(10)


def test_it_serves_works_and_leaves_nothing_running(start: Callable[..., Running]) -> None:
    running = start()
    running.wait_until_ready()
    running.wait_for(lambda: "Ctrl-C stops everything." in running.text())

    code = running.stop()

    assert code == 0
    assert running.family() == set()
    assert running.text().rstrip().endswith("makegood    | stopped")
    assert f"Makegood runs at            http://127.0.0.1:{running.port}" in running.text()


def test_a_second_start_does_none_of_the_first_one_s_work_again(start: Callable[..., Running]) -> None:
    first = start()
    first.wait_until_ready()
    first.stop(signal.SIGTERM)

    second = start()
    second.wait_for(lambda: second.status("/healthz") == 200)

    assert "database: up to date" in second.text()
    assert "static files: up to date" in second.text()


def test_a_web_server_that_falls_is_started_again(start: Callable[..., Running]) -> None:
    running = start()
    running.wait_until_ready()

    os.kill(running.session("web")[1], signal.SIGKILL)

    running.wait_for(lambda: len(running.started("web")) == 2)
    running.wait_for(lambda: running.status("/healthz") == 200)
    assert "web ended (by SIGKILL); starts again in" in running.text()


def test_a_worker_that_falls_is_started_again_and_leaves_no_orphans(start: Callable[..., Running]) -> None:
    running = start()
    running.wait_until_ready()

    os.kill(running.session("worker")[1], signal.SIGKILL)

    running.wait_for(lambda: len(running.started("worker")) == 2)
    assert running.session("worker") == []


def test_a_worker_that_hangs_is_found_by_its_heartbeat(start: Callable[..., Running]) -> None:
    running = start(HEARTBEAT_LIMIT="15")
    running.wait_until_ready()

    for pid in running.session("worker"):
        os.kill(pid, signal.SIGSTOP)

    running.wait_for(lambda: len(running.started("worker")) == 2, 240)
    assert "worker has taken no work for" in running.text()
    assert running.session("worker") == []


def test_the_queue_works_again_after_an_idle_worker_was_killed(start: Callable[..., Running]) -> None:
    """The one that dies may hold the lock that all others wait for; then only the heartbeat notices."""
    running = start(HEARTBEAT_LIMIT="15")
    running.wait_until_ready()

    os.kill(running.session("worker")[3], signal.SIGKILL)  # after the tether, the cluster and its sentinel

    killed_at = time.time()
    running.wait_for(lambda: running.last_beat() > killed_at + 1)


def test_a_second_start_on_the_same_folder_says_so(start: Callable[..., Running]) -> None:
    first = start()
    first.wait_for(lambda: first.started("worker"))

    second = start()

    assert second.process.wait(30) == 1
    assert f"Makegood is already running on {first.log.parent} (process {first.process.pid})" in second.text()
    assert "Traceback" not in second.text()


def test_a_taken_port_is_told_in_words(installation: Installation, start: Callable[..., Running]) -> None:
    first = start()
    first.wait_for(lambda: first.status("/healthz") == 200)
    beside = installation.data_dir / "beside"

    process = installation.run("up", PORT=str(first.port), DATA_DIR=str(beside), DATABASE_URL="", REDIS_URL="")

    assert process.returncode == 1
    assert "Somebody else is listening on 127.0.0.1" in process.stderr
    assert "Traceback" not in process.stderr


def test_a_killed_supervisor_takes_everything_with_it_and_the_next_start_works(start: Callable[..., Running]) -> None:
    first = start()
    first.wait_until_ready()

    first.process.kill()

    first.process.wait(10)
    first.wait_for(lambda: first.family() == set(), 30)
    second = start()
    second.wait_until_ready()


def test_wrong_settings_are_told_in_words_and_nothing_starts(installation: Installation) -> None:
    process = installation.run("up", PORT="0", WORKERS="none")

    assert process.returncode == 2
    assert process.stderr.splitlines()[0] == "Makegood cannot start: 2 settings are wrong."
    assert "Traceback" not in process.stderr


def test_the_first_staff_account_is_made_as_the_greeting_says(installation: Installation) -> None:
    process = installation.run("createsuperuser", "--noinput", "--email", "you@example.org")

    assert (process.returncode, process.stdout.strip()) == (0, "Superuser created successfully.")
