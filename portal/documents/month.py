"""One month of the history."""

from collections.abc import Iterator
from datetime import datetime
from html import escape
from itertools import groupby
from typing import NamedTuple

from portal.board.board import Month, quiet_months_of
from portal.board.timeline import IncidentView, incident_at
from portal.documents.prerendered import placeholder, prerendered
from portal.documents.spec import DocumentSpec, RenderedDocument
from portal.facts.page import PageFacts
from portal.facts.profile import PageProfile
from portal.html.dates import month as month_words
from portal.html.writer import Writer, writer_for

TEMPLATE = "public/month.html"
PATH = placeholder("address")
PLACEHOLDERS = ("name", "days", "older", "older_name", "newer", "newer_name")
# So many are drawn before anybody asks.
RECENT_MONTHS = 2


class Shape(NamedTuple):
    """What the template asks about."""

    has_days: bool
    has_older: bool
    has_newer: bool


def month_documents(facts: PageFacts, now: datetime, months: tuple[Month, ...]) -> Iterator[DocumentSpec]:
    """Those of `months` that something began in, newest first, and all quiet ones."""
    profile = facts.profile
    for number, (newer, month, older) in enumerate(zip((None, *months), months, (*months[1:], None), strict=False)):
        yield _document(profile, month, newer, older, is_lazy=number >= RECENT_MONTHS)
    for first in quiet_months_of(facts, now, months):
        newer = next((month for month in reversed(months) if month.first > first), None)
        older = next((month for month in months if month.first < first), None)
        yield _document(profile, Month(first, ()), newer, older, is_lazy=True)


def _document(
    profile: PageProfile, month: Month, newer: Month | None, older: Month | None, *, is_lazy: bool
) -> DocumentSpec:
    def render(now: datetime) -> RenderedDocument:
        views = [incident_at(incident, now) for incident in month.incidents]
        valid_until = min((view.valid_until for view in views if view.valid_until), default=None)
        return RenderedDocument(_text(profile, month, views, newer, older), valid_until)

    source = (profile, month, newer and newer.first, older and older.first)
    return DocumentSpec(profile.root + month.path, profile, source, render, is_lazy=is_lazy)


def _text(
    profile: PageProfile, month: Month, views: list[IncidentView], newer: Month | None, older: Month | None
) -> str:
    shape = Shape(bool(views), older is not None, newer is not None)
    return prerendered(TEMPLATE, profile, PATH, PLACEHOLDERS, shape).fill(
        {
            "address": month.path,
            "name": _name(month),
            "days": _days(views, writer_for(profile), profile.root),
            "older": older.path if older else "",
            "older_name": _name(older) if older else "",
            "newer": newer.path if newer else "",
            "newer_name": _name(newer) if newer else "",
        }
    )


def _name(month: Month) -> str:
    return escape(month_words(month.first))


def _days(views: list[IncidentView], pen: Writer, root: str) -> str:
    days = groupby(views, key=lambda view: view.facts.shown_at.astimezone(pen.zone).date())
    return "".join(_day(list(day_views), pen, root) for _date, day_views in days)


def _day(views: list[IncidentView], pen: Writer, root: str) -> str:
    rows = "".join(pen.incident_row(view, root) for view in views)
    name = pen.day(views[0].facts.shown_at, "brief")
    return f'<div class="day"><h2>{name}</h2><ul class="entries">{rows}</ul></div>'
