"""Who may read what is not for everybody: secret links, groups of customers, tokens for programs."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from incidents.actor import Actor
from incidents.errors import InvalidInput, WrongState
from incidents.events import record
from incidents.models import Customer, CustomerGroup, Event, Page, ReadToken
from incidents.queries.readers import TOKEN_MARK, hash_of
from incidents.validation import check_fields, check_future

USE_NOTED_EVERY = timedelta(hours=1)


@transaction.atomic
def renew_link(page: Page, *, by: Actor, now: datetime | None = None) -> Page:
    """Make the page's secret link anew; every earlier one is closed, and who subscribed by one hears no more.

    Each call makes another. Raises WrongState for a page that has no secret link.
    """
    now = now or timezone.now()
    current = Page.objects.select_for_update().get(pk=page.pk)
    if current.visibility != Page.Visibility.LINK:
        raise WrongState(_("This page has no secret link."))
    page.link_serial, page.link_made_at, page.updated_at = current.link_serial + 1, now, now
    page.save(update_fields=["link_serial", "link_made_at", "updated_at"])
    record(Event.Kind.PAGE_CHANGED, by=by, at=now, page=page, link=page.link_serial)
    return page


@transaction.atomic
def save_customer_group(
    group: CustomerGroup, *, customers: Iterable[Customer], by: Actor, now: datetime | None = None
) -> CustomerGroup:
    """Keep a new or changed group with exactly these customers. Raises InvalidInput."""
    now = now or timezone.now()
    check_fields(group)
    if CustomerGroup.objects.exclude(pk=group.pk).filter(name=group.name).exists():
        raise InvalidInput(_("Another group has this name."), field="name")
    group.save()
    group.customers.set(customers)
    record(Event.Kind.CUSTOMER_GROUP_CHANGED, by=by, at=now, group=group.pk)
    return group


@transaction.atomic
def make_read_token(
    page: Page, *, name: str, by: Actor, expires_at: datetime | None = None, now: datetime | None = None
) -> tuple[ReadToken, str]:
    """A token that lets a program read this page, and the token itself, which nobody can see again.

    Raises InvalidInput for a time that has passed and for a page that everybody may read.
    """
    now = now or timezone.now()
    check_future(expires_at, now, field="expires_at")
    if page.is_public:
        raise InvalidInput(_("Everybody may read this page; no token is needed."), field="page")
    token = f"{TOKEN_MARK}{secrets.token_urlsafe(32)}"
    row = ReadToken(page=page, name=name, token_hash=hash_of(token), made_by=by.user, expires_at=expires_at)
    row.created_at = now
    check_fields(row)
    row.save(force_insert=True)
    record(Event.Kind.READ_TOKEN_MADE, by=by, at=now, page=page, token=row.pk)
    return row, token


@transaction.atomic
def revoke_read_token(token: ReadToken, *, by: Actor, now: datetime | None = None) -> None:
    """End a token at once. Raises WrongState for one that has been revoked."""
    now = now or timezone.now()
    if not ReadToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=now):
        raise WrongState(_("This token has been revoked already."))
    record(Event.Kind.READ_TOKEN_REVOKED, by=by, at=now, page=token.page, token=token.pk)


def note_token_use(token: ReadToken, *, now: datetime) -> bool:
    """Remember that a token was used, to the hour, so that reading seldom writes; whether it was written."""
    if token.last_used_at and now - token.last_used_at < USE_NOTED_EVERY:
        return False
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lte=now - USE_NOTED_EVERY)
    return bool(ReadToken.objects.filter(stale, pk=token.pk).update(last_used_at=now))
