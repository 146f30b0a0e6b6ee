"""A page's logo. Its colours are fields of the page (`incidents.actions.publishing.catalogue.save_page`)."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from incidents.actor import Actor
from incidents.events import record
from incidents.logos import Picture, read_logo
from incidents.models import Event, Logo, Page

NONE = Picture("", 0, 0)


@transaction.atomic
def set_logo(page: Page, *, content: bytes, by: Actor, now: datetime | None = None) -> Page:
    """Give the page this logo in place of the one that it has. Raises InvalidInput for what is no picture."""
    picture = read_logo(content)
    Logo.objects.update_or_create(page=page, defaults={"content": content})
    return _measure(page, picture, by=by, now=now)


@transaction.atomic
def remove_logo(page: Page, *, by: Actor, now: datetime | None = None) -> Page:
    """Its name stands there again. Repeating it changes nothing more."""
    Logo.objects.filter(page=page).delete()
    return _measure(page, NONE, by=by, now=now)


def _measure(page: Page, picture: Picture, *, by: Actor, now: datetime | None) -> Page:
    now = now or timezone.now()
    page.logo_kind, page.logo_width, page.logo_height = picture
    page.updated_at = now
    page.save(update_fields=["logo_kind", "logo_width", "logo_height", "updated_at"])
    record(Event.Kind.PAGE_CHANGED, by=by, at=now, page=page, logo=picture.kind)
    return page
