"""Load the demo: a morning at Northwind Air, its mails included, each sent by the real outbox at the story's hour."""

import random
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from incidents.actions.access.roles import ensure_roles
from incidents.demo.airline import open_airline, sell_bookings
from incidents.demo.cast import Cast, invite
from incidents.demo.history import import_history
from incidents.demo.languages import say_in_other_languages
from incidents.demo.library import stock_library
from incidents.demo.morning import (
    cancelled_flight,
    half_choose,
    later_word,
    past_baggage_stop,
)
from incidents.demo.planned import planned_check_in_work, restarted_phones
from incidents.demo.visitors import reports_of_visitors
from incidents.models import Page
from notifications.models import Delivery
from notifications.pipeline import delivery, outbox


class Command(BaseCommand):
    help = "Load the demo (Northwind Air, one cancelled flight). Does nothing when the demo is there already."

    def handle(self, *args: Any, **options: Any) -> None:
        if Page.objects.filter(slug="northwind").exists():
            self.stdout.write("The demo is already loaded.")
            return
        _load(random.Random(412))  # noqa: S311 - the same morning every time
        self.stdout.write(self.style.SUCCESS("Loaded the demo: Northwind Air, NW412 is cancelled."))


def _load(seed: random.Random) -> None:
    now = timezone.now().replace(second=0, microsecond=0)
    departure = now + timedelta(minutes=25)
    airline = open_airline(now - timedelta(days=400))
    cast = invite(seed)
    _give_roles(cast)
    sell_bookings(airline, cast, departure=departure, seed=seed)
    library = stock_library()
    import_history(airline.page, now=now)
    past_baggage_stop(airline, cast, library=library, tell=_tell, now=now, seed=seed)
    planned_check_in_work(airline, cast, now=now)
    restarted_phones(airline, cast, now=now)
    incident, offers = cancelled_flight(airline, cast, library=library, departure=departure, tell=_tell, now=now)
    later_word(incident, cast, tell=_tell, now=now)
    half_choose(incident, cast, offers, now=now, seed=seed)
    say_in_other_languages(airline, cast, now=now)
    reports_of_visitors(airline, now=now, seed=seed)
    _tell(now)


def _tell(moment: datetime) -> None:
    """Let the outbox do what the worker would have done by this hour of the story."""
    outbox.collect(now=moment)
    delivery.drain(Delivery.Lane.BULK, clock=lambda: moment)


def _give_roles(cast: Cast) -> None:
    groups = ensure_roles()
    for actor, role in ((cast.dara, "communicator"), (cast.eli, "manager")):
        if actor.user:
            actor.user.groups.add(groups[role])
