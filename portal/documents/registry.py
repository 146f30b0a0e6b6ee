"""Which public documents a page has, and what each is drawn from."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from portal.board.board import RECENT_DAYS, Month, board_at, first_of_day, months_of, years_of
from portal.board.timeline import incident_at
from portal.board.uptime import next_look
from portal.documents.badges import badge_documents
from portal.documents.brand import brand_documents
from portal.documents.calendar import calendar_document
from portal.documents.embeds import embed_documents
from portal.documents.feeds import feed_documents
from portal.documents.incident import incident_document
from portal.documents.month import month_documents
from portal.documents.reports import report_documents
from portal.documents.spec import Context, DocumentSpec, page_document
from portal.documents.statuspage_v2 import api_documents
from portal.documents.uptime import bars_of, uptime_documents
from portal.facts.page import PageFacts
from portal.facts.profile import PageProfile
from portal.facts.translated import in_all_languages

TimedContext = tuple[Context, datetime | None]


def default_documents_of(pages: Iterable[PageFacts], now: datetime) -> Iterator[DocumentSpec]:
    """Every document of some pages in their default languages."""
    for facts in pages:
        yield from documents_of(facts, now)


def translated_documents_of(pages: Iterable[PageFacts], now: datetime) -> Iterator[DocumentSpec]:
    """The same in their other languages."""
    for facts in pages:
        for translation in in_all_languages(facts)[1:]:
            yield from documents_of(translation, now)


def documents_of(facts: PageFacts, now: datetime) -> Iterator[DocumentSpec]:
    """Every document of a page in one language. Old months and incidents are seldom read, one component's documents
    too. What programs and browsers find at the page's home only, such as the Statuspage API, is not drawn again."""
    months = months_of(facts, now)
    old = now - timedelta(days=RECENT_DAYS)
    yield _status(facts, months)
    yield _maintenance(facts)
    yield _history(facts, months)
    yield from month_documents(facts, now, months)
    for incident in facts.incidents:
        is_lazy = incident.is_over and max(incident.shown_at, incident.updated_at) < old
        yield incident_document(facts.profile, incident, is_lazy=is_lazy)
    yield from report_documents(facts)
    yield calendar_document(facts)
    yield from feed_documents(facts)
    if facts.profile.is_default_language:
        yield from api_documents(facts)
        yield from brand_documents(facts)
    yield from badge_documents(facts)
    yield from uptime_documents(facts, now)
    if facts.profile.is_public:
        yield from embed_documents(facts)


def _status(facts: PageFacts, months: tuple[Month, ...]) -> DocumentSpec:
    profile = facts.profile

    def view(now: datetime) -> TimedContext:
        board = board_at(facts, now)
        context: Context = {"board": board, "bars": bars_of(facts, now), "months": months[:6]}
        return context, next_look(facts.records, now, board.valid_until)

    return page_document(profile.root, "public/status.html", profile, (facts,), view)


def _maintenance(facts: PageFacts) -> DocumentSpec:
    profile = facts.profile
    planned = tuple(incident for incident in facts.incidents if incident.is_planned)

    def view(now: datetime) -> TimedContext:
        views = [incident_at(incident, now) for incident in planned]
        ahead = [view for view in reversed(views) if view.facts.is_ahead]
        context: Context = {
            "under_way": [view for view in views if not view.facts.is_ahead and not view.facts.is_over],
            "planned": ahead,
            "past": [view for view in views if view.facts.is_over],
        }
        return context, min((view.valid_until for view in views if view.valid_until), default=None)

    return page_document(f"{profile.root}maintenance", "public/maintenance.html", profile, (profile, planned), view)


def _history(facts: PageFacts, months: tuple[Month, ...]) -> DocumentSpec:
    profile = facts.profile
    counts = tuple((month.first, len(month.incidents)) for month in months)

    def view(now: datetime) -> TimedContext:
        return {"years": years_of(months)}, _month_after(now, profile)

    return page_document(f"{profile.root}history", "public/history.html", profile, (profile, counts), view)


def _month_after(now: datetime, profile: PageProfile) -> datetime:
    first = first_of_day(now, ZoneInfo(profile.zone)).replace(day=1)
    return first_of_day(first + timedelta(days=32), ZoneInfo(profile.zone)).replace(day=1)
