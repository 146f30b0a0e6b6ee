"""What the processes of test_claims_at_once.py run: each is one Makegood on the same database."""

import json
import os
import time
from pathlib import Path

from incidents.actions.intake.reports import report_problem
from incidents.models import Component
from tests.incidents.outage import NOW


def report_all(folder: str, process: str, processes: int, count: int) -> None:
    """Wait until all stand ready, then claim for visitors of its own and for those of everybody; prints how many
    counted."""
    component = Component.objects.get()
    (Path(folder) / f"ready-{os.getpid()}").touch()
    until = time.monotonic() + 60
    while len(list(Path(folder).glob("ready-*"))) < processes and time.monotonic() < until:
        time.sleep(0.01)
    visitors = [f"{prefix} {number}" for number in range(count) for prefix in (process, "everybody's")]
    print(json.dumps(sum(report_problem(component, visitor=visitor, now=NOW) for visitor in visitors)))
