"""Everybody at once, with real processes on one database: the embedded shape's turn (and PostgreSQL's again)."""

import json
from collections import Counter
from pathlib import Path

import pytest

from tests.installation import Installation

pytestmark = pytest.mark.slow

PROCESSES = 4


def choose_in_processes(installation: Installation, *, key: str = "") -> list[str]:
    """How every attempt of every process ended: the choice's id, or the refusal's code."""
    folder = installation.data_dir
    code = f"from tests.incidents.choosers import choose_all; choose_all({str(folder)!r}, {PROCESSES}, {key!r})"
    logs = [folder / f"chooser-{number}.out" for number in range(PROCESSES)]
    running = [installation.start("shell", "--no-imports", "-c", code, log=log) for log in logs]
    assert [process.wait(timeout=120) for process in running] == [0] * PROCESSES
    return [outcome for log in logs for outcome in read(log)]


def read(log: Path) -> list[str]:
    outcomes: list[str] = json.loads(log.read_text())
    return outcomes


def describe(installation: Installation) -> list[int]:
    """Units that the pool says are taken, choices that stand, choices in all."""
    counts: list[int] = json.loads(installation.python("from tests.incidents.choosers import describe; describe()"))
    return counts


def test_processes_never_oversell(installation: Installation) -> None:
    installation.python("from tests.incidents.choosers import prepare; prepare(crowd=20, seats=3)")

    outcomes = Counter(choose_in_processes(installation))

    # three impacts have a seat: three other processes found it chosen; everybody else found it sold out
    assert (outcomes["already_chosen"], outcomes["sold_out"]) == (3 * (PROCESSES - 1), 17 * PROCESSES)
    assert describe(installation) == [3, 3, 3]


def test_same_request_from_several_processes_is_one_choice(installation: Installation) -> None:
    installation.python("from tests.incidents.choosers import prepare; prepare(crowd=5, seats=9)")

    outcomes = Counter(choose_in_processes(installation, key="once"))

    assert list(outcomes.values()) == [PROCESSES] * 5
    assert describe(installation) == [5, 5, 5]
