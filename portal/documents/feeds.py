"""Feeds for readers and chat rooms: the history with an entry per incident, and a feed with an entry per update.

Most readers announce an entry once, by its id: that is why both kinds exist. Ids are made of public ids only, so they
survive a new name, address or language. A feed's own `updated` is that of its newest entry.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import escape, quoteattr
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from incidents.models import Incident
from incidents.text.markdown import render_markdown
from portal.documents.spec import DocumentSpec, RenderedDocument
from portal.facts.page import ComponentFacts, IncidentFacts, PageFacts, UpdateFacts
from portal.facts.profile import PRODUCT, PageProfile
from portal.html.dates import moment_words
from portal.html.fallback_language import with_language_note
from portal.html.xml_text import without_controls

ATOM = "application/atom+xml; charset=utf-8"
RSS = "application/rss+xml; charset=utf-8"
MOST_ENTRIES = 50
MOST_UPDATES = 100
DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'


def feed_documents(facts: PageFacts) -> Iterator[DocumentSpec]:
    """Every feed of a page: its history twice, its updates, and the history of each component."""
    pen = Pen(facts)
    recent = _most_recent(facts.incidents)
    yield _document("history.atom", pen, recent, lambda feed: pen.atom(feed, pen.incident_entries(recent)))
    yield _document("history.rss", pen, recent, lambda feed: pen.rss(feed, recent), content_type=RSS)
    with_updates = tuple(incident for incident in recent if incident.updates)
    yield _document("updates.atom", pen, with_updates, lambda feed: pen.atom(feed, pen.updates(with_updates)))
    by_component = _by_component(facts.incidents)
    for component in facts.components:
        yield _component_document(component, pen, _most_recent(by_component[component.public_id]))


@dataclass(frozen=True)
class Feed:
    """One feed's own particulars."""

    path: str
    urn: str
    title: str
    updated_at: datetime


def _document(
    path: str, pen: "Pen", incidents: tuple[IncidentFacts, ...], write: Callable[[Feed], str], content_type: str = ATOM
) -> DocumentSpec:
    facts = pen.facts

    def render(now: datetime) -> RenderedDocument:
        title = _("%(page)s: updates") if path == "updates.atom" else _("%(page)s: history")
        urn = _urn(facts.public_id, path.partition(".")[0])
        feed = Feed(path, urn, title % {"page": facts.profile.name}, _updated_at(incidents, facts.created_at))
        return RenderedDocument(write(feed), changed_at=_changed_at(incidents, facts.changed_at))

    source = (facts.profile, facts.public_id, facts.changed_at, incidents)
    return DocumentSpec(facts.profile.root + path, facts.profile, source, render, content_type, is_open=True)


def _component_document(component: ComponentFacts, pen: "Pen", incidents: tuple[IncidentFacts, ...]) -> DocumentSpec:
    facts = pen.facts
    path = f"components/{component.public_id}/history.atom"

    def render(now: datetime) -> RenderedDocument:
        title = _("%(page)s: history of %(component)s") % {"page": facts.profile.name, "component": component.name}
        feed = Feed(path, _urn(facts.public_id, path), title, _updated_at(incidents, component.created_at))
        changed_at = _changed_at(incidents, max(facts.changed_at, component.updated_at))
        return RenderedDocument(pen.atom(feed, pen.incident_entries(incidents)), changed_at=changed_at)

    source = (facts.profile, facts.changed_at, component.name, component.updated_at, incidents)
    return DocumentSpec(facts.profile.root + path, facts.profile, source, render, ATOM, is_open=True, is_lazy=True)


class Pen:
    """Writes one page's feeds; an entry that several of them hold is written once."""

    def __init__(self, facts: PageFacts) -> None:
        self.facts = facts
        self._zone = ZoneInfo(facts.profile.zone)
        self._written_entries: dict[int, str] = {}
        self._labels: dict[str, str] = {}

    @property
    def _profile(self) -> PageProfile:
        return self.facts.profile

    def atom(self, feed: Feed, texts: Iterable[str]) -> str:
        return without_controls(
            f'{DECLARATION}<feed xmlns="http://www.w3.org/2005/Atom" xml:lang={quoteattr(self._profile.language)}>\n'
            f"<id>{feed.urn}</id>\n"
            f"<title>{escape(feed.title)}</title>\n"
            f"<updated>{_atom_time(feed.updated_at)}</updated>\n"
            f'<link rel="self" type="application/atom+xml" href={quoteattr(self._profile.absolute(feed.path))}/>\n'
            f'<link rel="alternate" type="text/html" href={quoteattr(self._front)}/>\n'
            f"<author><name>{escape(self._profile.name)}</name></author>\n"
            f"<generator>{PRODUCT}</generator>\n"
            f"{''.join(texts)}</feed>\n"
        )

    def rss(self, feed: Feed, incidents: Iterable[IncidentFacts]) -> str:
        address = quoteattr(self._profile.absolute(feed.path))
        return without_controls(
            f'{DECLARATION}<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom">\n<channel>\n'
            f"<title>{escape(feed.title)}</title>\n"
            f"<link>{escape(self._front)}</link>\n"
            f"<description>{escape(self._profile.description or feed.title)}</description>\n"
            f"<language>{escape(self._profile.language)}</language>\n"
            f"<lastBuildDate>{_rss_time(feed.updated_at)}</lastBuildDate>\n"
            f"<generator>{PRODUCT}</generator>\n"
            f'<atom:link rel="self" type="application/rss+xml" href={address}/>\n'
            f"{''.join(self._incident_item(incident) for incident in incidents)}</channel>\n</rss>\n"
        )

    def incident_entries(self, incidents: Iterable[IncidentFacts]) -> Iterator[str]:
        """One Atom entry per incident."""
        for incident in incidents:
            if incident.key not in self._written_entries:
                self._written_entries[incident.key] = self._incident_entry(incident)
            yield self._written_entries[incident.key]

    def updates(self, incidents: Iterable[IncidentFacts]) -> Iterator[str]:
        """One Atom entry per update, newest first."""
        pairs = ((update, incident) for incident in incidents for update in incident.updates)
        for update, incident in sorted(pairs, key=lambda pair: (pair[0].at, pair[0].key), reverse=True)[:MOST_UPDATES]:
            yield self._update(update, incident)

    def _incident_entry(self, incident: IncidentFacts) -> str:
        terms = "".join(f'<category term="{term}"/>\n' for term in (incident.kind, incident.status, incident.impact))
        return (
            f"<entry>\n<id>{_urn(self.facts.public_id, incident.public_id)}</id>\n"
            f"<title>{escape(incident.name)}</title>\n"
            f"<published>{_atom_time(_began_at(incident))}</published>\n"
            f"<updated>{_atom_time(_moved_at(incident))}</updated>\n"
            f'<link rel="alternate" type="text/html" href={quoteattr(self._address(incident))}/>\n'
            f'{terms}<content type="html">{escape(self._content(incident))}</content>\n</entry>\n'
        )

    def _update(self, update: UpdateFacts, incident: IncidentFacts) -> str:
        title = f"[{self._label(incident.word_for(update.status))}] {incident.name}"
        body = self._window(incident) + with_language_note(
            update, "html", update.html, self._profile.original, self._profile.language
        )
        return (
            f"<entry>\n<id>{_urn(self.facts.public_id, incident.public_id, update.public_id)}</id>\n"
            f"<title>{escape(title)}</title>\n"
            f"<published>{_atom_time(update.at)}</published>\n"
            f"<updated>{_atom_time(update.at)}</updated>\n"
            f'<link rel="alternate" type="text/html" href={quoteattr(self._address(incident))}/>\n'
            f'<category term="{incident.kind}"/>\n<category term="{update.status}"/>\n'
            f'<content type="html">{escape(body)}</content>\n</entry>\n'
        )

    def _incident_item(self, incident: IncidentFacts) -> str:
        return (
            f"<item>\n<title>{escape(incident.name)}</title>\n"
            f"<link>{escape(self._address(incident))}</link>\n"
            f'<guid isPermaLink="false">{_urn(self.facts.public_id, incident.public_id)}</guid>\n'
            f"<pubDate>{_rss_time(_began_at(incident))}</pubDate>\n"
            f"<description>{escape(self._content(incident))}</description>\n</item>\n"
        )

    def _content(self, incident: IncidentFacts) -> str:
        """What to do meanwhile, and everything that was said, newest first, as HTML."""
        return (
            self._window(incident)
            + self._advice(incident)
            + "".join(self._update_html(update, incident) for update in incident.updates)
        )

    def _advice(self, incident: IncidentFacts) -> str:
        """As on its page: while it helps."""
        if incident.is_over or not incident.advice:
            return ""
        title = _("What to do meanwhile")
        text = with_language_note(incident, "advice", render_markdown(incident.advice), self._profile.original)
        return f"<p><strong>{escape(title)}</strong></p>{text}"

    def _update_html(self, update: UpdateFacts, incident: IncidentFacts) -> str:
        words = " · ".join(
            [self._label(incident.word_for(update.status)), *([_("Correction")] if update.corrects else ())]
        )
        body = with_language_note(update, "html", update.html, self._profile.original, self._profile.language)
        return f"<p><small>{escape(self._moment(update.at))}</small><br><strong>{escape(words)}</strong></p>{body}"

    def _label(self, status: str) -> str:
        if status not in self._labels:
            self._labels[status] = _("Cancelled") if status == "cancelled" else str(Incident.Status(status).label)
        return self._labels[status]

    def _window(self, incident: IncidentFacts) -> str:
        if incident.scheduled_for is None or incident.scheduled_until is None:
            return ""
        window = {"start": self._moment(incident.scheduled_for), "end": self._moment(incident.scheduled_until)}
        sentence = _("Planned from %(start)s until %(end)s.") % window
        return f"<p>{escape(sentence)}</p>"

    def _moment(self, moment: datetime) -> str:
        return moment_words(moment.astimezone(self._zone), language=self._profile.language)

    @property
    def _front(self) -> str:
        return self._profile.absolute() + "/"

    def _address(self, incident: IncidentFacts) -> str:
        return self._profile.absolute(f"incidents/{incident.public_id}")


def _urn(*parts: str) -> str:
    return uuid5(NAMESPACE_URL, f"makegood:{'/'.join(parts)}").urn


def _began_at(incident: IncidentFacts) -> datetime:
    return incident.updates[-1].at if incident.updates else incident.published_at


def _moved_at(incident: IncidentFacts) -> datetime:
    """When it was last spoken of."""
    return incident.updates[0].at if incident.updates else incident.published_at


def _most_recent(incidents: Iterable[IncidentFacts]) -> tuple[IncidentFacts, ...]:
    """Those last spoken of: a word on something old must not fall behind the end of the feed."""
    return tuple(
        sorted(incidents, key=lambda incident: (_moved_at(incident), incident.key), reverse=True)[:MOST_ENTRIES]
    )


def _by_component(incidents: Iterable[IncidentFacts]) -> dict[str, list[IncidentFacts]]:
    """Also those that only an update named: what was once told of a component stays in its feed."""
    by_component = defaultdict(list)
    for incident in incidents:
        codes = {component.public_id for component in incident.affected}
        codes.update(component.public_id for update in incident.updates for component in update.affected or ())
        for code in codes:
            by_component[code].append(incident)
    return by_component


def _updated_at(incidents: tuple[IncidentFacts, ...], made_at: datetime) -> datetime:
    return _moved_at(incidents[0]) if incidents else made_at


def _changed_at(incidents: tuple[IncidentFacts, ...], page_changed_at: datetime) -> datetime:
    """Besides what was said, titles and plans may change."""
    return max([page_changed_at, *(max(incident.updated_at, _moved_at(incident)) for incident in incidents)])


def _atom_time(moment: datetime) -> str:
    """RFC 3339, in UTC, to the second."""
    return moment.astimezone(UTC).isoformat()[: len("2024-12-20T16:44:00")] + "Z"


def _rss_time(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), usegmt=True)
