"""A disruption with offers, at one fixed moment: Ana is affected and chooses, Ben is affected too."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from incidents.actions.recovery.choices import choose_offer
from incidents.actor import Actor
from incidents.models import Choice, Impact, Incident, Offer, Page, Pool, User
from tests.make import (
    make_customer,
    make_holding,
    make_impact,
    make_incident,
    make_membership,
    make_offer,
    make_page,
    make_pool,
    make_user,
)

NOW = datetime(2026, 3, 2, 14, 2, tzinfo=UTC)
CUT_OFF = NOW + timedelta(hours=4)


@dataclass(frozen=True)
class ChoosingScene:
    """Rows and people of one incident with a credit (unlimited), a seat (limited, two units) and lounge access (an
    extra). Ana's holding has one unit."""

    page: Page
    incident: Incident
    ana: User
    ben: User
    impact: Impact
    bens_impact: Impact
    credit: Offer
    seat: Offer
    lounge: Offer
    seats: Pool

    @property
    def by_ana(self) -> Actor:
        return Actor.account(self.ana)

    @property
    def by_ben(self) -> Actor:
        return Actor.account(self.ben)


def make_choosing_scene(*, units: int = 1, seats: int = 2) -> ChoosingScene:
    page = make_page()
    incident = make_incident(page, name="Night train cancelled", started_at=NOW, published_at=NOW)
    ana, ben = make_user("Ana"), make_user("Ben")
    pool = make_pool(page, name="Seats on the 18:10", capacity=seats)
    return ChoosingScene(
        page=page,
        incident=incident,
        ana=ana,
        ben=ben,
        impact=_make_affected(incident, ana, quantity=units),
        bens_impact=_make_affected(incident, ben),
        credit=make_offer(incident, name="Credit", value="25.00", currency="EUR", choose_by=CUT_OFF),
        seat=make_offer(incident, name="Seat on the 18:10", pool=pool, choose_by=CUT_OFF),
        lounge=make_offer(incident, name="Lounge", is_extra=True, choose_by=CUT_OFF),
        seats=pool,
    )


def choose(scene: ChoosingScene, offer: Offer, **request: Any) -> Choice:
    """Ana's screen is fresh, the moment is NOW, and each offer has a key of its own; unless ``request`` otherwise."""
    defaults = {
        "seen_version": 1,
        "replaces": "",
        "key": f"key-{offer.pk}",
        "by": scene.by_ana,
        "now": NOW,
    }
    impact = request.pop("impact", scene.impact)
    return choose_offer(impact, offer=offer, **{**defaults, **request})


def units_taken(pool: Pool) -> int:
    pool.refresh_from_db()
    return pool.taken


def _make_affected(incident: Incident, user: User, **holding: Any) -> Impact:
    customer = make_customer(user.first_name)
    make_membership(user, customer)
    return make_impact(incident, make_holding(customer, label="Night train", **holding))
