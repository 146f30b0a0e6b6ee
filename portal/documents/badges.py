"""Badges: the state of a page or a component as a small picture, and as data for shields.io."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import lru_cache
from unicodedata import combining, east_asian_width
from xml.sax.saxutils import escape, quoteattr

from incidents.models import Component
from portal.board.board import page_status
from portal.documents.document import JSON
from portal.documents.spec import DocumentSpec, RenderedDocument
from portal.facts.page import PageFacts
from portal.facts.profile import PageProfile
from portal.html.xml_text import without_controls

SVG = "image/svg+xml; charset=utf-8"
CACHED_FOR = 300  # seconds; shields.io keeps none for less
HEIGHT = 20
MARGIN = 7
LONGEST = 60  # characters of a label
FITTING = "\u0250"  # the end of the Latin letters

# The light tones of tokens.css: a picture inherits no style sheet. White is readable on each of them.
GROUND = "#46525f"
COLOURS = {
    "operational": "#0a655e",
    "under_maintenance": "#45409f",
    "degraded_performance": "#7a4d00",
    "partial_outage": "#a6310c",
    "major_outage": "#97270a",
}
OUTAGES = frozenset({"partial_outage", "major_outage"})
# Widths in Verdana at 11 pixels, roughly; the text is then fitted exactly into what was computed.
NARROW = {**dict.fromkeys("fijlrtI .,:;'|![]()-/", 4.4), **dict.fromkeys("mwMW%@", 10.4)}


def badge_documents(facts: PageFacts) -> Iterator[DocumentSpec]:
    """A picture and the data of it for the page and for each of its components."""
    profile = facts.profile
    yield from _pair(profile, "", profile.name, page_status(facts).state)
    for component in facts.components:
        yield from _pair(profile, f"components/{component.public_id}/", component.name, component.status, is_lazy=True)


def _pair(profile: PageProfile, path: str, name: str, status: str, *, is_lazy: bool = False) -> Iterator[DocumentSpec]:
    label = without_controls(name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…")
    source, path = (profile.language, label, status), f"{profile.root}{path}badge."
    yield DocumentSpec(
        f"{path}svg", profile, source, _renderer(picture, label, status), SVG, is_open=True, is_lazy=is_lazy
    )
    yield DocumentSpec(
        f"{path}json", profile, source, _renderer(endpoint, label, status), JSON, is_open=True, is_lazy=is_lazy
    )


def _renderer(write: Callable[[str, str], str], label: str, status: str) -> Callable[[datetime], RenderedDocument]:
    return lambda now: RenderedDocument(write(label, status))


def endpoint(label: str, status: str) -> str:
    """The schema of shields.io/badges/endpoint-badge. An outage is marked as an error: its colour stays as it is."""
    badge = {"schemaVersion": 1, "label": label, "message": _words(status), "color": COLOURS[status].removeprefix("#")}
    if status in OUTAGES:
        badge["isError"] = True
    return json.dumps({**badge, "cacheSeconds": CACHED_FOR}, ensure_ascii=False)


def picture(label: str, status: str) -> str:
    """A flat badge. What it says is its title, for those who do not see it."""
    words = _words(status)
    label_width, words_width = (round(width_of(text)) + 2 * MARGIN for text in (label, words))
    title = f"{label}: {words}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{label_width + words_width}" height="{HEIGHT}"'
        f' viewBox="0 0 {label_width + words_width} {HEIGHT}" role="img" aria-label={quoteattr(title)}>'
        f"<title>{escape(title)}</title>"
        f'<rect width="{label_width + words_width}" height="{HEIGHT}" rx="3" fill="{COLOURS[status]}"/>'
        f'<rect width="{label_width}" height="{HEIGHT}" rx="3" fill="{GROUND}"/>'
        f'<rect x="{label_width - 3}" width="3" height="{HEIGHT}" fill="{GROUND}"/>'
        '<g fill="#fff" text-anchor="middle" font-family="Verdana,Geneva,DejaVu Sans,sans-serif" font-size="11">'
        f"{_line(label, label_width / 2)}{_line(words, label_width + words_width / 2)}</g></svg>"
    )


def _line(text: str, middle: float) -> str:
    """Fitted into what was computed; not so in scripts whose letters join, which fitting would tear apart."""
    fitted = f' textLength="{round(width_of(text))}"' if all(sign < FITTING for sign in text) else ""
    return f'<text x="{middle:g}" y="14"{fitted}>{escape(text)}</text>'


def _words(status: str) -> str:
    return str(Component.Status(status).label)


@lru_cache(maxsize=2000)
def width_of(text: str) -> float:
    """Roughly, in Verdana at 11 pixels."""
    return sum(_sign_width(sign) for sign in text)


@lru_cache(maxsize=2000)
def _sign_width(sign: str) -> float:
    if combining(sign):
        return 0
    return NARROW.get(sign) or (11 if east_asian_width(sign) in "WF" else 8 if sign.isupper() else 7)
