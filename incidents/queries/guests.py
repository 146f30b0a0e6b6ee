"""Components that stand on other pages than their own: one catalogue, several audiences.

A page shows its own components and its guests, its own incidents and those that touch at least one guest. Of these it
names no other component, and what is hidden stays hidden.
"""

from collections.abc import Collection
from typing import Any

from django.db.models import Q, QuerySet

from incidents.models import AffectedComponent, Component, ComponentGroup, Incident, Page

Standing: Any = Page.guests.through


def components_on(page: Page) -> QuerySet[Component]:
    """What stands on a page, hidden ones too: its own, then its guests."""
    guests = Standing.objects.filter(page=page).values("component")
    return Component.objects.filter(Q(page=page) | Q(pk__in=guests))


def incidents_on(page: Page) -> QuerySet[Incident]:
    """What is published on a page: its own, and what touches a guest that is not hidden."""
    guests = Standing.objects.filter(page=page).values("component")
    affected = AffectedComponent.objects.filter(component__in=guests, component__is_hidden=False)
    return Incident.objects.published().filter(Q(page=page) | Q(pk__in=affected.values("incident")))


def groups_on(page: Page, guests: Collection[Component]) -> QuerySet[ComponentGroup]:
    """A page's own headings, and those under which its guests stand."""
    headings = {guest.group_id for guest in guests if guest.group_id and not guest.is_hidden}
    return ComponentGroup.objects.filter(Q(page=page) | Q(pk__in=headings) if headings else Q(page=page))


def pages_besides(incident: Incident) -> QuerySet[Page]:
    """The other pages that show an incident, since it touches a guest of theirs."""
    affected = AffectedComponent.objects.filter(incident=incident, component__is_hidden=False).values("component")
    showing = Standing.objects.filter(component__in=affected).values("page")
    return Page.objects.filter(pk__in=showing).exclude(pk=incident.page_id).order_by("pk")
