"""Writing a message for its reader, in their language and zone."""

import zoneinfo
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone, translation

from incidents.links import sign_impact
from incidents.models import Holding, Impact, Incident
from notifications import reasons, topics
from notifications.messages import links
from notifications.messages.brand import look_of
from notifications.messages.facts import Facts, Person, Situation, event_data
from notifications.messages.merge import RenderedMessage, Stencil, Thing, Words, cut
from notifications.messages.translated import (
    choice_in_language,
    offer_texts,
    page_in_language,
    promise_in_language,
    told_in_language,
)
from notifications.models import Delivery
from notifications.tokens import Stop, sign_stop

_LANGUAGES = (settings.LANGUAGE_CODE, *dict(settings.LANGUAGES))
_ZONES = dict.fromkeys(("UTC", *sorted(zoneinfo.available_timezones())))

_KINDS = dict(Holding.Kind.choices)


class Unwritable(Exception):
    """The message cannot be written: what it should tell is not there (any more)."""


@dataclass
class Writer:
    """Writes the messages of one batch; those who get the same, but for their own words, share a stencil."""

    facts: Facts
    _stencils: dict[Any, Stencil] = field(default_factory=dict)

    def write(self, delivery: Delivery) -> RenderedMessage:
        """The finished message. Raises Unwritable when there is nothing to say to this person."""
        page = delivery.page
        person = _person(delivery, self.facts)
        asked_in = delivery.data.get("language", "")
        spoken = (asked_in, person.language, delivery.channel.language, page.language if page else "")
        language = _first_known(_LANGUAGES, *spoken)
        zone = _first_known(_ZONES, person.time_zone, delivery.channel.time_zone, page.time_zone if page else "")
        with translation.override(language), timezone.override(ZoneInfo(zone)):
            words = _words(delivery, self.facts, person)
            key = (
                delivery.message,
                delivery.entry_id or delivery.key,
                delivery.page_id,
                language,
                zone,
                person.may_choose,
                words.shape(),
            )
            if key not in self._stencils:
                context = _context(delivery, self.facts, person, words.gaps(), zone)
                self._stencils[key] = cut(delivery.message, context, look_of(delivery.page).style)
            return self._stencils[key].fill(words)


def _person(delivery: Delivery, facts: Facts) -> Person:
    if delivery.topic != topics.PERSONAL or delivery.customer_id is None:
        return Person()
    person = facts.people.get((delivery.customer_id, delivery.channel.address))
    if person is None:
        raise Unwritable(reasons.NOT_THEIRS)
    return person


def _words(delivery: Delivery, facts: Facts, person: Person) -> Words:
    return Words(
        name=person.name,
        stop=_stop(delivery),
        confirm_link=_confirm_link(delivery),
        things=tuple(_thing(impact, facts, person) for impact in _impacts(delivery, facts)),
    )


def _impacts(delivery: Delivery, facts: Facts) -> list[Impact]:
    """All their holdings that the incident touches; only the one that the event is about, if it is about one."""
    impacts = facts.impacts.get((delivery.incident_id or 0, delivery.customer_id or 0), [])
    only = delivery.entry.event.impact_id if delivery.entry else None
    is_spared = delivery.message == "personal_cancelled"
    impacts = [impact for impact in impacts if (impact.state == Impact.State.WITHDRAWN) == is_spared]
    if delivery.message == "check_in":
        impacts = [impact for impact in impacts if impact.state == Impact.State.RESTORED]
    return [impact for impact in impacts if only in (None, impact.pk)]


def _thing(impact: Impact, facts: Facts, person: Person) -> Thing:
    token = sign_impact(impact, may_choose=person.may_choose, user=person.user)
    return Thing(
        label=impact.holding.label,
        kind=str(_KINDS.get(impact.holding.kind, "")),
        ref=impact.holding.ref,
        link=links.with_token("link_impact", token),
        ask=links.with_token("link_check_in", token),
        chosen=_chosen(impact, facts),
    )


def _chosen(impact: Impact, facts: Facts) -> str:
    offer = facts.chosen.get(impact.pk)
    if offer is None:
        return ""
    return offer_texts(offer, facts.situations.get(impact.incident_id)).get("name") or offer.name


def _stop(delivery: Delivery) -> str:
    """The address that ends messages of this kind; empty where there is nothing to end."""
    if delivery.topic == topics.ACCOUNT:
        return ""
    topic = topics.PERSONAL if delivery.topic == topics.PERSONAL else topics.PUBLIC
    page = delivery.page_id if topic == topics.PUBLIC else None
    token = sign_stop(Stop(delivery.channel_id, topic, page))
    return links.in_language(links.with_token("unsubscribe", token))


def _confirm_link(delivery: Delivery) -> str:
    token = delivery.data.get("token")
    return links.in_language(links.with_token("subscription_confirm", token)) if token else ""


def _context(delivery: Delivery, facts: Facts, person: Person, words: Words, zone: str) -> dict[str, Any]:
    """What the templates see: the facts, and gaps for the reader's own words."""
    read = facts.situations.get(delivery.incident_id or 0)
    situation = told_in_language(read) if read else None
    return {
        "page": page_in_language(delivery.page, read),
        "look": look_of(delivery.page),
        "person": replace(person, name=words.name),
        "zone": zone,
        "topic": delivery.topic,
        "stop": words.stop,
        "confirm_link": words.confirm_link,
        "data": delivery.data,
        "things": words.things,
        "has_chosen_all": bool(words.things) and all(thing.chosen for thing in words.things),
        **(_about_incident(delivery, facts, situation) if situation else {}),
    }


def _about_incident(delivery: Delivery, facts: Facts, situation: Situation) -> dict[str, Any]:
    data = event_data(delivery)
    choice = facts.choices.get(data.get("choice", ""))
    promise = facts.promises.get(data.get("promise") or data.get("choice", ""))
    return {
        "situation": situation,
        "incident": situation.incident,
        "incident_link": _incident_link(delivery, situation.incident),
        "choice": choice and choice_in_language(choice, situation),
        "promise": promise and promise_in_language(promise, situation),
        "was": [datetime.fromisoformat(moment) for moment in data.get("was", ())],
    }


def _incident_link(delivery: Delivery, incident: Incident) -> str:
    """Empty for those who may not know where the page stands: customers of a page that is not for everybody have the
    links to their own things."""
    page = delivery.page or incident.page
    if delivery.topic != topics.PUBLIC and not page.is_public:
        return ""
    return links.of_incident(incident, page, language=translation.get_language() or "")


def _first_known(known: Any, *wishes: str) -> str:
    """The first wish that we know; imported data may hold anything. Without one, the first of the known."""
    return next((wish for wish in wishes if wish in known), next(iter(known)))
