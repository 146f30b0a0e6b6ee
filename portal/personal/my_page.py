"""What is one person's own: each impact as its customer sees it at a moment, read with a fixed number of queries."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from incidents.models import (
    CheckIn,
    Choice,
    Component,
    Customer,
    Holding,
    Impact,
    Incident,
    Offer,
    Page,
    Promise,
    Rating,
    Task,
    User,
)
from incidents.queries.offers import OfferView, can_change, changeable_until, offers_for_each
from incidents.queries.translations import TextsInLanguages, texts_about
from portal.board.timeline import EstimateView, IncidentView, incident_at
from portal.facts.reading import read_incidents
from portal.facts.translated import incident_in

# An impact whose service is back stays in front this long, or until its check-in is answered.
ASKED_FOR = timedelta(days=30)
MOST_SHOWN = 100
WORDS = {
    Impact.State.OPEN: _("Affected"),
    Impact.State.RESTORED: _("Works again, we believe"),
    Impact.State.CONFIRMED: _("Fixed"),
    Impact.State.REOPENED: _("Not fixed yet"),
    Impact.State.WITHDRAWN: _("Not affected"),
}
PAST_SHOWN = 20


@dataclass(frozen=True)
class PromiseView:
    """One promise at a moment: what is open past its hour is broken, even before the clock has written so.

    `is_owed`: it still has to be done, for the choice behind it stands.
    """

    text: str
    state: str
    due_at: datetime
    done_at: datetime | None
    is_owed: bool
    translated: tuple[str, ...] = ()

    @property
    def is_late(self) -> bool:
        return self.is_owed and self.state == Promise.State.BROKEN


@dataclass(frozen=True)
class ChoiceView:
    """A choice that stands, in the words that were agreed, as far as `texts` say the same in the reader's language.

    `until`: when it can be changed or given back, None if not any more.
    """

    choice: Choice
    until: datetime | None
    texts: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """As it was called when it was chosen, should the offer have been renamed since."""
        name: str = self.texts.get("name") or self.choice.terms.get("name") or self.choice.offer.name
        return name

    @property
    def what_you_get(self) -> str:
        return self.texts.get("what_you_get") or self.choice.terms.get("what_you_get", "")

    @property
    def translated(self) -> tuple[str, ...]:
        return tuple(self.texts)

    @property
    def is_fulfilled(self) -> bool:
        return self.choice.state == Choice.State.FULFILLED


@dataclass(frozen=True)
class ImpactView:
    """One impact at a moment: what happened, what was chosen, what was promised, what was answered."""

    impact: Impact
    incident_view: IncidentView
    offers: tuple[OfferView, ...] = field(repr=False)
    choices: tuple[ChoiceView, ...]
    promises: tuple[PromiseView, ...]
    check_in: CheckIn | None
    rating: Rating | None
    follow_up: Task | None

    @property
    def incident(self) -> Incident:
        return self.impact.incident

    @property
    def page(self) -> Page:
        return self.incident.page

    @property
    def is_touched(self) -> bool:
        """Whether it does not work now, as far as we know."""
        return self.impact.state in (Impact.State.OPEN, Impact.State.REOPENED) and not self.is_ahead

    @property
    def words(self) -> str:
        """Its state as its customer would say it."""
        return str(WORDS[Impact.State(self.impact.state)])

    @property
    def is_ahead(self) -> bool:
        """Whether it is planned work that has not begun."""
        return self.incident.status == Incident.Status.SCHEDULED

    @property
    def is_asked(self) -> bool:
        """Whether "is it fixed for you?" waits for an answer."""
        return self.impact.state == Impact.State.RESTORED and bool(self.check_in and not self.check_in.answer)

    @property
    def may_rate(self) -> bool:
        return bool(self.check_in and self.check_in.answer == CheckIn.Answer.YES and not self.rating)

    @property
    def main_choice(self) -> ChoiceView | None:
        """The choice that counts; only extras stand beside it."""
        return next((choice for choice in self.choices if not choice.choice.is_extra), None)

    @property
    def main_offers(self) -> tuple[OfferView, ...]:
        return tuple(card for card in self.offers if not card.offer.is_extra)

    @property
    def extras(self) -> tuple[OfferView, ...]:
        return tuple(card for card in self.offers if card.offer.is_extra)

    @property
    def can_choose(self) -> bool:
        """Whether at least one of the main offers can be chosen, or changed to."""
        return any(card.can_choose for card in self.main_offers)

    @property
    def choose_by(self) -> datetime | None:
        """When the first of the open offers closes; None when nothing waits to be chosen."""
        if self.main_choice:
            return None
        return min((card.offer.choose_by for card in self.main_offers if card.can_choose), default=None)

    @property
    def estimate(self) -> EstimateView | None:
        """The newest estimate while the service is away; once it is back, none matters any more."""
        return self.incident_view.estimate if self.is_touched and not self.incident.is_over else None


@dataclass(frozen=True)
class IncidentGroup:
    """One incident with those of a person's things that it touches."""

    incident: Incident
    incident_view: IncidentView
    impact_views: tuple[ImpactView, ...]


@dataclass(frozen=True)
class MyPage:
    """All that one person sees of their own. `customers`: whom they act for."""

    customers: tuple[Customer, ...]
    groups: tuple[IncidentGroup, ...]
    past: tuple[ImpactView, ...]
    unaffected: tuple[Holding, ...]
    has_more_past: bool

    @property
    def current(self) -> tuple[ImpactView, ...]:
        return tuple(impact_view for group in self.groups for impact_view in group.impact_views)

    @property
    def affected(self) -> int:
        return self._count(lambda impact_view: impact_view.is_touched)

    @property
    def questions(self) -> int:
        return self._count(lambda impact_view: impact_view.is_asked)

    @property
    def choosable(self) -> int:
        return self._count(lambda impact_view: impact_view.choose_by is not None)

    @property
    def late(self) -> int:
        return sum(promise.is_late for impact_view in self.current for promise in impact_view.promises)

    @property
    def ahead(self) -> int:
        return self._count(lambda impact_view: impact_view.is_ahead)

    @property
    def names_customers(self) -> bool:
        """Whether each thing has to say whose it is."""
        return len(self.customers) > 1

    @property
    def page(self) -> Page | None:
        """The page of what is told first."""
        return next((impact_view.page for impact_view in (*self.current, *self.past)), None)

    def _count(self, is_so: Callable[[ImpactView], bool]) -> int:
        return sum(map(is_so, self.current))


def my_page(user: User, now: datetime, *, all_past: bool = False) -> MyPage:
    """Read a person's own page: a fixed number of queries, none of which grows with other people's things.

    The newest hundred current impacts and the newest twenty past ones (a hundred with `all_past`).
    """
    customers = tuple(Customer.objects.filter(memberships__user=user).order_by("name", "id"))
    impacts = _impacts_of(customers)
    current = list(impacts.filter(_is_current(now))[:MOST_SHOWN])
    past = list(impacts.exclude(_is_current(now))[: MOST_SHOWN + 1])
    past_shown = past[: MOST_SHOWN if all_past else PAST_SHOWN]
    impact_views = impact_views_of([*current, *past_shown], now)
    return MyPage(
        customers=customers,
        groups=_groups(impact_views[: len(current)]),
        past=impact_views[len(current) :],
        unaffected=_unaffected(customers, current, now),
        has_more_past=len(past) > len(past_shown),
    )


def impact_views_of(impacts: Sequence[Impact], now: datetime) -> tuple[ImpactView, ...]:
    """Tell each of these impacts, in their order and in the active language, with twelve queries however many they are.

    They must come with their incident, its page, their holding and their customer.
    """
    pages = {impact.incident_id: impact.incident.page for impact in impacts}
    words = texts_about(Incident.objects.filter(pk__in=pages), get_language() or "")
    incident_views = _incident_views(pages, words, now)
    offers = {key: [_card_in(card, words) for card in cards] for key, cards in offers_for_each(impacts, now).items()}
    of_these = {"impact__in": [impact.pk for impact in impacts]}
    promises = _by_impact(
        Promise.objects.filter(**of_these).exclude(state=Promise.State.WITHDRAWN).select_related("choice")
    )
    check_ins = _by_impact(CheckIn.objects.filter(**of_these).order_by("-round"))
    ratings = _by_impact(Rating.objects.filter(**of_these))
    calls = _by_impact(Task.objects.filter(**of_these, kind=Task.Kind.FOLLOW_UP, state=Task.State.OPEN))
    return tuple(
        ImpactView(
            impact=impact,
            incident_view=incident_views[impact.incident_id],
            offers=tuple(offers[impact.pk]),
            choices=tuple(_choice_at(card.choice, card.offer, words, now) for card in offers[impact.pk] if card.choice),
            promises=tuple(_promise_at(promise, offers[impact.pk], words, now) for promise in promises[impact.pk]),
            check_in=next(iter(check_ins[impact.pk]), None),
            rating=next(iter(ratings[impact.pk]), None),
            follow_up=next(iter(calls[impact.pk]), None),
        )
        for impact in impacts
    )


def _incident_views(pages: Mapping[int, Page], words: TextsInLanguages, now: datetime) -> Mapping[int, IncidentView]:
    """The incidents of these keys, each with its page, as their customers read them."""
    language = get_language() or ""
    incidents = Incident.objects.filter(pk__in=pages)
    has_name = Q(translations__language=language, translations__field="name")
    components = Component.objects.filter(Q(is_hidden=True) | has_name, page__in=set(pages.values())).distinct()
    catalogue = {component.public_id: component for component in components}
    names = _names(catalogue, words, language)
    incident_facts = read_incidents(incidents, catalogue, words)
    return {
        facts.key: incident_at(
            facts if pages[facts.key].language == language else incident_in(facts, language, names), now
        )
        for facts in incident_facts
    }


def _names(catalogue: Mapping[str, Component], words: TextsInLanguages, language: str) -> Mapping[str, str]:
    texts = {code: words.in_language(component, language).get("name") for code, component in catalogue.items()}
    return {code: text.text for code, text in texts.items() if text}


def impact_view_of(impact: Impact, now: datetime) -> ImpactView:
    return impact_views_of([impact], now)[0]


def _impacts_of(customers: Iterable[Customer]) -> QuerySet[Impact]:
    impacts = Impact.objects.current().filter(customer__in=customers, incident__published_at__isnull=False)
    return impacts.select_related("incident__page", "holding", "customer")


def _is_current(now: datetime) -> Q:
    """Not working, waiting for an answer, or with something chosen that we still owe."""
    owed = Choice.objects.filter(impact=OuterRef("pk"), state=Choice.State.LIVE)
    waiting = Q(state=Impact.State.RESTORED, restored_at__gte=now - ASKED_FOR)
    return Q(state__in=[Impact.State.OPEN, Impact.State.REOPENED]) | waiting | Q(Exists(owed))


def _groups(impact_views: Iterable[ImpactView]) -> tuple[IncidentGroup, ...]:
    """Things that the same incident touches stand together; what does not work now comes before what is over."""
    by_incident: dict[int, list[ImpactView]] = {}
    for impact_view in impact_views:
        by_incident.setdefault(impact_view.incident.pk, []).append(impact_view)
    groups = [IncidentGroup(views[0].incident, views[0].incident_view, tuple(views)) for views in by_incident.values()]
    return tuple(
        sorted(groups, key=lambda group: not any(impact_view.is_touched for impact_view in group.impact_views))
    )


def _unaffected(customers: Iterable[Customer], current: Iterable[Impact], now: datetime) -> tuple[Holding, ...]:
    holdings = Holding.objects.filter(customer__in=customers, is_active=True)
    still_to_come = holdings.filter(Q(ends_at__isnull=True) | Q(ends_at__gte=now))
    affected_ids = [impact.holding_id for impact in current]
    return tuple(still_to_come.exclude(pk__in=affected_ids).select_related("customer")[:MOST_SHOWN])


def _card_in(card: OfferView, words: TextsInLanguages) -> OfferView:
    """The same with a copy of its offer in the reader's language, never to be saved."""
    texts = words.of_offer(card.offer, get_language() or "")
    if not texts:
        return card
    offer = copy(card.offer)
    vars(offer).update(texts, translated=tuple(texts))
    return replace(card, offer=offer)


def _choice_at(choice: Choice, offer: Offer, words: TextsInLanguages, now: datetime) -> ChoiceView:
    until = changeable_until(choice) if can_change(choice, now) else None
    return ChoiceView(choice, until, words.of_offer(offer, get_language() or "", choice.terms))


def _promise_at(promise: Promise, cards: Iterable[OfferView], words: TextsInLanguages, now: datetime) -> PromiseView:
    is_late = promise.state == Promise.State.OPEN and promise.due_at < now
    state = Promise.State.BROKEN if is_late else promise.state
    is_owed = promise.done_at is None and (promise.choice is None or promise.choice.state == Choice.State.LIVE)
    offer = next((card.offer for card in cards if promise.choice and card.offer.pk == promise.choice.offer_id), None)
    texts = words.of_offer(offer, get_language() or "", {"promise": promise.text}) if offer else {}
    text = texts.get("promise", promise.text)
    translated = ("text",) if texts else ()
    return PromiseView(text, str(state), promise.due_at, promise.done_at, is_owed, translated)


def _by_impact(rows: Iterable[Any]) -> defaultdict[int, list[Any]]:
    grouped: defaultdict[int, list[Any]] = defaultdict(list)
    for row in rows:
        grouped[row.impact_id].append(row)
    return grouped
