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
from portal.html.lists import listed
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
    planned = tuple(one for one in facts.incidents if one.is_planned)

    def draw(now: datetime) -> RenderedDocument:
        shown = [one for one in planned if _leaves_at(one) > now]
        left = [_leaves_at(one) for one in planned if _leaves_at(one) <= now]
        changed_at = max([facts.changed_at, *left, *(_modified_at(one) for one in shown)])
        valid_until = min((_leaves_at(one) for one in shown), default=None)
        return RenderedDocument(_calendar(facts, shown, changed_at), valid_until, changed_at)

    source = (profile, facts.public_id, facts.changed_at, planned)
    return DocumentSpec(f"{profile.root}maintenance.ics", profile, source, draw, CALENDAR, is_open=True)


def _calendar(facts: PageFacts, shown: Iterable[IncidentFacts], changed_at: datetime) -> str:
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
    events = [line for one in shown for line in _event(facts, one)]
    return "".join(f"{_folded(line)}\r\n" for line in (*lines, *(events or NOTHING), "END:VCALENDAR"))


def _event(facts: PageFacts, one: IncidentFacts) -> Iterator[str]:
    modified_at = _modified_at(one)
    address = facts.profile.absolute(f"incidents/{one.public_id}")
    yield "BEGIN:VEVENT"
    yield f"UID:{_uid(facts.public_id, one.public_id)}"
    yield f"DTSTAMP:{_utc(modified_at)}"
    yield f"CREATED:{_utc(one.published_at)}"
    yield f"LAST-MODIFIED:{_utc(modified_at)}"
    yield f"SEQUENCE:{_sequence(one)}"
    yield f"DTSTART:{_utc(one.begins_at)}"
    if one.scheduled_until and one.scheduled_until > one.begins_at:  # an end must lie after the start
        yield f"DTEND:{_utc(one.scheduled_until)}"
    original = facts.profile.original
    yield f"SUMMARY{_language(one, original)}:{_text(one.name)}"
    yield f"DESCRIPTION:{_text(_description(one, address, original))}"
    yield f"URL:{address}"
    yield f"STATUS:{'CANCELLED' if one.is_withdrawn else 'CONFIRMED'}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _language(one: IncidentFacts, original: str) -> str:
    """RFC 5545 §3.2.10, for a title that is in another language than the calendar."""
    return f";LANGUAGE={original}" if is_foreign(one, "name", original) else ""


def _description(one: IncidentFacts, address: str, original: str) -> str:
    latest = one.updates[0] if one.updates else None
    parts = [
        fallback_words(original) if latest and is_foreign(latest, "html", original) else "",
        plain_text(latest.html) if latest else "",
        *_advice(one, original),
        _("Concerns: %(components)s") % {"components": listed([component.name for component in one.affected])}
        if one.affected
        else "",
        address,
    ]
    return "\n\n".join(filter(None, parts))


def _advice(one: IncidentFacts, original: str) -> Iterator[str]:
    """What to do meanwhile, as long as that helps."""
    if one.advice and not one.is_over:
        yield _("What to do meanwhile")
        if is_foreign(one, "advice", original):
            yield fallback_words(original)
        yield plain_text(render_markdown(one.advice))


def _modified_at(one: IncidentFacts) -> datetime:
    return max([one.published_at, one.updated_at, *(said.at for said in one.updates[:1])])


def _sequence(one: IncidentFacts) -> int:
    """Rises with every change, without anybody counting: the seconds from publication to the newest change."""
    return int((_modified_at(one) - one.published_at).total_seconds())


def _leaves_at(one: IncidentFacts) -> datetime:
    """When it is too long ago to be shown."""
    return (one.scheduled_until or one.begins_at) + KEPT_FOR


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
