"""Two communicators, one incident: real processes on one database, the embedded shape's turn."""

import json

import pytest

from tests.installation import Installation

pytestmark = pytest.mark.slow

PROCESSES = 3


def test_processes_publish_match_and_resolve_once(installation: Installation) -> None:
    installation.python("from tests.incidents.communicators import prepare; prepare(holdings=500)")
    folder = installation.data_dir
    code = f"from tests.incidents.communicators import *; publish_match_resolve({str(folder)!r}, {PROCESSES})"
    logs = [folder / f"communicator-{number}.out" for number in range(PROCESSES)]

    running = [installation.start("shell", "--no-imports", "-c", code, log=log) for log in logs]

    assert [process.wait(timeout=120) for process in running] == [0] * PROCESSES
    outcomes = sorted(json.loads(log.read_text()) for log in logs)
    assert sorted(published for published, _, _ in outcomes) == ["done", "wrong_state", "wrong_state"]
    assert [matched for _, matched, _ in outcomes] == [0, 0, 0]
    assert sorted(resolved for _, _, resolved in outcomes) == ["done", "wrong_state", "wrong_state"]
    counts = json.loads(installation.python("from tests.incidents.communicators import describe; describe()"))
    assert counts == [
        2,
        503,
        503,
        503,
        ["incident.declared", "incident.published", "impacts.opened", "incident.resolved"],
    ]
