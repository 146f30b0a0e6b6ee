"""What the processes of test_incident_processes.py run: each is one Makegood on the same database."""

import json
import os
import time
from pathlib import Path

from incidents.actions.publishing.impacts import match_impacts
from incidents.actions.publishing.incidents import publish_incident, resolve_incident
from incidents.actor import CLOCK
from incidents.errors import DomainError
from incidents.models import CheckIn, Event, Holding, Impact, Incident, Update
from tests.incidents.outage import Company, declare, make_company
from tests.make import make_customer


def prepare(holdings: int) -> None:
    """A draft about the trains, and so many holdings of them."""
    company = make_company()
    _add_holdings(company, holdings)
    declare(company)


def publish_match_resolve(folder: str, processes: int) -> None:
    """At the same time as the others: publish, match, resolve; prints what each came to, as JSON."""
    _meet(Path(folder), "publish", processes)
    published = _outcome(lambda: publish_incident(Incident.objects.get(), body="Hello.", by=CLOCK) and "done")
    _meet(Path(folder), "match", processes)
    matched = _outcome(lambda: match_impacts(Incident.objects.get(), by=CLOCK))
    _meet(Path(folder), "resolve", processes)
    resolved = _outcome(lambda: resolve_incident(Incident.objects.get(), body="Over.", by=CLOCK) and "done")
    print(json.dumps([published, matched, resolved]))


def describe() -> None:
    """Print the numbers of updates, impacts, holdings hit, check-ins, and the kinds of events in order."""
    hit = Impact.objects.values("holding").distinct().count()
    counts = [Update.objects.count(), Impact.objects.count(), hit, CheckIn.objects.count()]
    print(json.dumps([*counts, list(Event.objects.order_by("pk").values_list("kind", flat=True))]))


def _add_holdings(company: Company, count: int) -> None:
    customer = make_customer()
    Holding.objects.bulk_create(
        [Holding(ref=f"M-{n}", label="Ticket", customer=customer, component=company.trains) for n in range(count)]
    )


def _outcome(act: object) -> object:
    try:
        return act()
    except DomainError as refusal:
        return refusal.code


def _meet(folder: Path, step: str, processes: int) -> None:
    (folder / f"{step}-{os.getpid()}").touch()
    until = time.monotonic() + 60
    while len(list(folder.glob(f"{step}-*"))) < processes and time.monotonic() < until:
        time.sleep(0.01)
