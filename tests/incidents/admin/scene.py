"""The desk and who sits at it: staff by role, and a disruption with Ana, Ben and Cleo in it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone

from incidents.actions.access.roles import ensure_roles
from incidents.actions.publishing.incidents import declare_incident, publish_incident
from incidents.actions.recovery.remedies import attach_offer
from incidents.actor import Actor
from incidents.models import Component, Holding, Impact, Incident, Offer, Page, User
from tests.make import make_component, make_customer, make_holding, make_page, make_remedy, make_user


def make_staff(name: str, role: str) -> User:
    user = make_user(name, is_staff=True)
    user.groups.add(ensure_roles()[role])
    return user


def seat(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def dara() -> Client:
    return seat(make_staff("Dara", "communicator"))


def rosa() -> Client:
    return seat(make_staff("Rosa", "recovery agent"))


def eli() -> Client:
    return seat(make_staff("Eli", "manager"))


@dataclass(frozen=True)
class Scene:
    """Ana holds a ticket and a pass (three units) for the trains, Ben a ticket; Cleo's is for the buses."""

    page: Page
    trains: Component
    buses: Component
    ticket: Holding
    family_pass: Holding
    bens_ticket: Holding
    bus_ticket: Holding
    owner: User

    @property
    def by(self) -> Actor:
        return Actor.staff(self.owner)

    def draft(self, **changes: Any) -> Incident:
        defaults = {"name": "Trains stand still", "components": {self.trains: "major_outage"}, "by": self.by}
        return declare_incident(self.page, **{**defaults, **changes})

    def published(self, **changes: Any) -> Incident:
        incident = self.draft(**changes)
        publish_incident(incident, body="We are looking into it.", by=self.by)
        return incident

    def offer(self, incident: Incident, **changes: Any) -> Offer:
        defaults = {"remedy": make_remedy(), "choose_by": timezone.now() + timedelta(hours=4), "by": self.by}
        return attach_offer(incident, **{**defaults, **changes})

    def impact(self, incident: Incident, holding: Holding | None = None) -> Impact:
        return Impact.objects.get(incident=incident, holding=holding or self.ticket)


def make_scene() -> Scene:
    page = make_page(slug="main", is_default=True)
    trains, buses = make_component(page, name="Trains"), make_component(page, name="Buses")
    ana, ben, cleo = make_customer("Ana", ref="ANA"), make_customer("Ben", ref="BEN"), make_customer("Cleo", email="")
    return Scene(
        page=page,
        trains=trains,
        buses=buses,
        ticket=make_holding(ana, trains, ref="T-1"),
        family_pass=make_holding(ana, trains, ref="P-1", quantity=3),
        bens_ticket=make_holding(ben, trains, ref="T-2"),
        bus_ticket=make_holding(cleo, buses, ref="B-1"),
        owner=make_user("Olga", is_staff=True),
    )


def rows(prefix: str, *filled: dict[str, Any]) -> dict[str, Any]:
    """What a browser sends for the rows of a form."""
    fields: dict[str, Any] = {f"{prefix}-TOTAL_FORMS": len(filled), f"{prefix}-INITIAL_FORMS": 0}
    for number, row in enumerate(filled):
        fields |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return fields


def messages_of(response: Any) -> list[str]:
    """The messages that the next page shows."""
    return [str(message) for message in get_messages(response.wsgi_request)]


def picker_time(when: Any) -> str:
    """A time as the browser's picker sends it, in UTC."""
    return when.strftime("%Y-%m-%dT%H:%M")
