"""Keeps the web server and the queue's clusters running, until it is told to stop."""

import logging
import os
import resource
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from logging.handlers import RotatingFileHandler
from pathlib import Path
from threading import Event, Lock, Thread
from types import FrameType

from django.conf import settings
from django.db import connections

from config import heartbeat
from config.processes.child import Child, Say

LOOK_EVERY = 0.25
BEAT_EVERY = 10.0
AFTER_FAILURE = 5.0
STOP_WITHIN = 20.0
# Longer between two questions, and the machine was asleep or the server away. SQLite itself may keep one for 20 s.
UNHEARD_AFTER = 40.0
# Connections that wait to be accepted; Linux caps it at net.core.somaxconn.
BACKLOG = 4096
# Files that a web process opens besides its connections.
OTHER_FILES = 256
ENOUGH_CONNECTIONS = 60_000


class Journal:
    """Lines from all children, each with the name of who said it, to the terminal and to DATA_DIR/log."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._files: dict[str, RotatingFileHandler] = {}
        self._lock = Lock()
        self._has_terminal = True

    def say(self, process: str, line: str) -> None:
        with self._lock:
            self._print(f"{process:<11} | {line}")
            self._file(process).emit(logging.makeLogRecord({"msg": f"{time.strftime('%Y-%m-%dT%H:%M:%S%z')} {line}"}))

    def _print(self, line: str) -> None:
        try:
            if self._has_terminal:
                sys.stdout.write(line + "\n")
                sys.stdout.flush()
        except (OSError, ValueError):  # the terminal went away; the files remain
            self._has_terminal = False

    def _file(self, process: str) -> RotatingFileHandler:
        if process not in self._files:
            path = self._folder / f"{process}.log"
            self._files[process] = RotatingFileHandler(path, maxBytes=5_000_000, backupCount=3, encoding="utf-8")
        return self._files[process]


@dataclass
class Pulse:
    """What is known about one cluster's heartbeat."""

    cluster: str
    child: Child
    sent_at: float = 0.0
    seen_at: float = 0.0
    asked_at: float = 0.0
    fair_since: float = 0.0

    def ask(self) -> None:
        """Look for the last beat and send the next: one under way at a time, so that a dead queue does not fill."""
        beat_at = heartbeat.last_beat(self.cluster) or 0.0
        now = time.time()
        if now - self.asked_at > UNHEARD_AFTER:
            self.fair_since = now
        if now - self.sent_at >= settings.HEARTBEAT_LIMIT or (
            now - self.sent_at >= BEAT_EVERY and beat_at >= self.sent_at
        ):
            heartbeat.send_beat(self.cluster)
            self.sent_at = now
        self.seen_at, self.asked_at = beat_at, now

    def silence(self) -> float:
        """Seconds without a beat, counted only while it could have been heard; 0 while nobody can tell."""
        now = time.time()
        if now - self.asked_at > UNHEARD_AFTER or not self.child.is_running:
            return 0.0
        return min(now - max(self.seen_at, self.fair_since), time.monotonic() - self.child.started_at)


class Listener(Thread):
    """Asks for the heartbeats, beside the main loop because a database may keep it waiting."""

    def __init__(self, pulses: Sequence[Pulse], say: Say) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self._pulses = pulses
        self._say = say

    def run(self) -> None:
        while True:
            self._ask()
            time.sleep(1)

    def _ask(self) -> None:
        try:
            for pulse in self._pulses:
                pulse.ask()
        except Exception as error:  # whatever the database or Redis raise
            self._say("makegood", f"cannot ask for the heartbeat: {type(error).__name__}: {error}")
            self._judge_failure()
            connections.close_all()
            time.sleep(AFTER_FAILURE)

    def _judge_failure(self) -> None:
        """A server that is away says nothing about the worker; SQLite is never away, so somebody hangs on its lock."""
        for pulse in self._pulses:
            if settings.ENVIRONMENT.is_postgres:
                pulse.asked_at = 0.0
            else:
                pulse.asked_at = time.time()


class Greeter(Thread):
    """Says how to begin once the web server answers, so that nobody follows an address that does not work yet."""

    def __init__(self, lines: Sequence[str], say: Say) -> None:
        super().__init__(name="greeting", daemon=True)
        self._lines = lines
        self._say = say

    def run(self) -> None:
        while not _web_answers():
            time.sleep(0.2)
        for line in self._lines:
            self._say("makegood", line)


@dataclass
class Supervisor:
    """Runs until SIGINT, SIGTERM or SIGHUP; a second signal hurries."""

    children: Sequence[Child]
    pulses: Sequence[Pulse]
    say: Say
    greeting: Sequence[str] = ()
    signals: int = 0
    _woken: Event = field(default_factory=Event)

    def run(self) -> None:
        """Start everything, look after it, and return when nothing of it is left."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._hear)
        Listener(self.pulses, self.say).start()
        Greeter(self.greeting, self.say).start()
        try:
            while not self.signals:
                self._look_after()
                self._rest(LOOK_EVERY)
            self._stop()
        finally:
            self._kill()

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self.signals += 1
        self._woken.set()

    def _rest(self, seconds: float) -> None:
        self._woken.wait(seconds)
        self._woken.clear()

    def _look_after(self) -> None:
        for child in self.children:
            child.look_after()
        for pulse in self.pulses:
            silence = pulse.silence()
            if silence > settings.HEARTBEAT_LIMIT:
                self.say("makegood", f"{pulse.child.name} has taken no work for {silence:.0f} s; restarting it")
                pulse.child.ask_to_stop(within=5)

    def _stop(self) -> None:
        self.say("makegood", "stopping (once more to hurry)")
        for child in self.children:
            child.ask_to_stop(within=STOP_WITHIN)
        while [child for child in self.children if not child.has_stopped()]:
            if self.signals > 1:
                self._kill()
            self._rest(0.05)
        self.say("makegood", "stopped")

    def _kill(self) -> None:
        for child in self.children:
            child.kill()


def web_command() -> list[str]:
    environment = settings.ENVIRONMENT
    options = {
        "host": environment.host,
        "port": environment.port,
        "workers": environment.web_processes,
        "backlog": BACKLOG,
        # everybody who looks at a page holds a connection
        "most": most_connections(),
        "log-level": environment.log_level.lower(),
    }
    flags = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    return [sys.executable, "-m", "config.server", *flags]


def most_connections() -> int:
    """How many visitors one web process can hold, by the files that it may open. Raises this process's own limit to
    what the system allows, for its children too."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    is_limited = hard != resource.RLIM_INFINITY
    most = min(hard, ENOUGH_CONNECTIONS + OTHER_FILES) if is_limited else ENOUGH_CONNECTIONS + OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return max(most - OTHER_FILES, 64)


def _web_answers() -> bool:
    environment = settings.ENVIRONMENT
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(environment.host, environment.host)  # noqa: S104 - compared
    connection = HTTPConnection(host, environment.port, timeout=5)
    with closing(connection):
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == HTTPStatus.OK
        except (OSError, HTTPException):
            return False


def make_supervisor(say: Say, extra: dict[str, str], greeting: Sequence[str]) -> Supervisor:
    """The web server and one process tree per cluster of this shape."""
    base = {**os.environ, "PYTHONUNBUFFERED": "1", **extra}
    web = Child("web", web_command(), {**base, "MAKEGOOD_ROLE": "web"}, say)
    manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
    pulses = [
        Pulse(
            cluster,
            Child(
                f"worker{cluster.removeprefix(settings.LANES['urgent'])}",
                [*manage, "qcluster"],
                {**base, "MAKEGOOD_ROLE": "worker", "Q_CLUSTER_NAME": cluster},
                say,
            ),
        )
        for cluster in heartbeat.clusters()
    ]
    return Supervisor([web, *(pulse.child for pulse in pulses)], pulses, say, greeting)
