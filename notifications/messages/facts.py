"""What messages say, read for a whole batch with a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import F, Max, Q

from incidents.models import Choice, Estimate, Event, Impact, Incident, Membership, Offer, Promise, Update, User
from incidents.money import Money, money
from incidents.queries.translations import TextsInLanguages, texts_about
from notifications.models import Delivery
from notifications.topics import PERSONAL

# Events whose facts every message on an incident's standing carries.
_TOLD_BY_NEWS = (
    Event.Kind.INCIDENT_PUBLISHED,
    Event.Kind.IMPACTS_OPENED,
    Event.Kind.INCIDENT_UPDATED,
    Event.Kind.ESTIMATE_PUBLISHED,
    Event.Kind.INCIDENT_RESOLVED,
    Event.Kind.MAINTENANCE_RESCHEDULED,
    Event.Kind.MAINTENANCE_CANCELLED,
)
EARLIER_UPDATES = 3


@dataclass(frozen=True, slots=True)
class OfferLine:
    """One offer in a line of a mail."""

    offer: Offer
    name: str
    what_you_get: str
    value: Money | None
    choose_by: datetime
    is_sold_out: bool


@dataclass(frozen=True)
class IncidentNews:
    """How an incident stands: the same for everybody who hears of it in this batch."""

    incident: Incident
    says_up_to: int
    update: Update | None
    earlier: list[Update]
    estimate: Estimate | None
    former: Estimate | None
    offers: list[OfferLine]
    texts: TextsInLanguages
    read_at: datetime
    # In a reader's language (see notifications.messages.translated): the keys of updates that are not in it, a note in
    # words that says so, and the attributes of the element that holds one.
    foreign: frozenset[int] = frozenset()
    note: str = ""
    marks: str = ""

    @property
    def estimate_has_passed(self) -> bool:
        """A time that lies behind us is never shown as current."""
        at = self.estimate.restored_by if self.estimate else None
        return at is not None and at < self.read_at and not self.incident.is_over

    @property
    def next_update_at(self) -> datetime | None:
        due_at = self.incident.next_update_due_at
        return due_at if due_at and due_at > self.read_at and not self.incident.is_over else None


@dataclass(frozen=True)
class Reader:
    """To whom a personal message speaks, and what they may do."""

    name: str = ""
    language: str = ""
    time_zone: str = ""
    may_choose: bool = False
    user: User | None = None


@dataclass(frozen=True)
class MessageFacts:
    """Everything that the messages of one batch need."""

    incident_news: Mapping[int, IncidentNews]
    impacts: Mapping[tuple[int, int], list[Impact]]
    people: Mapping[tuple[int, str], Reader]
    choices: Mapping[str, Choice]
    promises: Mapping[str, Promise]
    offer_name: Mapping[int, Offer] = field(default_factory=dict)


def read_facts(batch: Iterable[Delivery], *, now: datetime) -> MessageFacts:
    """Read for deliveries that bring channel, customer, page, entry and event along."""
    batch = [delivery for delivery in batch if delivery.incident_id]
    personal = [delivery for delivery in batch if delivery.topic == PERSONAL]
    impacts = _impacts(personal)
    choices = _choices(personal)
    return MessageFacts(
        incident_news={pk: _news(pk, now) for pk in {delivery.incident_id for delivery in batch} if pk},
        impacts=impacts,
        people=_people(personal),
        choices=choices,
        promises=_promises(personal, choices),
        offer_name=_offers_chosen(impacts),
    )


def _news(pk: int, now: datetime) -> IncidentNews:
    """The mark is read before the facts: it may claim too little, never too much."""
    events = Event.objects.filter(incident=pk, kind__in=_TOLD_BY_NEWS).order_by()
    says_up_to = events.aggregate(newest=Max("pk"))["newest"] or 0
    incident = Incident.objects.select_related("page").get(pk=pk)
    updates = list(Update.objects.filter(incident=pk)[: EARLIER_UPDATES + 1])
    estimates = list(Estimate.objects.filter(incident=pk)[:2])
    offers = (
        Offer.objects.current()
        .select_related("pool", "remedy")
        .filter(incident=pk, choose_by__gt=now)
        .order_by("-is_legal_right", "position", "pk")
    )
    return IncidentNews(
        incident=incident,
        says_up_to=says_up_to,
        update=updates[0] if updates else None,
        earlier=updates[1:],
        estimate=estimates[0] if estimates else None,
        former=estimates[1] if len(estimates) > 1 else None,
        offers=[_offer_line(offer) for offer in offers] if not incident.is_over else [],
        texts=texts_about(Incident.objects.filter(pk=pk)),
        read_at=now,
    )


def _offer_line(offer: Offer) -> OfferLine:
    return OfferLine(
        offer=offer,
        name=offer.name,
        what_you_get=offer.what_you_get,
        value=money(offer.value, offer.currency),
        choose_by=offer.choose_by,
        is_sold_out=offer.pool is not None and offer.pool.units_left <= 0,
    )


def _impacts(batch: list[Delivery]) -> Mapping[tuple[int, int], list[Impact]]:
    """Each customer's impacts of each incident, in the order in which they were opened.

    Standing ones; those that were withdrawn too where somebody is told that nothing of theirs is touched any more.
    """
    customers = {delivery.customer_id for delivery in batch}
    incidents = {delivery.incident_id for delivery in batch}
    rows = Impact.objects.all() if any(_is_spared(delivery) for delivery in batch) else Impact.objects.current()
    rows = rows.filter(customer__in=customers).order_by("pk")
    # "+ 0" keeps the planner on the customers' index: an incident may have a million impacts.
    rows = rows.alias(of=F("incident_id") + 0).filter(of__in=incidents).select_related("holding", "customer")
    impacts: dict[tuple[int, int], list[Impact]] = defaultdict(list)
    for impact in rows:
        impacts[impact.incident_id, impact.customer_id].append(impact)
    return impacts


def _is_spared(delivery: Delivery) -> bool:
    return delivery.message == "personal_cancelled"


def _offers_chosen(impacts: Mapping[tuple[int, int], list[Impact]]) -> Mapping[int, Offer]:
    """What was chosen for an impact, by its key."""
    keys = [impact.pk for several in impacts.values() for impact in several]
    live = Choice.objects.filter(impact__in=keys, is_extra=False, state=Choice.State.LIVE).order_by()
    return {choice.impact_id: choice.offer for choice in live.select_related("offer")}


def _people(batch: list[Delivery]) -> Mapping[tuple[int, str], Reader]:
    """Who reads at which address for which customer; nobody there means that the address is no longer theirs."""
    people: dict[tuple[int, str], Reader] = {}
    customers = {delivery.customer.pk: delivery.customer for delivery in batch if delivery.customer}
    for customer in customers.values():
        person = Reader(customer.name, customer.language, customer.time_zone, may_choose=True)
        people[customer.pk, customer.email.strip().lower()] = person
    members = Membership.objects.filter(customer__in=customers, user__is_active=True).select_related("user")
    for member in members:
        user, customer = member.user, customers[member.customer_id]
        address = user.email.strip().lower()
        if (customer.pk, address) in people and not member.may_choose:
            continue  # the customer's own address may choose whatever role its bearer has
        people[customer.pk, address] = Reader(
            name=user.get_full_name() or customer.name,
            language=user.language or customer.language,
            time_zone=user.time_zone or customer.time_zone,
            may_choose=member.may_choose,
            user=user,
        )
    return people


def _choices(batch: list[Delivery]) -> Mapping[str, Choice]:
    ids = {event_data(delivery).get("choice", "") for delivery in batch} - {""}
    choices = Choice.objects.filter(public_id__in=ids).select_related("offer", "impact__holding")
    return {choice.public_id: choice for choice in choices}


def _promises(batch: list[Delivery], choices: Mapping[str, Choice]) -> Mapping[str, Promise]:
    """By their own public id, and by that of the choice which they were made with."""
    ids = {event_data(delivery).get("promise", "") for delivery in batch} - {""}
    matching = Q(public_id__in=ids) | Q(choice__in=[choice.pk for choice in choices.values()])
    promises: dict[str, Promise] = {}
    for promise in Promise.objects.filter(matching).select_related("impact__holding", "choice__offer"):
        promises[promise.public_id] = promise
        if promise.choice:
            promises[promise.choice.public_id] = promise
    return promises


def event_data(delivery: Delivery) -> Mapping[str, Any]:
    """What the event says that made this delivery."""
    return delivery.entry.event.data if delivery.entry else {}
