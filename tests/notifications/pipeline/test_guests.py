"""Who subscribed to a page that shows components of another hears of what touches these, from that page, once."""

import pytest

from incidents.actor import CLOCK
from incidents.events import record
from incidents.models import Event
from notifications.models import Delivery
from notifications.pipeline import audience
from notifications.pipeline.outbox import collect
from tests.make import make_component, make_incident, make_page
from tests.notifications.mails import sent_mails, text_of
from tests.notifications.scene import NOW, drain, make_subscription

pytestmark = pytest.mark.django_db


@pytest.fixture
def pages():
    main_page, wholesale = make_page(is_default=True, name="Northwind"), make_page(slug="wholesale", name="Wholesale")
    trains, buses = make_component(main_page, name="Trains"), make_component(main_page, name="Buses")
    wholesale.guests.add(trains)
    return main_page, wholesale, trains, buses


def tell_of(incident) -> None:
    record(Event.Kind.INCIDENT_PUBLISHED, by=CLOCK, at=NOW, incident=incident)
    collect(now=NOW)


def messages_by_address() -> list[tuple[str, str]]:
    return list(Delivery.objects.order_by("pk").values_list("channel__address", "page__name"))


def test_each_hears_it_from_the_page_that_they_subscribed_to(pages):
    main_page, wholesale, trains, _buses = pages
    make_subscription(main_page, "ana@example.org")
    make_subscription(wholesale, "ben@example.org")

    tell_of(make_incident(main_page, components=(trains,), started_at=NOW, published_at=NOW))
    drain(NOW)

    assert messages_by_address() == [("ana@example.org", "Northwind"), ("ben@example.org", "Wholesale")]
    mails = {mail["To"]: text_of(mail) for mail in sent_mails()}
    assert ("/p/wholesale/incidents/" in mails["ben@example.org"], "Wholesale" in mails["ana@example.org"]) == (
        True,
        False,
    )


def test_who_subscribed_to_both_hears_it_once(pages):
    main_page, wholesale, trains, _buses = pages
    make_subscription(main_page, "ana@example.org")
    make_subscription(wholesale, "ana@example.org")

    tell_of(make_incident(main_page, components=(trains,), started_at=NOW, published_at=NOW))

    assert messages_by_address() == [("ana@example.org", "Northwind")]


def test_nobody_there_hears_of_what_touches_none_of_it(pages):
    main_page, wholesale, _trains, buses = pages
    make_subscription(wholesale, "ben@example.org")

    tell_of(make_incident(main_page, components=(buses,), started_at=NOW, published_at=NOW))

    assert messages_by_address() == []


def test_who_wants_one_guest_hears_of_that_one(pages):
    main_page, wholesale, trains, buses = pages
    wholesale.guests.add(buses)
    wish = make_subscription(wholesale, "ben@example.org", buses)

    of_trains = make_incident(main_page, components=(trains,))
    of_buses = make_incident(main_page, components=(buses,))

    assert list(audience.subscribed(of_trains, wholesale)) == []
    assert list(audience.subscribed(of_buses, wholesale)) == [wish]
