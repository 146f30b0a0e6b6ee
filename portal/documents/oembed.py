"""oEmbed 1.0: what other programs show where somebody pastes the address of a page or of an incident."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.template.loader import render_to_string
from django.utils import translation

from incidents.models import Incident
from portal.board.board import page_status
from portal.documents.spec import Context
from portal.facts.page import IncidentFacts, PageFacts
from portal.facts.translated import in_all_languages

WIDTH, HEIGHT = 480, 160
CACHED_FOR = 60  # seconds


@dataclass(frozen=True)
class Found:
    """What an address leads to: a page, or one of its disruptions."""

    facts: PageFacts
    incident: IncidentFacts | None = None


def find(pages: Iterable[PageFacts], url: str) -> Found | None:
    """What stands at this address of ours; None for anything else, of other sites too."""
    try:
        asked = urlsplit(url)
    except ValueError:
        return None
    if asked.scheme not in {"http", "https"}:
        return None
    spoken = [one for facts in pages if _is_of(facts, asked.netloc) for one in in_all_languages(facts)]
    # The longest root first: the default page's is the beginning of all others.
    for facts in sorted(spoken, key=lambda one: len(one.profile.root), reverse=True):
        root, path = facts.profile.root, asked.path or "/"
        if path.rstrip("/") == root.rstrip("/"):
            return Found(facts)
        if path.startswith(f"{root}incidents/"):
            public_id = path.removeprefix(f"{root}incidents/").rstrip("/")
            incident = next((one for one in facts.incidents if one.public_id == public_id), None)
            return Found(facts, incident) if incident else None
    return None


def _is_of(facts: PageFacts, netloc: str) -> bool:
    return netloc.lower() == urlsplit(facts.profile.origin).netloc.lower()


def describe(found: Found, *, most_wide: int | None = None, most_high: int | None = None) -> dict[str, object]:
    """The rich type, with HTML that needs neither script nor style; no larger than was asked for."""
    profile = found.facts.profile
    address = profile.absolute(f"incidents/{found.incident.public_id}") if found.incident else profile.absolute() + "/"
    with translation.override(profile.language):
        words = Incident.Status(found.incident.status).label if found.incident else ""
        context: Context = {"page": profile, "one": found.incident, "words": words, "address": address}
        context["overall"] = page_status(found.facts)
        html = render_to_string("public/_oembed.html", context).strip()
    return {
        "version": "1.0",
        "type": "rich",
        "title": f"{found.incident.name} · {profile.name}" if found.incident else profile.name,
        "author_name": profile.name,
        "author_url": profile.absolute() + "/",
        "provider_name": profile.name,
        "provider_url": profile.absolute() + "/",
        "cache_age": CACHED_FOR,
        "html": html,
        "width": min(WIDTH, most_wide or WIDTH),
        "height": min(HEIGHT, most_high or HEIGHT),
    }
