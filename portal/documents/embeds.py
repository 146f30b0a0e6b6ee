"""Widgets: what other web sites and mails show of a page. A script that draws an element, what it reads, a frame and a
picture for where no script may run, and the page on which marketing puts them together.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr
from zoneinfo import ZoneInfo

from csp.constants import SELF
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from incidents.models import Component, Incident
from portal.board.board import OPERATIONAL, groups_of, page_status
from portal.documents.badges import COLOURS, SVG, width_of
from portal.documents.document import JSON, LASTING
from portal.documents.spec import Context, DocumentSpec, RenderedDocument, page_document
from portal.facts.page import ComponentFacts, GroupFacts, IncidentFacts, PageFacts
from portal.facts.profile import PageProfile
from portal.html.dates import moment_words
from portal.html.sentences import sentence
from portal.html.xml_text import without_controls

SCRIPT = "text/javascript; charset=utf-8"
# Seconds until a widget asks again: while something is going on, and otherwise.
SOON, LATER = 15, 60
AHEAD = 3  # planned works that widgets are told of
# The colours of the element, of those that all pages have.
TOKENS = (
    *("sheet", "ink", "line", "edge", "focus", "good", "good-wash", "warn", "warn-wash", "bad", "bad-wash"),
    *("worst", "plan", "plan-wash"),
)
# What only people read of the script, who find it in its source.
REMARK = re.compile(r"^\s*//.*\n|^[ \t]+|[ \t]+//.*$|/\*.*?\*/", re.MULTILINE)
TOKEN = re.compile(rf"--(?:{'|'.join(TOKENS)}): light-dark\([^;]+;")
# The picture, in pixels: its least width, its margins, and the lines' sizes and feet.
LEAST_WIDTH, MARGIN = 320, 20
LINES = ((13, 30), (20, 58), (13, 84))


def embed_documents(facts: PageFacts) -> Iterator[DocumentSpec]:
    """Everything below /embed/ of a page that everybody may read."""
    profile = facts.profile
    catalogue = (profile, facts.groups, facts.components)
    yield replace(_open(profile, "status.js", (script(),), script, SCRIPT), caching=LASTING)
    yield _open(profile, "summary.json", (facts,), lambda: _dumped(summary(facts)), JSON)
    yield replace(_open(profile, "components.json", catalogue, lambda: _dumped(names(facts)), JSON), is_lazy=True)
    yield replace(_open(profile, "banner.svg", (facts,), lambda: banner(facts), SVG), is_lazy=True)
    yield replace(_page(facts, "frame", (facts,)), policy=(("frame-ancestors", (SELF, *facts.embed_origins)),))
    yield replace(_page(facts, "preview", (*catalogue, facts.embed_origins)), policy=(("frame-src", (SELF,)),))


def _open(
    profile: PageProfile, name: str, source: tuple[object, ...], write: Callable[[], str], content_type: str
) -> DocumentSpec:
    return DocumentSpec(
        f"{profile.root}embed/{name}",
        profile,
        source,
        lambda now: RenderedDocument(write()),
        content_type,
        is_open=True,
    )


def _page(facts: PageFacts, name: str, source: tuple[object, ...]) -> DocumentSpec:
    def view(now: datetime) -> tuple[Context, None]:
        return {"overall": page_status(facts), "groups": groups_of(facts), "origins": facts.embed_origins}, None

    profile = facts.profile
    spec = page_document(f"{profile.root}embed/{name}", f"embed/{name}.html", profile, source, view)
    return replace(spec, is_lazy=True)


def _dumped(content: Mapping[str, object]) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


# -- the element ------------------------------------------------------------------------------------------------------


@cache
def script() -> str:
    """The element's script without its remarks, with the colours of tokens.css: elsewhere there is no sheet of ours."""
    tokens = TOKEN.findall(Path(str(finders.find("css/tokens.css"))).read_text(encoding="utf-8"))
    return REMARK.sub("", render_to_string("embed/status.js", {"tokens": " ".join(tokens)}))


def summary(facts: PageFacts) -> dict[str, object]:
    """All that the element shows, but for the names of what works: its words too, so that it speaks every language."""
    profile, overall = facts.profile, page_status(facts)
    unresolved = [incident for incident in facts.incidents if not incident.is_over]
    ahead = [incident for incident in reversed(unresolved) if incident.is_ahead][:AHEAD]
    current = [incident for incident in unresolved if not incident.is_ahead]
    return {
        "page": {
            "id": facts.public_id,
            "name": profile.name,
            "url": profile.absolute(),
            "language": profile.language,
            "direction": "rtl" if get_language_bidi() else "ltr",
            "languages": {language.code: language.root for language in profile.languages},
        },
        "updated_at": _iso(facts.updated_at),
        "as_of": None,  # a moment while our own records cannot be reached, see portal.publishing.edition
        "ask_again": SOON if current else LATER,
        "status": {
            "indicator": overall.indicator,
            "state": overall.state,
            "description": overall.description,
            "sentence": sentence(overall),
        },
        "incidents": [_incident(incident, profile) for incident in current if not incident.is_planned],
        "maintenances": [
            _maintenance(incident, profile)
            for incident in (*(incident for incident in current if incident.is_planned), *ahead)
        ],
        "components": [
            _component(component, facts) for component in facts.components if component.status != OPERATIONAL.state
        ],
        "texts": {
            "label": _("Service status of %(page)s") % {"page": profile.name},
            "states": {status.value: str(status.label) for status in Component.Status},
            "began": _("began {age}"),
            "begins": _("begins {age}"),
            "ahead": _("Planned work ahead"),
            "as_of": _("As of {age}. We cannot get newer news right now."),
            "dismiss": _("Dismiss"),
        },
    }


def names(facts: PageFacts) -> dict[str, object]:
    """The components that are shown even while they work, in the page's order."""
    groups: list[GroupFacts | None] = [None, *facts.groups]
    components = [
        {"id": component.public_id, "name": _full_name(component, group)}
        for group in groups
        for component in facts.components
        if component.group_id == (group.public_id if group else "") and not component.only_if_degraded
    ]
    return {"components": components}


def _incident(incident: IncidentFacts, profile: PageProfile) -> dict[str, object]:
    return {**_particulars(incident, profile), "impact": incident.impact}


def _maintenance(incident: IncidentFacts, profile: PageProfile) -> dict[str, object]:
    return {
        **_particulars(incident, profile),
        "under_way": not incident.is_ahead,
        "ends_at": _iso(incident.scheduled_until) if incident.scheduled_until else None,
    }


def _particulars(incident: IncidentFacts, profile: PageProfile) -> dict[str, object]:
    return {
        "id": incident.public_id,
        "name": incident.name,
        "status": incident.status,
        "words": str(Incident.Status(incident.status).label),
        "url": profile.absolute(f"incidents/{incident.public_id}"),
        "starts_at": _iso(incident.shown_at),
        "updated_at": _iso(incident.updated_at),
        "components": [component.public_id for component in incident.affected],
    }


def _component(component: ComponentFacts, facts: PageFacts) -> dict[str, object]:
    group = next((group for group in facts.groups if group.public_id == component.group_id), None)
    return {"id": component.public_id, "name": _full_name(component, group), "status": component.status}


def _full_name(component: ComponentFacts, group: GroupFacts | None) -> str:
    return f"{group.name} – {component.name}" if group else component.name


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# -- the picture ------------------------------------------------------------------------------------------------------


def banner(facts: PageFacts) -> str:
    """The page's state in a sentence and since when, for places that show pictures only. What it says is its title."""
    words = _words_of(facts)
    lines = list(zip(words, LINES, strict=False))
    width = max(LEAST_WIDTH, *(round(width_of(text) * size / 11) + 2 * MARGIN for text, (size, _foot) in lines))
    height = lines[-1][1][1] + MARGIN
    title = ". ".join(words)
    start = f'x="{width - MARGIN}" direction="rtl"' if get_language_bidi() else f'x="{MARGIN}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        f' role="img" aria-label={quoteattr(title)}><title>{escape(title)}</title>'
        f'<rect width="{width}" height="{height}" rx="6" fill="{COLOURS[page_status(facts).state]}"/>'
        '<g fill="#fff" font-family="Verdana,Geneva,DejaVu Sans,sans-serif">'
        + "".join(f'<text {start} y="{foot}" font-size="{size}">{escape(text)}</text>' for text, (size, foot) in lines)
        + "</g></svg>"
    )


def _words_of(facts: PageFacts) -> list[str]:
    profile = facts.profile
    starts = [incident.shown_at for incident in facts.incidents if not incident.is_over and not incident.is_ahead]
    words = [without_controls(profile.name), sentence(page_status(facts))]
    if starts:
        since = moment_words(min(starts).astimezone(ZoneInfo(profile.zone)), "short")
        words.append(_("Since %(moment)s") % {"moment": since})
    return words
