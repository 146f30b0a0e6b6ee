"""Several clocks, one maintenance: real processes on one database, the embedded shape's turn."""

import json

import pytest

from tests.installation import Installation

pytestmark = pytest.mark.slow

PROCESSES = 3


def test_clocks_of_several_processes_do_each_thing_once(installation: Installation) -> None:
    installation.python("from tests.incidents.planners import prepare; prepare()")
    folder = installation.data_dir
    code = f"from tests.incidents.planners import tick_together; tick_together({str(folder)!r}, {PROCESSES})"
    logs = [folder / f"clock-{number}.out" for number in range(PROCESSES)]

    running = [installation.start("shell", "--no-imports", "-c", code, log=log) for log in logs]

    assert [process.wait(timeout=120) for process in running] == [0] * PROCESSES
    counts = json.loads(installation.python("from tests.incidents.planners import describe; describe()"))
    assert counts == [["scheduled", "in_progress", "verifying", "completed"], 1, 3, 3]
