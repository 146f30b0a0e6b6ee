"""What the processes of test_maintenance_processes.py run: each is one Makegood's clock on the same database."""

import json
import os
import time
from datetime import timedelta
from pathlib import Path

from incidents.actions.publishing.series import plan_series
from incidents.clock import tick
from incidents.models import CheckIn, Event, Incident, Update
from tests.incidents.outage import NOW, make_company, plan, publish

REMINDED, OVER = NOW + timedelta(minutes=40), NOW + timedelta(days=1)


def prepare() -> None:
    """A maintenance that reminds twenty minutes before, and verifies; and work that comes back each day."""
    company = make_company()
    publish(company, plan(company, reminders=[20], verify_for=10))
    first = NOW + timedelta(days=2)
    plan_series(
        company.page,
        name="Rails",
        rule="FREQ=DAILY",
        first_start=first,
        lasts_for=60,
        body="a",
        by=company.dara,
        now=NOW,
    )


def tick_together(folder: str, processes: int) -> None:
    for step, moment in (("remind", REMINDED), ("over", OVER)):
        meet(Path(folder), step, processes)
        tick(moment)


def describe() -> None:
    """Print the steps of the maintenance, its reminders, its check-ins, and how many windows were announced."""
    statuses = list(Update.objects.filter(incident__series=None).order_by("pk").values_list("status", flat=True))
    reminded = Event.objects.filter(kind="maintenance.reminded", incident__series=None).count()
    announced = Incident.objects.filter(series__isnull=False).count()
    print(json.dumps([statuses, reminded, CheckIn.objects.count(), announced]))


def meet(folder: Path, step: str, processes: int) -> None:
    (folder / f"{step}-{os.getpid()}").touch()
    until = time.monotonic() + 60
    while len(list(folder.glob(f"{step}-*"))) < processes and time.monotonic() < until:
        time.sleep(0.01)
