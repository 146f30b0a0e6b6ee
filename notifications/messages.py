"""Writing a message: subject, text and HTML from its three templates, and the headers that go with them."""

import re
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import formataddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import Context
from django.template.loader import get_template
from django.urls import reverse
from django.utils import timezone, translation

from incidents.links import sign_impact
from incidents.models import Impact, Page
from notifications import addresses, gate
from notifications.facts import Facts, Person, Situation
from notifications.gate import event_data
from notifications.models import Delivery
from notifications.tokens import Stop, sign_stop

_INLINER = css_inline.CSSInliner(
    keep_at_rules=True,
    load_remote_stylesheets=False,
    extra_css=(Path(settings.BASE_DIR) / "templates" / "mail" / "letter.css").read_text(encoding="utf-8"),
)


_LANGUAGES = (settings.LANGUAGE_CODE, *dict(settings.LANGUAGES))
_ZONES = ("UTC", *sorted(zoneinfo.available_timezones()))


class Unwritable(Exception):
    """The message cannot be written: what it should tell is not there (any more)."""


@dataclass(frozen=True, slots=True)
class Thing:
    """One holding of the reader's that is touched, with the links that open it and that ask about it."""

    impact: Impact
    link: str
    ask: str
    chosen: str

    @property
    def label(self) -> str:
        return self.impact.holding.label

    @property
    def kind(self) -> str:
        return str(self.impact.holding.get_kind_display())

    @property
    def ref(self) -> str:
        return self.impact.holding.ref


def write(delivery: Delivery, facts: Facts) -> EmailMultiAlternatives:
    """The finished message. Raises Unwritable when there is nothing to say to this person."""
    page = delivery.page
    person = _person(delivery, facts)
    language = _first_known(_LANGUAGES, person.language, delivery.channel.language, page.language if page else "")
    zone = _first_known(_ZONES, person.time_zone, delivery.channel.time_zone, page.time_zone if page else "")
    with translation.override(language), timezone.override(ZoneInfo(zone)):
        context = _context(delivery, facts, person, zone=zone)
        return _message(delivery, context)


def _person(delivery: Delivery, facts: Facts) -> Person:
    if delivery.topic != gate.PERSONAL or delivery.customer_id is None:
        return Person()
    person = facts.people.get((delivery.customer_id, delivery.channel.address))
    if person is None:
        raise Unwritable(gate.NOT_THEIRS)
    return person


def _context(delivery: Delivery, facts: Facts, person: Person, *, zone: str) -> dict[str, Any]:
    situation = facts.situations.get(delivery.incident_id or 0)
    return {
        "page": delivery.page,
        "person": person,
        "zone": zone,
        "topic": delivery.topic,
        "home": settings.BASE_URL,
        "stop": _stop(delivery),
        "data": delivery.data,
        "confirm_link": _confirm_link(delivery),
        **(_about_incident(delivery, facts, person, situation) if situation else {}),
    }


def _about_incident(delivery: Delivery, facts: Facts, person: Person, situation: Situation) -> dict[str, Any]:
    data = event_data(delivery)
    things = _things(delivery, facts, person)
    key = data.get("promise") or data.get("choice", "")
    return {
        "situation": situation,
        "incident": situation.incident,
        "incident_link": addresses.of_incident(situation.incident),
        "my_link": addresses.absolute(reverse("my")),
        "things": things,
        "has_chosen_all": bool(things) and all(thing.chosen for thing in things),
        "choice": facts.choices.get(data.get("choice", "")),
        "promise": facts.promises.get(key),
    }


def _things(delivery: Delivery, facts: Facts, person: Person) -> list[Thing]:
    """All their holdings that the incident touches; only the one that the event is about, if it is about one."""
    impacts = facts.impacts.get((delivery.incident_id or 0, delivery.customer_id or 0), [])
    only = delivery.entry.event.impact_id if delivery.entry else None
    if delivery.message == "check_in":
        impacts = [impact for impact in impacts if impact.state == Impact.State.RESTORED]
    return [_thing(impact, facts, person) for impact in impacts if only in (None, impact.pk)]


def _thing(impact: Impact, facts: Facts, person: Person) -> Thing:
    token = sign_impact(impact, may_choose=person.may_choose, user=person.user)
    return Thing(
        impact=impact,
        link=addresses.absolute(reverse("link_impact", args=[token])),
        ask=addresses.absolute(reverse("link_check_in", args=[token])),
        chosen=facts.chosen.get(impact.pk, ""),
    )


def _stop(delivery: Delivery) -> str:
    """The address that ends messages of this kind; empty where there is nothing to end."""
    if delivery.topic == gate.ACCOUNT:
        return ""
    topic = gate.PERSONAL if delivery.topic == gate.PERSONAL else gate.PUBLIC
    page = delivery.page_id if topic == gate.PUBLIC else None
    token = sign_stop(Stop(delivery.channel_id, topic, page))
    return addresses.absolute(reverse("unsubscribe", args=[token]))


def _confirm_link(delivery: Delivery) -> str:
    token = delivery.data.get("token")
    return addresses.absolute(reverse("subscription_confirm", args=[token])) if token else ""


def _message(delivery: Delivery, context: Mapping[str, Any]) -> EmailMultiAlternatives:
    folder = f"mail/{delivery.message}"
    message = EmailMultiAlternatives(
        subject=_one_line(_render(f"{folder}/subject.txt", context, escape=False)),
        body=_tidy(_render(f"{folder}/body.txt", context, escape=False)),
        from_email=_sender(delivery.page),
        to=[delivery.channel.address],
        reply_to=[delivery.page.support_email] if delivery.page and delivery.page.support_email else None,
        headers=_headers(delivery, context["stop"]),
    )
    message.attach_alternative(_INLINER.inline(_render(f"{folder}/body.html", context, escape=True)), "text/html")
    return message


def _headers(delivery: Delivery, stop: str) -> dict[str, str]:
    domain = _mail_domain()
    headers = {
        "Message-ID": f"<{delivery.key}@{domain}>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "Feedback-ID": f"{delivery.message}:{delivery.page.slug if delivery.page else ''}:{delivery.topic}:makegood",
    }
    if delivery.incident:
        # Never sent itself: the name under which mail programs gather all that we say about one incident.
        thread = f"<incident-{delivery.incident.public_id}.{delivery.incident_id}@{domain}>"
        headers |= {"In-Reply-To": thread, "References": thread}
    if stop:
        headers |= {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return headers


def _sender(page: Page | None) -> str:
    """The page's name before our own address; whatever a name holds, it cannot begin another header."""
    if page is None:
        return settings.DEFAULT_FROM_EMAIL
    return formataddr((_one_line(page.name), _own_address()))


def _own_address() -> str:
    found = re.search(r"<([^<>]+)>\s*$", settings.DEFAULT_FROM_EMAIL)
    return found.group(1) if found else settings.DEFAULT_FROM_EMAIL


def _mail_domain() -> str:
    return _own_address().rpartition("@")[2] or urlsplit(settings.BASE_URL).hostname or "localhost"


def _first_known(known: tuple[str, ...], *wishes: str) -> str:
    """The first wish that we know; imported data may hold anything. Without one, the first of the known."""
    return next((wish for wish in wishes if wish in known), known[0])


def _render(name: str, context: Mapping[str, Any], *, escape: bool) -> str:
    template: Any = get_template(name)
    return str(template.template.render(Context(dict(context), autoescape=escape)))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _tidy(text: str) -> str:
    """Templates are written for people to read; their blank lines become at most one."""
    lines = "\n".join(line.rstrip() for line in text.strip().splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines) + "\n"
