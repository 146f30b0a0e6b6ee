"""What is shown in public is changed by these, so that every page learns of it."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext as _

from incidents.actor import Actor
from incidents.errors import InvalidInput, WrongState
from incidents.events import record
from incidents.models import Component, ComponentGroup, CustomerGroup, Event, Page
from incidents.page_rules import check_guests, check_language_stays, check_page, check_readers
from incidents.validation import check_fields


@transaction.atomic
def save_page(
    page: Page,
    *,
    by: Actor,
    now: datetime | None = None,
    customer_groups: Collection[CustomerGroup] | None = None,
    guests: Collection[Component] | None = None,
) -> Page:
    """Keep a new or changed page. One page stands at the site's root: making this one do so takes it from the other;
    the first page does by itself, and the last to do so cannot stop. `customer_groups`: whose people may read it,
    `guests`: components of other pages that it shows too; None leaves them as they are. Raises InvalidInput.
    """
    now = now or timezone.now()
    check_fields(page)
    other_pages = Page.objects.exclude(pk=page.pk)
    if other_pages.filter(slug=page.slug).exists():
        raise InvalidInput(_("Another page has this address."), field="slug")
    check_page(page)
    check_language_stays(page)
    check_readers(page, _members(page, "customer_groups", customer_groups))
    check_guests(page, _members(page, "guests", guests))
    if page.is_default:
        other_pages.filter(is_default=True).update(is_default=False, updated_at=now)
    elif not other_pages.filter(is_default=True).exists():
        page.is_default = True
    page.updated_at = now
    _take_over(page, now)
    page.save()
    if customer_groups is not None:
        page.customer_groups.set(customer_groups)
    if guests is not None:
        page.guests.set(guests)
    record(Event.Kind.PAGE_CHANGED, by=by, at=now, page=page)
    return page


def _members(page: Page, name: str, rows: Collection[Any] | None) -> Collection[Any]:
    if rows is not None or page.pk is None:
        return rows or ()
    return list(getattr(page, name).all())


def _take_over(page: Page, now: datetime) -> None:
    """What other actions write stays as it stands by now. A page that gets a secret link gets one that nobody knows."""
    was = Page.objects.select_for_update().filter(pk=page.pk).first()
    if was is not None:
        for name in _OF_OTHER_ACTIONS:
            setattr(page, name, getattr(was, name))
    if page.visibility == Page.Visibility.LINK and (was is None or was.visibility != Page.Visibility.LINK):
        page.link_serial, page.link_made_at = page.link_serial + 1, now


@transaction.atomic
def save_group(group: ComponentGroup, *, by: Actor, now: datetime | None = None) -> ComponentGroup:
    """Keep a new or changed heading. Raises InvalidInput."""
    now = now or timezone.now()
    check_fields(group)
    group.updated_at = now
    group.save()
    record(Event.Kind.PAGE_CHANGED, by=by, at=now, page=group.page, group=group.public_id)
    return group


@transaction.atomic
def save_component(component: Component, *, by: Actor, now: datetime | None = None) -> Component:
    """Keep a new or changed component; its status is computed and stays as it is. Raises InvalidInput."""
    now = now or timezone.now()
    check_fields(component)
    if component.group and component.group.page_id != component.page_id:
        raise InvalidInput(_("Pick a group of the same page."), field="group")
    component.updated_at = now
    if component._state.adding:
        component.status = Component.Status.OPERATIONAL
        component.save(force_insert=True)
    else:
        component.save(update_fields=_COMPONENT_FIELDS)
        component.refresh_from_db(fields=["status"])
    record(Event.Kind.COMPONENT_CHANGED, by=by, at=now, page=component.page, component=component.public_id)
    return component


@transaction.atomic
def remove_group(group: ComponentGroup, *, by: Actor, now: datetime | None = None) -> None:
    """Take a heading away; its components stay, under none."""
    now = now or timezone.now()
    page, public_id = group.page, group.public_id
    group.delete()
    record(Event.Kind.PAGE_CHANGED, by=by, at=now, page=page, group=public_id)


@transaction.atomic
def remove_component(component: Component, *, by: Actor, now: datetime | None = None) -> None:
    """Take a component away that nothing has used yet. Raises WrongState for one that history needs: hide it."""
    now = now or timezone.now()
    page, public_id = component.page, component.public_id
    try:
        component.delete()
    except ProtectedError as error:
        raise WrongState(_("Incidents or holdings refer to it. Hide it instead.")) from error
    record(Event.Kind.COMPONENT_CHANGED, by=by, at=now, page=page, component=public_id)


_OF_OTHER_ACTIONS = ("link_serial", "link_made_at", "logo_kind", "logo_width", "logo_height")
# Everything but the status: an incident may have moved it since the form was opened.
_COMPONENT_FIELDS = [
    "name",
    "group",
    "description",
    "position",
    "is_hidden",
    "showcase",
    "only_show_if_degraded",
    "start_date",
    "updated_at",
]
