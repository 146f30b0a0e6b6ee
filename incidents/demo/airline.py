"""What Northwind Air shows in public, and who holds which booking."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from incidents.demo.cast import Cast, book
from incidents.models import Component, ComponentGroup, Customer, Holding, Page

GROUPS = {
    "Flights": ["Manchester departures", "Manchester arrivals", "Amsterdam departures", "Edinburgh departures"],
    "At the airport": ["Check-in desks", "Baggage", "Lounges"],
    "Online": ["Booking", "App and web check-in", "Flight alerts"],
    "People": ["Phone line", "Chat"],
}
# 121 bookings, 168 passengers.
PARTIES = [1] * 86 + [2] * 25 + [3] * 8 + [4] * 2


@dataclass(frozen=True, slots=True)
class Airline:
    """The page and its components by name."""

    page: Page
    components: dict[str, Component]


def open_airline(at: datetime) -> Airline:
    """The page, four groups, twelve components that customers see and one that they do not."""
    page = Page.objects.create(
        slug="northwind",
        name="Northwind Air",
        description="Flights from Manchester, Amsterdam and Edinburgh.",
        time_zone="Europe/London",
        languages=["de", "fr", "es", "ar"],
        is_default=not Page.objects.filter(is_default=True).exists(),
        support_phone="+44 161 496 0412",
        support_email="people@northwind.example",
        created_at=at,
        updated_at=at,
    )
    components = {}
    for place, (title, names) in enumerate(GROUPS.items(), start=1):
        group = ComponentGroup.objects.create(page=page, name=title, position=place, created_at=at, updated_at=at)
        for position, name in enumerate(names, start=1):
            components[name] = _component(page, group, name, position, at)
    chat = components["Chat"]
    chat.start_date = (at + timedelta(days=358)).date()  # six weeks before the story: it has no longer past
    chat.save(update_fields=["start_date"])
    components["Crew rostering"] = _component(page, None, "Crew rostering", 99, at, is_hidden=True)
    return Airline(page, components)


def sell_bookings(airline: Airline, cast: Cast, *, departure: datetime, seed: random.Random) -> None:
    """121 bookings on NW412, the return flights of some, and other flights for everybody else."""
    aboard = [cast.ana, cast.ben, *cast.passengers[:119]]
    parties = [2, 1, *_shuffled_without(PARTIES, [2, 1], seed)]
    manchester, amsterdam, edinburgh = (
        airline.components[f"{city} departures"] for city in ("Manchester", "Amsterdam", "Edinburgh")
    )
    cancelled = [
        book(
            customer,
            f"NW412-{index:03}",
            component=manchester,
            label="NW412 Manchester to Amsterdam",
            quantity=party,
            starts_at=departure,
            ends_at=departure + timedelta(minutes=80),
        )
        for index, (customer, party) in enumerate(zip(aboard, parties, strict=True), start=1)
    ]
    back = departure + timedelta(days=3, hours=10)
    returns = [
        _flight(customer, f"NW415-{index:03}", amsterdam, "NW415 Amsterdam to Manchester", party, back)
        for index, (customer, party) in enumerate(zip(aboard[:30], parties[:30], strict=True), start=1)
    ]
    edinburgh_flights = [
        _flight(
            customer, f"NW230-{index:03}", edinburgh, "NW230 Edinburgh to Manchester", 1, departure + timedelta(hours=6)
        )
        for index, customer in enumerate([cast.cleo, *cast.passengers[119:159]], start=1)
    ]
    later = [
        _flight(customer, f"NW618-{index:03}", manchester, "NW618 Manchester to Oslo", 1, departure + timedelta(days=1))
        for index, customer in enumerate(cast.passengers[159:], start=1)
    ]
    flown = [
        _flight(
            customer, f"NW610-{index:03}", manchester, "NW610 Manchester to Oslo", 1, departure - timedelta(days=12)
        )
        for index, customer in enumerate(cast.passengers[159:181], start=1)
    ]
    Holding.objects.bulk_create([*cancelled, *returns, *edinburgh_flights, *later, *flown])


def _component(
    page: Page, group: ComponentGroup | None, name: str, position: int, at: datetime, *, is_hidden: bool = False
) -> Component:
    return Component.objects.create(
        page=page, group=group, name=name, position=position, is_hidden=is_hidden, created_at=at, updated_at=at
    )


def _flight(customer: Customer, ref: str, component: Component, label: str, party: int, starts_at: datetime) -> Holding:
    return book(
        customer,
        ref,
        component=component,
        label=label,
        quantity=party,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=80),
    )


def _shuffled_without(parties: list[int], excluded: list[int], seed: random.Random) -> list[int]:
    rest = list(parties)
    for party in excluded:
        rest.remove(party)
    seed.shuffle(rest)
    return rest
