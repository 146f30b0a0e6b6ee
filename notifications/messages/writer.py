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
from notifications.messages.brand import brand_of
from notifications.messages.facts import IncidentNews, MessageFacts, Reader, event_data
from notifications.messages.merge import (
    AffectedHolding,
    MergeTemplate,
    Personalisation,
    RenderedMessage,
    merge_template,
)
from notifications.messages.translated import (
    choice_in_language,
    news_in_language,
    offer_texts,
    page_in_language,
    promise_in_language,
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
    """Writes the messages of one batch; those who get the same, but for their own words, share a template."""

    facts: MessageFacts
    _templates: dict[Any, MergeTemplate] = field(default_factory=dict)

    def write(self, delivery: Delivery) -> RenderedMessage:
        """The finished message. Raises Unwritable when there is nothing to say to this person."""
        page = delivery.page
        person = _person(delivery, self.facts)
        wish = delivery.data.get("language", "")
        wishes = (wish, person.language, delivery.channel.language, page.language if page else "")
        language = _first_known(_LANGUAGES, *wishes)
        zone = _first_known(_ZONES, person.time_zone, delivery.channel.time_zone, page.time_zone if page else "")
        with translation.override(language), timezone.override(ZoneInfo(zone)):
            personalisation = _personalisation(delivery, self.facts, person)
            key = (
                delivery.message,
                delivery.entry_id or delivery.key,
                delivery.page_id,
                language,
                zone,
                person.may_choose,
                personalisation.shape(),
            )
            if key not in self._templates:
                context = _context(delivery, self.facts, person, personalisation.placeholders(), zone)
                self._templates[key] = merge_template(delivery.message, context, brand_of(delivery.page).style)
            return self._templates[key].merge(personalisation)


def _person(delivery: Delivery, facts: MessageFacts) -> Reader:
    if delivery.topic != topics.PERSONAL or delivery.customer_id is None:
        return Reader()
    person = facts.people.get((delivery.customer_id, delivery.channel.address))
    if person is None:
        raise Unwritable(reasons.NOT_THEIRS)
    return person


def _personalisation(delivery: Delivery, facts: MessageFacts, person: Reader) -> Personalisation:
    return Personalisation(
        name=person.name,
        stop=_stop(delivery),
        confirm_link=_confirm_link(delivery),
        affected_holdings=tuple(_affected_holding(impact, facts, person) for impact in _impacts(delivery, facts)),
    )


def _impacts(delivery: Delivery, facts: MessageFacts) -> list[Impact]:
    """All their holdings that the incident touches; only the one that the event is about, if it is about one."""
    impacts = facts.impacts.get((delivery.incident_id or 0, delivery.customer_id or 0), [])
    only = delivery.entry.event.impact_id if delivery.entry else None
    is_spared = delivery.message == "personal_cancelled"
    impacts = [impact for impact in impacts if (impact.state == Impact.State.WITHDRAWN) == is_spared]
    if delivery.message == "check_in":
        impacts = [impact for impact in impacts if impact.state == Impact.State.RESTORED]
    return [impact for impact in impacts if only in (None, impact.pk)]


def _affected_holding(impact: Impact, facts: MessageFacts, person: Reader) -> AffectedHolding:
    token = sign_impact(impact, may_choose=person.may_choose, user=person.user)
    return AffectedHolding(
        label=impact.holding.label,
        kind=str(_KINDS.get(impact.holding.kind, "")),
        ref=impact.holding.ref,
        link=links.with_token("link_impact", token),
        ask=links.with_token("link_check_in", token),
        offer_name=_offer_name(impact, facts),
    )


def _offer_name(impact: Impact, facts: MessageFacts) -> str:
    offer = facts.offer_name.get(impact.pk)
    if offer is None:
        return ""
    return offer_texts(offer, facts.incident_news.get(impact.incident_id)).get("name") or offer.name


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


def _context(
    delivery: Delivery, facts: MessageFacts, person: Reader, personalisation: Personalisation, zone: str
) -> dict[str, Any]:
    """What the templates see: the facts, and placeholders for the reader's own words."""
    read = facts.incident_news.get(delivery.incident_id or 0)
    news = news_in_language(read) if read else None
    return {
        "page": page_in_language(delivery.page, read),
        "brand": brand_of(delivery.page),
        "person": replace(person, name=personalisation.name),
        "zone": zone,
        "topic": delivery.topic,
        "stop": personalisation.stop,
        "confirm_link": personalisation.confirm_link,
        "data": delivery.data,
        "affected_holdings": personalisation.affected_holdings,
        "has_chosen_all": bool(personalisation.affected_holdings)
        and all(holding.offer_name for holding in personalisation.affected_holdings),
        **(_about_incident(delivery, facts, news) if news else {}),
    }


def _about_incident(delivery: Delivery, facts: MessageFacts, news: IncidentNews) -> dict[str, Any]:
    event = event_data(delivery)
    choice = facts.choices.get(event.get("choice", ""))
    promise = facts.promises.get(event.get("promise") or event.get("choice", ""))
    return {
        "news": news,
        "incident": news.incident,
        "incident_link": _incident_link(delivery, news.incident),
        "choice": choice and choice_in_language(choice, news),
        "promise": promise and promise_in_language(promise, news),
        "was": [datetime.fromisoformat(moment) for moment in event.get("was", ())],
    }


def _incident_link(delivery: Delivery, incident: Incident) -> str:
    """Empty for those who may not know where the page stands: customers of a page that is not for everybody have the
    links to their own things."""
    page = delivery.page or incident.page
    if delivery.topic != topics.PUBLIC and not page.is_public:
        return ""
    return links.of_incident(incident, page, language=translation.get_language() or "")


def _first_known(options: Any, *wishes: str) -> str:
    """The first wish that we know; imported data may hold anything. Without one, the first of the known."""
    return next((wish for wish in wishes if wish in options), next(iter(options)))
