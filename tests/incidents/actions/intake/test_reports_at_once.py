"""Many reports in the same moment: each visitor counts once and none is lost, in threads and in processes."""

import json
from pathlib import Path

import pytest
from django.db import connection

from incidents.actions.intake.reports import report_problem
from incidents.models import Report, ReportCount
from tests.at_once import at_once
from tests.incidents.outage import NOW
from tests.installation import Installation
from tests.make import make_component, make_page

PROCESSES = 4
EACH = 25

threads = pytest.mark.skipif(connection.vendor != "postgresql", reason="threads need a server; see the processes")


@pytest.mark.django_db(transaction=True)
@threads
def test_of_the_same_visitor_at_once_one_counts() -> None:
    trains = make_component(make_page())

    answers = at_once(*[lambda: report_problem(trains, visitor="Ana", now=NOW)] * 8)

    assert sorted(answers) == [False] * 7 + [True]
    assert [count.number for count in ReportCount.objects.all()] == [1]


@pytest.mark.django_db(transaction=True)
@threads
def test_of_different_visitors_at_once_none_is_lost() -> None:
    trains = make_component(make_page())

    answers = at_once(*[lambda name=n: report_problem(trains, visitor=str(name), now=NOW) for n in range(8)])

    assert answers == [True] * 8
    assert [count.number for count in ReportCount.objects.all()] == [8]
    assert Report.objects.count() == 8


@pytest.mark.slow
def test_processes_lose_none_and_count_none_twice(installation: Installation) -> None:
    """Half of each process's visitors are its own, the other half are the same in all."""
    installation.python("from tests.make import *; make_component(make_page())")
    folder = installation.data_dir
    logs = [folder / f"claimer-{number}.out" for number in range(PROCESSES)]

    running = [installation.start("shell", "--no-imports", "-c", reports(folder, log), log=log) for log in logs]

    assert [process.wait(timeout=120) for process in running] == [0] * PROCESSES
    assert sum(json.loads(log.read_text()) for log in logs) == EACH * PROCESSES + EACH
    total = "from incidents.models import *; print(ReportCount.objects.get().number)"
    assert int(installation.python(total)) == EACH * PROCESSES + EACH


def reports(folder: Path, log: Path) -> str:
    arguments = f"{str(folder)!r}, {log.stem!r}, {PROCESSES}, {EACH}"
    return f"from tests.incidents.reporters import report_all; report_all({arguments})"
