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
class Target:
    """What an address leads to: a page, or one of its incidents."""

    facts: PageFacts
    incident: IncidentFacts | None = None


def find(pages: Iterable[PageFacts], url: str) -> Target | None:
    """What stands at this address of ours; None for anything else, of other sites too."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"}:
        return None
    translations = [facts for page in pages if _is_of(page, parts.netloc) for facts in in_all_languages(page)]
    # The longest root first: the default page's is the beginning of all others.
    for facts in sorted(translations, key=lambda facts: len(facts.profile.root), reverse=True):
        root, path = facts.profile.root, parts.path or "/"
        if path.rstrip("/") == root.rstrip("/"):
            return Target(facts)
        if path.startswith(f"{root}incidents/"):
            public_id = path.removeprefix(f"{root}incidents/").rstrip("/")
            incident = next((incident for incident in facts.incidents if incident.public_id == public_id), None)
            return Target(facts, incident) if incident else None
    return None


def _is_of(facts: PageFacts, netloc: str) -> bool:
    return netloc.lower() == urlsplit(facts.profile.origin).netloc.lower()


def describe(target: Target, *, most_wide: int | None = None, most_high: int | None = None) -> dict[str, object]:
    """The rich type, with HTML that needs neither script nor style; no larger than was asked for."""
    profile = target.facts.profile
    address = (
        profile.absolute(f"incidents/{target.incident.public_id}") if target.incident else profile.absolute() + "/"
    )
    with translation.override(profile.language):
        words = Incident.Status(target.incident.status).label if target.incident else ""
        context: Context = {"page": profile, "one": target.incident, "words": words, "address": address}
        context["overall"] = page_status(target.facts)
        html = render_to_string("public/_oembed.html", context).strip()
    return {
        "version": "1.0",
        "type": "rich",
        "title": f"{target.incident.name} · {profile.name}" if target.incident else profile.name,
        "author_name": profile.name,
        "author_url": profile.absolute() + "/",
        "provider_name": profile.name,
        "provider_url": profile.absolute() + "/",
        "cache_age": CACHED_FOR,
        "html": html,
        "width": min(WIDTH, most_wide or WIDTH),
        "height": min(HEIGHT, most_high or HEIGHT),
    }
