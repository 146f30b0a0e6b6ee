"""What stands between the supervisor and a child, with real processes."""

import os
import signal
import subprocess
import sys
import time

from config.processes.child import TETHER

COUNTS = """
import signal, time
heard = []
signal.signal(signal.SIGTERM, lambda number, frame: heard.append(number))
print("ready", flush=True)
while not heard: time.sleep(0.01)
time.sleep(0.5)
print(len(heard))
"""


def _tether(code: str, *, supervisor: int | None = None) -> subprocess.Popen[str]:
    command = [sys.executable, "-I", "-S", str(TETHER), str(supervisor or os.getpid()), sys.executable, "-c", code]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)


def test_a_child_is_told_to_stop_once_however_often_the_tether_is() -> None:
    tether = _tether(COUNTS)
    assert tether.stdout is not None
    tether.stdout.readline()

    tether.send_signal(signal.SIGTERM)
    time.sleep(0.1)
    tether.send_signal(signal.SIGTERM)

    assert (tether.communicate(timeout=10)[0], tether.returncode) == ("1\n", 0)


def test_it_ends_as_its_child_did() -> None:
    exited = _tether("import sys; sys.exit(7)")
    killed = _tether("import os; os.kill(os.getpid(), 9)")

    exited.communicate(timeout=10)
    killed.communicate(timeout=10)

    assert (exited.returncode, killed.returncode) == (7, -signal.SIGKILL)


def test_nothing_starts_for_a_supervisor_that_has_gone() -> None:
    late = _tether("print('started')", supervisor=2**22 + 1)

    assert (late.communicate(timeout=10)[0], late.returncode) == ("", 1)
