"""An outage of trains at one fixed moment: Ana holds two things that depend on them, Ben one, Cleo none."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from incidents.actions.publishing.incidents import declare_incident, publish_incident
from incidents.actor import Actor
from incidents.models import Component, Event, Holding, Impact, Incident, Page
from tests.make import make_component, make_customer, make_group, make_holding, make_page, make_user

NOW = datetime(2026, 3, 2, 14, 2, tzinfo=UTC)
LATER = NOW + timedelta(minutes=20)


@dataclass(frozen=True)
class Company:
    """Who holds what: Ana's ticket and pass (three units) and Ben's ticket are for trains, Cleo's is for buses."""

    page: Page
    trains: Component
    buses: Component
    ticket: Holding
    family_pass: Holding
    bens_ticket: Holding
    bus_ticket: Holding
    dara: Actor


def make_company(**page: Any) -> Company:
    page_ = make_page(**page)
    trains = make_component(page_, group=make_group(page_, name="Rail"), name="Trains", position=1)
    buses = make_component(page_, name="Buses", position=2)
    ana, ben, cleo = make_customer("Ana"), make_customer("Ben"), make_customer("Cleo")
    return Company(
        page=page_,
        trains=trains,
        buses=buses,
        ticket=make_holding(ana, trains, ref="T-1", kind="booking"),
        family_pass=make_holding(ana, trains, ref="P-1", kind="subscription", quantity=3),
        bens_ticket=make_holding(ben, trains, ref="T-2", kind="booking", region="north"),
        bus_ticket=make_holding(cleo, buses, ref="B-1", kind="booking"),
        dara=Actor.staff(make_user("Dara", is_staff=True)),
    )


def declare(company: Company, **fields: Any) -> Incident:
    defaults = {
        "name": "Trains stand still",
        "components": {company.trains: "major_outage"},
        "by": company.dara,
        "now": NOW,
    }
    return declare_incident(company.page, **{**defaults, **fields})


def plan(company: Company, **fields: Any) -> Incident:
    """A maintenance of the trains from one hour after NOW, for two hours."""
    window = {"scheduled_for": NOW + timedelta(hours=1), "scheduled_until": NOW + timedelta(hours=3)}
    components = {company.trains: "under_maintenance"}
    return declare(
        company, **{"kind": "maintenance", "name": "New rails", "components": components, **window, **fields}
    )


def publish(company: Company, incident: Incident | None = None, **fields: Any) -> Incident:
    incident = incident or declare(company)
    publish_incident(incident, **{"body": "We are looking into it.", "by": company.dara, "now": NOW, **fields})
    return incident


def states(incident: Incident) -> dict[str, str]:
    """The state of each impact by its holding's reference."""
    return dict(Impact.objects.filter(incident=incident).values_list("holding__ref", "state"))


def event_kinds(incident: Incident, *, after: Event | None = None) -> list[str]:
    """The kinds of the incident's events in order, those after ``after`` only."""
    events = incident.events.filter(pk__gt=after.pk if after else 0)
    return list(events.order_by("pk").values_list("kind", flat=True))


def newest_event() -> Event:
    return Event.objects.order_by("-pk")[0]
