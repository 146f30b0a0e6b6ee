"""Ties a process to the supervisor: when the supervisor is killed, the kernel tells the process to stop.

Run as `python -I -S config/tether.py SUPERVISOR_PID COMMAND…`. It is a program of its own, because the supervisor has
threads and Python must not run code between their fork and exec. Where there is no prctl (not Linux), it only execs.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(supervisor: int, command: list[str]) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)  # survives exec
        if os.getppid() != supervisor:  # it died before we asked
            sys.exit(1)
    os.execv(command[0], command)  # noqa: S606 - the supervisor's own command, without a shell


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
