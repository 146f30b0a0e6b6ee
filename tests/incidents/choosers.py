"""What the processes of test_choosing_processes.py run: each is one Makegood on the same database."""

import json
import os
import time
from pathlib import Path

from incidents.actions.recovery.choices import choose_offer
from incidents.actor import Actor
from incidents.errors import DomainError
from incidents.models import Choice, Impact, Offer, Pool
from incidents.queries.offers import STANDING
from tests.make import (
    make_customer,
    make_holding,
    make_impact,
    make_incident,
    make_offer,
    make_page,
    make_pool,
)


def prepare(crowd: int, seats: int) -> None:
    """An incident with so many affected and so many seats."""
    page = make_page()
    incident = make_incident(page)
    make_offer(incident, pool=make_pool(page, capacity=seats))
    for _ in range(crowd):
        make_impact(incident, make_holding(make_customer()))


def choose_all(folder: str, processes: int, key: str) -> None:
    """Wait until all processes stand ready, then choose the seat for every impact; prints how each ended, as JSON."""
    offer = Offer.objects.get()
    impacts = list(Impact.objects.order_by("pk"))
    _wait_for_all(Path(folder), processes)
    print(json.dumps([_choose(impact, offer, key or str(os.getpid())) for impact in impacts]))


def describe() -> None:
    """Print what the pool says is taken, and what the choices hold."""
    choices = Choice.objects.filter(state__in=STANDING).count()
    print(json.dumps([Pool.objects.get().taken, choices, Choice.objects.count()]))


def _choose(impact: Impact, offer: Offer, key: str) -> str:
    try:
        return choose_offer(impact, offer=offer, seen_version=1, replaces="", key=key, by=Actor.link("Ana")).public_id
    except DomainError as refusal:
        return refusal.code


def _wait_for_all(folder: Path, processes: int) -> None:
    (folder / f"ready-{os.getpid()}").touch()
    until = time.monotonic() + 60
    while len(list(folder.glob("ready-*"))) < processes and time.monotonic() < until:
        time.sleep(0.01)
