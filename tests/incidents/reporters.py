"""What the processes of test_reports_at_once.py run: each is one Makegood on the same database."""

import json
import os
import time
from pathlib import Path

from incidents.actions.intake.reports import report_problem
from incidents.models import Component
from tests.incidents.outage import NOW


def report_all(folder: str, own: str, processes: int, each: int) -> None:
    """Wait until all stand ready, then report for visitors of its own and for those of everybody; prints how many
    counted."""
    component = Component.objects.get()
    (Path(folder) / f"ready-{os.getpid()}").touch()
    until = time.monotonic() + 60
    while len(list(Path(folder).glob("ready-*"))) < processes and time.monotonic() < until:
        time.sleep(0.01)
    visitors = [f"{whose} {number}" for number in range(each) for whose in (own, "everybody's")]
    print(json.dumps(sum(report_problem(component, visitor=visitor, now=NOW) for visitor in visitors)))
