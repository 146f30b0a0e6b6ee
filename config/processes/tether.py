"""Stands between the supervisor and one child, so that the child never outlives the supervisor.

Run as `python -I -S config/processes/tether.py SUPERVISOR_PID COMMAND…` in a session of its own. It passes SIGTERM on
once, and ends the whole session if that takes too long. When the supervisor is killed, the kernel sends SIGTERM for
each of its threads; django-q2 locks itself up when a second one comes while it stops, so somebody has to count them.
Where there is no prctl (not Linux), it only passes on. It is a program of its own, because the supervisor has threads
and Python must not run code between their fork and exec.
"""

import ctypes
import os
import signal
import sys
from types import FrameType

PR_SET_PDEATHSIG = 1
# The supervisor's own limit is shorter: this one is for when it is gone.
KILL_AFTER = 30


class Tether:
    """One command, told at most once to stop."""

    def __init__(self) -> None:
        self._child: int | None = None
        self._is_told = False

    def run(self, supervisor: int, command: list[str]) -> int:
        """Run the command to its end; returns its exit code, negative for a signal."""
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGALRM, _end_session)
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != supervisor:  # it died before we asked to be told
            return 1
        self._child = os.posix_spawn(command[0], command, os.environ)
        _, status = os.waitpid(self._child, 0)
        return os.waitstatus_to_exitcode(status)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        if self._child is None:
            sys.exit(1)
        if not self._is_told:
            self._is_told = True
            signal.alarm(KILL_AFTER)
            os.kill(self._child, signal.SIGTERM)


def _end_session(number: int, frame: FrameType | None) -> None:
    os.killpg(0, signal.SIGKILL)


def main(supervisor: int, command: list[str]) -> None:
    code = Tether().run(supervisor, command)
    if code < 0:  # end in the same way, so that the supervisor can say how
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    sys.exit(code)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
