"""Planned work as an iCalendar (RFC 5545, RFC 7986) that people subscribe to: every window ahead, and recent ones."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from django.utils.translation import gettext as _

from incidents.text.fallback_language import fallback_words
from incidents.text.markdown import render_markdown
from incidents.text.plain import plain_text
from portal.documents.spec import DocumentSpec, RenderedDocument
from portal.facts.page import IncidentFacts, PageFacts
from portal.facts.profile import PRODUCT
from portal.html.fallback_language import is_foreign
from portal.html.lists import join_names
from portal.html.xml_text import without_controls

CALENDAR = "text/calendar; charset=utf-8"
KEPT_FOR = timedelta(days=90)
REFRESH = "PT15M"
LONGEST_LINE = 75  # octets, without the line break
# A calendar must hold something; where nothing is planned, the zone that its times would be in.
NOTHING = (
    "BEGIN:VTIMEZONE",
    "TZID:UTC",
    "BEGIN:STANDARD",
    "DTSTART:19700101T000000",
    "TZOFFSETFROM:+0000",
    "TZOFFSETTO:+0000",
    "END:STANDARD",
    "END:VTIMEZONE",
)


def calendar_document(facts: PageFacts) -> DocumentSpec:
    profile = facts.profile
    planned = tuple(incident for incident in facts.incidents if incident.is_planned)

    def render(now: datetime) -> RenderedDocument:
        current = [incident for incident in planned if _leaves_at(incident) > now]
        left_at = [_leaves_at(incident) for incident in planned if _leaves_at(incident) <= now]
        changed_at = max([facts.changed_at, *left_at, *(_modified_at(incident) for incident in current)])
        valid_until = min((_leaves_at(incident) for incident in current), default=None)
        return RenderedDocument(_calendar(facts, current, changed_at), valid_until, changed_at)

    source = (profile, facts.public_id, facts.changed_at, planned)
    return DocumentSpec(f"{profile.root}maintenance.ics", profile, source, render, CALENDAR, is_open=True)


def _calendar(facts: PageFacts, incidents: Iterable[IncidentFacts], changed_at: datetime) -> str:
    profile = facts.profile
    name = _("%(page)s: planned work") % {"page": profile.name}
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//{PRODUCT}//Maintenance//EN",
        "CALSCALE:GREGORIAN",
        f"UID:{_uid(facts.public_id)}",
        f"NAME:{_text(name)}",
        f"X-WR-CALNAME:{_text(name)}",
        f"LAST-MODIFIED:{_utc(changed_at)}",
        f"URL:{profile.absolute('maintenance')}",
        f"SOURCE;VALUE=URI:{profile.absolute('maintenance.ics')}",
        f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}",
        f"X-PUBLISHED-TTL:{REFRESH}",
    ]
    events = [line for incident in incidents for line in _event(facts, incident)]
    return "".join(f"{_folded(line)}\r\n" for line in (*lines, *(events or NOTHING), "END:VCALENDAR"))


def _event(facts: PageFacts, incident: IncidentFacts) -> Iterator[str]:
    modified_at = _modified_at(incident)
    address = facts.profile.absolute(f"incidents/{incident.public_id}")
    yield "BEGIN:VEVENT"
    yield f"UID:{_uid(facts.public_id, incident.public_id)}"
    yield f"DTSTAMP:{_utc(modified_at)}"
    yield f"CREATED:{_utc(incident.published_at)}"
    yield f"LAST-MODIFIED:{_utc(modified_at)}"
    yield f"SEQUENCE:{_sequence(incident)}"
    yield f"DTSTART:{_utc(incident.begins_at)}"
    if incident.scheduled_until and incident.scheduled_until > incident.begins_at:  # an end must lie after the start
        yield f"DTEND:{_utc(incident.scheduled_until)}"
    original = facts.profile.original
    yield f"SUMMARY{_language(incident, original)}:{_text(incident.name)}"
    yield f"DESCRIPTION:{_text(_description(incident, address, original))}"
    yield f"URL:{address}"
    yield f"STATUS:{'CANCELLED' if incident.is_withdrawn else 'CONFIRMED'}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _language(incident: IncidentFacts, original: str) -> str:
    """RFC 5545 §3.2.10, for a title that is in another language than the calendar."""
    return f";LANGUAGE={original}" if is_foreign(incident, "name", original) else ""


def _description(incident: IncidentFacts, address: str, original: str) -> str:
    latest = incident.updates[0] if incident.updates else None
    parts = [
        fallback_words(original) if latest and is_foreign(latest, "html", original) else "",
        plain_text(latest.html) if latest else "",
        *_advice(incident, original),
        _("Concerns: %(components)s") % {"components": join_names([component.name for component in incident.affected])}
        if incident.affected
        else "",
        address,
    ]
    return "\n\n".join(filter(None, parts))


def _advice(incident: IncidentFacts, original: str) -> Iterator[str]:
    """What to do meanwhile, as long as that helps."""
    if incident.advice and not incident.is_over:
        yield _("What to do meanwhile")
        if is_foreign(incident, "advice", original):
            yield fallback_words(original)
        yield plain_text(render_markdown(incident.advice))


def _modified_at(incident: IncidentFacts) -> datetime:
    return max([incident.published_at, incident.updated_at, *(update.at for update in incident.updates[:1])])


def _sequence(incident: IncidentFacts) -> int:
    """Rises with every change, without anybody counting: the seconds from publication to the newest change."""
    return int((_modified_at(incident) - incident.published_at).total_seconds())


def _leaves_at(incident: IncidentFacts) -> datetime:
    """When it is too long ago to be shown."""
    return (incident.scheduled_until or incident.begins_at) + KEPT_FOR


def _uid(*parts: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"makegood:{'/'.join(parts)}"))


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(text: str) -> str:
    """RFC 5545 §3.3.11."""
    text = without_controls(text).replace("\t", " ").replace("\r\n", "\n").replace("\r", "\n")
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> str:
    """RFC 5545 §3.1, between characters rather than inside one."""
    rows, row, size = [], "", 0
    for sign in line:
        width = len(sign.encode())
        if size + width > LONGEST_LINE:
            rows.append(row)
            row, size = " ", 1
        row, size = row + sign, size + width
    return "\r\n".join([*rows, row])
