"""One process that the supervisor keeps running: started in a session of its own, watched, restarted, ended."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

TETHER = Path(__file__).with_name("tether.py")
FIRST_DELAY = 1.0
LONGEST_DELAY = 60.0
STEADY_AFTER = 60.0

Say = Callable[[str, str], None]


@dataclass
class Child:
    """A command, and the process that runs it now if there is one. Used from the supervisor's main thread only."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(repr=False)
    say: Say = field(repr=False)
    started_at: float = 0.0
    _process: subprocess.Popen[str] | None = None
    _delay: float = FIRST_DELAY
    _start_at: float = 0.0
    _kill_at: float | None = None

    @property
    def is_running(self) -> bool:
        """Whether it runs and nobody has asked it to stop."""
        return self._process is not None and self._kill_at is None

    def look_after(self) -> None:
        """Reap it if it ended, start it if it is due, kill it if it was asked to stop too long ago."""
        now = time.monotonic()
        if self._process and self._has_ended():
            self._bury(now)
        if self._process is None and now >= self._start_at:
            self._start(now)
        self._enforce(now)

    def ask_to_stop(self, *, within: float) -> None:
        """SIGTERM to the main process only: it knows in which order its own are to end."""
        if self._process and self._kill_at is None:
            self._kill_at = time.monotonic() + within
            self._process.send_signal(signal.SIGTERM)

    def has_stopped(self) -> bool:
        """Whether nothing of it is left; call until true after `ask_to_stop`."""
        self._enforce(time.monotonic())
        if self._process and self._has_ended():
            self._reap()
        return self._process is None

    def kill(self) -> None:
        """End the whole session at once, workers and all."""
        if self._process:
            with suppress(ProcessLookupError):  # all of it has ended already
                os.killpg(self._process.pid, signal.SIGKILL)

    def _start(self, now: float) -> None:
        command = [sys.executable, "-I", "-S", str(TETHER), str(os.getpid()), *self.command]
        self._process = subprocess.Popen(  # noqa: S603 - our own command
            command,
            env=dict(self.env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self.started_at = now
        self._kill_at = None
        Thread(target=self._pass_on, args=(self._process,), name=f"log of {self.name}", daemon=True).start()
        self.say("makegood", f"{self.name} started (process {self._process.pid})")

    def _pass_on(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None  # noqa: S101 - opened above
        with process.stdout as lines:
            for line in lines:
                self.say(self.name, line.rstrip("\n"))

    def _has_ended(self) -> bool:
        """Look without reaping: until it is reaped its number, and with it the session's, belongs to nobody else."""
        assert self._process is not None  # noqa: S101 - asked by callers
        return os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def _bury(self, now: float) -> None:
        lived = now - self.started_at
        self._delay = FIRST_DELAY if lived > STEADY_AFTER else min(self._delay * 2, LONGEST_DELAY)
        self._start_at = now + self._delay
        code = self._reap()
        self.say("makegood", f"{self.name} ended ({_meaning(code)}); starts again in {self._delay:.0f} s")

    def _reap(self) -> int:
        assert self._process is not None  # noqa: S101 - asked by callers
        self.kill()  # what it left behind
        code = self._process.wait()
        self._process = None
        self._kill_at = None
        return code

    def _enforce(self, now: float) -> None:
        if self._kill_at is not None and now >= self._kill_at:
            self.say("makegood", f"{self.name} did not stop in time; ending it")
            self._kill_at = now + 5
            self.kill()


def _meaning(code: int) -> str:
    return f"by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
