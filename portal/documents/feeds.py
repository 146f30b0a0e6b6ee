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
from portal.html.dates import written
from portal.html.fallback_language import told
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
    yield _sheet("history.atom", pen, recent, lambda feed: pen.atom(feed, pen.entries(recent)))
    yield _sheet("history.rss", pen, recent, lambda feed: pen.rss(feed, recent), content_type=RSS)
    spoken = tuple(one for one in recent if one.updates)
    yield _sheet("updates.atom", pen, spoken, lambda feed: pen.atom(feed, pen.updates(spoken)))
    concerned = _by_component(facts.incidents)
    for component in facts.components:
        yield _component_sheet(component, pen, _most_recent(concerned[component.public_id]))


@dataclass(frozen=True)
class Feed:
    """One feed's own particulars."""

    path: str
    urn: str
    title: str
    updated_at: datetime


def _sheet(
    path: str, pen: "Pen", shown: tuple[IncidentFacts, ...], write: Callable[[Feed], str], content_type: str = ATOM
) -> DocumentSpec:
    facts = pen.facts

    def draw(now: datetime) -> RenderedDocument:
        title = _("%(page)s: updates") if path == "updates.atom" else _("%(page)s: history")
        urn = _urn(facts.public_id, path.partition(".")[0])
        feed = Feed(path, urn, title % {"page": facts.profile.name}, _updated_at(shown, facts.created_at))
        return RenderedDocument(write(feed), changed_at=_changed_at(shown, facts.changed_at))

    source = (facts.profile, facts.public_id, facts.changed_at, shown)
    return DocumentSpec(facts.profile.root + path, facts.profile, source, draw, content_type, is_open=True)


def _component_sheet(component: ComponentFacts, pen: "Pen", shown: tuple[IncidentFacts, ...]) -> DocumentSpec:
    facts = pen.facts
    path = f"components/{component.public_id}/history.atom"

    def draw(now: datetime) -> RenderedDocument:
        title = _("%(page)s: history of %(component)s") % {"page": facts.profile.name, "component": component.name}
        feed = Feed(path, _urn(facts.public_id, path), title, _updated_at(shown, component.created_at))
        changed_at = _changed_at(shown, max(facts.changed_at, component.updated_at))
        return RenderedDocument(pen.atom(feed, pen.entries(shown)), changed_at=changed_at)

    source = (facts.profile, facts.changed_at, component.name, component.updated_at, shown)
    return DocumentSpec(facts.profile.root + path, facts.profile, source, draw, ATOM, is_open=True, is_lazy=True)


class Pen:
    """Writes one page's feeds; an entry that several of them hold is written once."""

    def __init__(self, facts: PageFacts) -> None:
        self.facts = facts
        self._zone = ZoneInfo(facts.profile.zone)
        self._entries: dict[int, str] = {}
        self._labels: dict[str, str] = {}

    @property
    def _head(self) -> PageProfile:
        return self.facts.profile

    def atom(self, feed: Feed, entries: Iterable[str]) -> str:
        return without_controls(
            f'{DECLARATION}<feed xmlns="http://www.w3.org/2005/Atom" xml:lang={quoteattr(self._head.language)}>\n'
            f"<id>{feed.urn}</id>\n"
            f"<title>{escape(feed.title)}</title>\n"
            f"<updated>{_atom_time(feed.updated_at)}</updated>\n"
            f'<link rel="self" type="application/atom+xml" href={quoteattr(self._head.absolute(feed.path))}/>\n'
            f'<link rel="alternate" type="text/html" href={quoteattr(self._front)}/>\n'
            f"<author><name>{escape(self._head.name)}</name></author>\n"
            f"<generator>{PRODUCT}</generator>\n"
            f"{''.join(entries)}</feed>\n"
        )

    def rss(self, feed: Feed, incidents: Iterable[IncidentFacts]) -> str:
        address = quoteattr(self._head.absolute(feed.path))
        return without_controls(
            f'{DECLARATION}<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom">\n<channel>\n'
            f"<title>{escape(feed.title)}</title>\n"
            f"<link>{escape(self._front)}</link>\n"
            f"<description>{escape(self._head.description or feed.title)}</description>\n"
            f"<language>{escape(self._head.language)}</language>\n"
            f"<lastBuildDate>{_rss_time(feed.updated_at)}</lastBuildDate>\n"
            f"<generator>{PRODUCT}</generator>\n"
            f'<atom:link rel="self" type="application/rss+xml" href={address}/>\n'
            f"{''.join(self._item(one) for one in incidents)}</channel>\n</rss>\n"
        )

    def entries(self, incidents: Iterable[IncidentFacts]) -> Iterator[str]:
        """One Atom entry per incident."""
        for one in incidents:
            if one.key not in self._entries:
                self._entries[one.key] = self._entry(one)
            yield self._entries[one.key]

    def updates(self, incidents: Iterable[IncidentFacts]) -> Iterator[str]:
        """One Atom entry per update, newest first."""
        said = ((said, one) for one in incidents for said in one.updates)
        for update, one in sorted(said, key=lambda pair: (pair[0].at, pair[0].key), reverse=True)[:MOST_UPDATES]:
            yield self._update(update, one)

    def _entry(self, one: IncidentFacts) -> str:
        terms = "".join(f'<category term="{term}"/>\n' for term in (one.kind, one.status, one.impact))
        return (
            f"<entry>\n<id>{_urn(self.facts.public_id, one.public_id)}</id>\n"
            f"<title>{escape(one.name)}</title>\n"
            f"<published>{_atom_time(_began_at(one))}</published>\n"
            f"<updated>{_atom_time(_moved_at(one))}</updated>\n"
            f'<link rel="alternate" type="text/html" href={quoteattr(self._address(one))}/>\n'
            f'{terms}<content type="html">{escape(self._story(one))}</content>\n</entry>\n'
        )

    def _update(self, said: UpdateFacts, one: IncidentFacts) -> str:
        title = f"[{self._label(one.word_for(said.status))}] {one.name}"
        body = self._window(one) + told(said, "html", said.html, self._head.original, self._head.language)
        return (
            f"<entry>\n<id>{_urn(self.facts.public_id, one.public_id, said.public_id)}</id>\n"
            f"<title>{escape(title)}</title>\n"
            f"<published>{_atom_time(said.at)}</published>\n"
            f"<updated>{_atom_time(said.at)}</updated>\n"
            f'<link rel="alternate" type="text/html" href={quoteattr(self._address(one))}/>\n'
            f'<category term="{one.kind}"/>\n<category term="{said.status}"/>\n'
            f'<content type="html">{escape(body)}</content>\n</entry>\n'
        )

    def _item(self, one: IncidentFacts) -> str:
        return (
            f"<item>\n<title>{escape(one.name)}</title>\n"
            f"<link>{escape(self._address(one))}</link>\n"
            f'<guid isPermaLink="false">{_urn(self.facts.public_id, one.public_id)}</guid>\n'
            f"<pubDate>{_rss_time(_began_at(one))}</pubDate>\n"
            f"<description>{escape(self._story(one))}</description>\n</item>\n"
        )

    def _story(self, one: IncidentFacts) -> str:
        """What to do meanwhile, and everything that was said, newest first, as HTML."""
        return self._window(one) + self._advice(one) + "".join(self._told(said, one) for said in one.updates)

    def _advice(self, one: IncidentFacts) -> str:
        """As on its page: while it helps."""
        if one.is_over or not one.advice:
            return ""
        title = _("What to do meanwhile")
        text = told(one, "advice", render_markdown(one.advice), self._head.original)
        return f"<p><strong>{escape(title)}</strong></p>{text}"

    def _told(self, said: UpdateFacts, one: IncidentFacts) -> str:
        words = " · ".join([self._label(one.word_for(said.status)), *([_("Correction")] if said.corrects else ())])
        body = told(said, "html", said.html, self._head.original, self._head.language)
        return f"<p><small>{escape(self._written(said.at))}</small><br><strong>{escape(words)}</strong></p>{body}"

    def _label(self, status: str) -> str:
        if status not in self._labels:
            self._labels[status] = _("Cancelled") if status == "cancelled" else str(Incident.Status(status).label)
        return self._labels[status]

    def _window(self, one: IncidentFacts) -> str:
        if one.scheduled_for is None or one.scheduled_until is None:
            return ""
        window = {"start": self._written(one.scheduled_for), "end": self._written(one.scheduled_until)}
        said = _("Planned from %(start)s until %(end)s.") % window
        return f"<p>{escape(said)}</p>"

    def _written(self, moment: datetime) -> str:
        return written(moment.astimezone(self._zone), language=self._head.language)

    @property
    def _front(self) -> str:
        return self._head.absolute() + "/"

    def _address(self, one: IncidentFacts) -> str:
        return self._head.absolute(f"incidents/{one.public_id}")


def _urn(*parts: str) -> str:
    return uuid5(NAMESPACE_URL, f"makegood:{'/'.join(parts)}").urn


def _began_at(one: IncidentFacts) -> datetime:
    return one.updates[-1].at if one.updates else one.published_at


def _moved_at(one: IncidentFacts) -> datetime:
    """When it was last spoken of."""
    return one.updates[0].at if one.updates else one.published_at


def _most_recent(incidents: Iterable[IncidentFacts]) -> tuple[IncidentFacts, ...]:
    """Those last spoken of: a word on something old must not fall behind the end of the feed."""
    return tuple(sorted(incidents, key=lambda one: (_moved_at(one), one.key), reverse=True)[:MOST_ENTRIES])


def _by_component(incidents: Iterable[IncidentFacts]) -> dict[str, list[IncidentFacts]]:
    """Also those that only an update named: what was once told of a component stays in its feed."""
    concerned = defaultdict(list)
    for one in incidents:
        codes = {touched.public_id for touched in one.affected}
        codes.update(touched.public_id for said in one.updates for touched in said.affected or ())
        for code in codes:
            concerned[code].append(one)
    return concerned


def _updated_at(shown: tuple[IncidentFacts, ...], made_at: datetime) -> datetime:
    return _moved_at(shown[0]) if shown else made_at


def _changed_at(shown: tuple[IncidentFacts, ...], own: datetime) -> datetime:
    """Besides what was said, titles and plans may change."""
    return max([own, *(max(one.updated_at, _moved_at(one)) for one in shown)])


def _atom_time(moment: datetime) -> str:
    """RFC 3339, in UTC, to the second."""
    return moment.astimezone(UTC).isoformat()[: len("2024-12-20T16:44:00")] + "Z"


def _rss_time(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), usegmt=True)
