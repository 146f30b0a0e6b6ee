"""Reading: what a customer may choose for one impact, what they chose, and what can be done until when."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from django.db.models import Q
from django.utils.dateparse import parse_datetime

from incidents.models import Choice, Impact, Offer
from incidents.money import Money, money

# A choice that stands: picked, or picked and fulfilled. The partial unique constraints hold one per impact.
STANDING = (Choice.State.LIVE, Choice.State.FULFILLED)


class Terms(TypedDict):
    """What was agreed, as plain values: the words of an offer at the moment of the choice. Value is a decimal as text,
    ``choose_by`` an ISO moment, ``fulfil_within`` seconds."""

    name: str
    kind: str
    what_you_get: str
    when: str
    what_it_costs: str
    what_you_give_up: str
    promise: str
    fulfil_within: float
    value: str | None
    currency: str
    is_legal_right: bool
    choose_by: str
    version: int


@dataclass(frozen=True, slots=True)
class OfferView:
    """One card. ``units_left`` counts what is free in the pool, None where stock is not limited; ``choice`` is the
    standing choice of this very offer; ``is_sold_out`` is judged for this impact's units, those it holds already
    included."""

    offer: Offer
    units_left: int | None
    is_sold_out: bool
    is_closed: bool
    is_withdrawn: bool
    choice: Choice | None
    can_choose: bool

    @property
    def is_chosen(self) -> bool:
        return self.choice is not None

    @property
    def value(self) -> Money | None:
        return money(self.offer.value, self.offer.currency)


def terms_of(offer: Offer) -> Terms:
    """The offer's words and value as they stand now, ready to be kept with a choice."""
    return Terms(
        name=offer.name,
        kind=offer.remedy.kind,
        what_you_get=offer.what_you_get,
        when=offer.when,
        what_it_costs=offer.what_it_costs,
        what_you_give_up=offer.what_you_give_up,
        promise=offer.promise,
        fulfil_within=offer.fulfil_within.total_seconds(),
        value=None if offer.value is None else str(offer.value),
        currency=offer.currency,
        is_legal_right=offer.is_legal_right,
        choose_by=offer.choose_by.isoformat(),
        version=offer.version,
    )


def live_choice(impact: Impact) -> Choice | None:
    """The core choice that stands for this impact, fulfilled or not; its ``public_id`` is what a form sends as
    ``replaces``. Extras are not counted."""
    return Choice.objects.filter(impact=impact, is_extra=False, state__in=STANDING).select_related("offer").first()


def changeable_until(choice: Choice) -> datetime:
    """The cut-off that was agreed, or the offer's own if staff moved it later since; never earlier than agreed."""
    agreed = parse_datetime(choice.terms.get("choose_by", ""))
    return max(agreed, choice.offer.choose_by) if agreed else choice.offer.choose_by


def can_change(choice: Choice, now: datetime) -> bool:
    """Whether this choice may still be changed or cancelled."""
    return choice.state == Choice.State.LIVE and now <= changeable_until(choice)


def offers_for(impact: Impact, now: datetime) -> list[OfferView]:
    """The cards for one impact, legal right first, then in staff's order. Two queries. A sold-out or closed offer keeps
    its place; a withdrawn one is there only while it is this impact's choice."""
    return offers_for_each([impact], now)[impact.pk]


def offers_for_each(impacts: Iterable[Impact], now: datetime) -> dict[int, list[OfferView]]:
    """The cards of several impacts by the impact's primary key, in the same two queries."""
    impacts = list(impacts)
    choices_by_impact = _standing_choices(impacts)
    offers = list(
        Offer.objects.filter(
            Q(incident__in={impact.incident_id for impact in impacts}, withdrawn_at__isnull=True)
            | Q(pk__in={choice.offer_id for choices in choices_by_impact.values() for choice in choices})
        )
        .select_related("pool", "remedy")
        .order_by("-is_legal_right", "position", "pk")
    )
    return {impact.pk: _cards(impact, offers, choices_by_impact.get(impact.pk, []), now) for impact in impacts}


def _standing_choices(impacts: list[Impact]) -> Mapping[int, list[Choice]]:
    by_impact: dict[int, list[Choice]] = {}
    for choice in Choice.objects.filter(impact__in=impacts, state__in=STANDING).select_related("offer"):
        by_impact.setdefault(choice.impact_id, []).append(choice)
    return by_impact


def _cards(impact: Impact, offers: list[Offer], choices: list[Choice], now: datetime) -> list[OfferView]:
    choices_by_offer = {choice.offer_id: choice for choice in choices}
    core = next((choice for choice in choices if not choice.is_extra), None)
    return [
        _card(impact, offer, choices_by_offer.get(offer.pk), core, now)
        for offer in offers
        if offer.incident_id == impact.incident_id and (offer.withdrawn_at is None or offer.pk in choices_by_offer)
    ]


def _card(impact: Impact, offer: Offer, choice: Choice | None, core: Choice | None, now: datetime) -> OfferView:
    is_sold_out = (
        offer.pool is not None
        and choice is None
        and offer.pool.units_left + _returning_units(offer, core) < impact.units
    )
    is_closed = now > offer.choose_by
    is_withdrawn = offer.withdrawn_at is not None
    may_switch = offer.is_extra or core is None or can_change(core, now)
    return OfferView(
        offer=offer,
        units_left=offer.pool.units_left if offer.pool else None,
        is_sold_out=is_sold_out,
        is_closed=is_closed,
        is_withdrawn=is_withdrawn,
        choice=choice,
        can_choose=choice is None and may_switch and not (is_sold_out or is_closed or is_withdrawn),
    )


def _returning_units(offer: Offer, core: Choice | None) -> int:
    """Units that a change would hand back to the same pool."""
    is_same = core is not None and not offer.is_extra and core.pool_id == offer.pool_id
    return core.units if core and is_same else 0
