"""What a page says of an incident of another page: only of the components that it shows itself."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace

from django.db.models import QuerySet

from incidents.models import Component, Incident, Page
from portal.facts.page import IncidentFacts, UpdateFacts
from portal.facts.scopes import ScopeFacts


def as_guests(
    page: Page, incidents: QuerySet[Incident], read: Iterable[IncidentFacts], guests: Iterable[Component]
) -> list[IncidentFacts]:
    """What was read of these incidents, of other pages' only what concerns the guests from there; in one query."""
    shown = defaultdict(set)
    for guest in guests:
        if not guest.is_hidden:
            shown[guest.page_id].add(guest.public_id)
    home = dict(incidents.exclude(page=page).values_list("pk", "page_id"))
    return [as_guest(one, shown[home[one.key]]) if one.key in home else one for one in read]


def as_guest(one: IncidentFacts, shown: Collection[str]) -> IncidentFacts:
    """The incident with these components (public ids) alone; its own page's short link would lead past this page."""
    return replace(
        one,
        shortlink="",
        touched=tuple(touched for touched in one.touched if touched.public_id in shown),
        said=tuple(_said(said, shown) for said in one.said),
        whom=tuple(_whom(whom, shown) for whom in one.whom),
    )


def _said(said: UpdateFacts, shown: Collection[str]) -> UpdateFacts:
    moves = tuple(move for move in said.moves or () if move.code in shown)
    touched = tuple(touched for touched in said.touched or () if touched.public_id in shown)
    return replace(said, moves=moves or None, touched=touched if moves else None)


def _whom(whom: ScopeFacts, shown: Collection[str]) -> ScopeFacts:
    return whom if not whom.part_id or whom.part_id in shown else replace(whom, part_id="", part="", is_partly=True)
