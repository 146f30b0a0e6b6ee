"""Offers on incidents and the stock behind them. The library of remedies itself is plain data."""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from incidents.actor import Actor
from incidents.errors import InvalidInput, WrongState
from incidents.events import record
from incidents.models import Event, Incident, Offer, Page, Pool, Remedy
from incidents.queries.offers import STANDING
from incidents.validation import check_fields, check_future

# What an offer copies from its remedy.
_COPIED = (
    "name",
    "what_you_get",
    "what_it_costs",
    "what_you_give_up",
    "promise",
    "fulfil_within",
    "value",
    "currency",
    "is_legal_right",
    "is_extra",
)
_ISO_CODE = re.compile("[A-Z]{3}")
# What may be stated or changed for one offer; of these, only the position is no part of the terms.
CHANGEABLE = frozenset({*_COPIED, "when", "position", "pool", "choose_by"})


@transaction.atomic
def attach_offer(
    incident: Incident,
    *,
    remedy: Remedy,
    by: Actor,
    choose_by: datetime,
    pool: Pool | None = None,
    now: datetime | None = None,
    **overrides: Any,
) -> Offer:
    """Offer a remedy on an incident, in the remedy's words where ``overrides`` (fields of Offer) says nothing else.

    Raises InvalidInput with the field at fault: a retired remedy, a cut-off in the past, another page's pool, a name
    that stands on this incident already (customers could not tell the two apart, and a second click changes nothing).
    """
    now = now or timezone.now()
    terms = {"position": incident.offers.count()} | {name: getattr(remedy, name) for name in _COPIED}
    offer = Offer(incident=incident, remedy=remedy, pool=pool, choose_by=choose_by, created_at=now)
    _assign(offer, terms | overrides)
    if not remedy.is_active:
        raise InvalidInput(_("This remedy is no longer in use."), field="remedy")
    _require_sound(offer, now)
    offer.save(force_insert=True)
    record(Event.Kind.OFFER_ATTACHED, by=by, at=now, incident=incident, offer=offer.public_id, remedy=remedy.pk)
    return offer


@transaction.atomic
def revise_offer(offer: Offer, *, by: Actor, now: datetime | None = None, **changes: Any) -> Offer:
    """Change the terms (fields of Offer). The version rises when a term really changed, so that whoever still looks at
    the old ones is asked to review; what was agreed before stays as agreed. A new position is no new term.

    Nothing changed: nothing happens. Raises WrongState when withdrawn, InvalidInput with the field at fault.
    """
    now = now or timezone.now()
    offer = Offer.objects.select_for_update(of=("self",), no_key=True).get(pk=offer.pk)
    incident = Incident.objects.select_related("page").get(pk=offer.incident_id)
    if offer.withdrawn_at:
        raise WrongState(_("This offer was withdrawn. Attach a new one."))
    old = {name: getattr(offer, name) for name in changes if name in CHANGEABLE}
    _assign(offer, changes)
    fields = sorted(name for name, value in old.items() if getattr(offer, name) != value)
    if not fields:
        return offer
    if "is_extra" in fields and offer.choices.filter(state__in=STANDING).exists():
        # Whoever has it could choose it a second time, in its other role.
        raise InvalidInput(_("It has been chosen already; attach another offer instead."), field="is_extra")
    if fields != ["position"]:
        offer.version += 1
        _require_sound(offer, now, is_moved="choose_by" in fields)
    offer.save(update_fields=[*fields, "version"])
    record(
        Event.Kind.OFFER_REVISED,
        by=by,
        at=now,
        incident=incident,
        offer=offer.public_id,
        version=offer.version,
        old={name: _plain(old[name]) for name in fields},
        new={name: _plain(getattr(offer, name)) for name in fields},
    )
    return offer


@transaction.atomic
def withdraw_offer(offer: Offer, *, by: Actor, now: datetime | None = None) -> Offer:
    """Offer this no longer. Those who chose it keep it. A second time changes nothing."""
    now = now or timezone.now()
    offer = Offer.objects.select_for_update(of=("self",), no_key=True).select_related("incident__page").get(pk=offer.pk)
    if offer.withdrawn_at:
        return offer
    offer.withdrawn_at = now
    offer.save(update_fields=["withdrawn_at"])
    record(Event.Kind.OFFER_WITHDRAWN, by=by, at=now, incident=offer.incident, offer=offer.public_id)
    return offer


@transaction.atomic
def make_pool(page: Page, *, name: str, capacity: int, by: Actor, now: datetime | None = None) -> Pool:
    """Stock that one or more offers of the page share. Raises InvalidInput (name, capacity)."""
    now = now or timezone.now()
    pool = Pool(page=page, name=name.strip(), capacity=capacity)
    check_fields(pool)
    pool.save(force_insert=True)
    record(Event.Kind.POOL_CHANGED, by=by, at=now, page=page, pool=pool.pk, old=None, new=capacity)
    return pool


@transaction.atomic
def resize_pool(pool: Pool, *, capacity: int, by: Actor, now: datetime | None = None) -> Pool:
    """Set how much there is. The same number again changes nothing.

    Raises InvalidInput(capacity) below what is taken: nobody's choice is undone by a smaller number.
    """
    now = now or timezone.now()
    was = Pool.objects.select_for_update(of=("self",), no_key=True).select_related("page").get(pk=pool.pk)
    if was.capacity == capacity:
        return was
    if capacity < was.taken:
        raise InvalidInput(
            ngettext(
                "%(taken)d is taken already, so it cannot be %(capacity)d.",
                "%(taken)d are taken already, so it cannot be %(capacity)d.",
                was.taken,
            )
            % {"taken": was.taken, "capacity": capacity},
            field="capacity",
        )
    Pool.objects.filter(pk=was.pk).update(capacity=capacity)
    record(Event.Kind.POOL_CHANGED, by=by, at=now, page=was.page, pool=was.pk, old=was.capacity, new=capacity)
    was.capacity = capacity
    return was


def _assign(offer: Offer, values: dict[str, Any]) -> None:
    if foreign := values.keys() - CHANGEABLE:
        raise TypeError(f"not a term of an offer: {', '.join(sorted(foreign))}")
    for name, value in values.items():
        setattr(offer, name, value.strip() if isinstance(value, str) else value)
    check_fields(offer)


def _require_sound(offer: Offer, now: datetime, *, is_moved: bool = True) -> None:
    if is_moved:
        check_future(offer.choose_by, now, field="choose_by")
    if offer.fulfil_within <= timedelta(0):
        raise InvalidInput(_("State how long fulfilling it takes at most."), field="fulfil_within")
    if offer.pool and offer.pool.page_id != offer.incident.page_id:
        raise InvalidInput(_("This stock belongs to another page."), field="pool")
    if offer.value is not None and offer.value < 0:
        raise InvalidInput(_("A value is never negative."), field="value")
    if offer.value is not None and not _ISO_CODE.fullmatch(offer.currency):
        raise InvalidInput(_("Write the currency as three capital letters, like EUR."), field="currency")
    same_name = Offer.objects.current().filter(incident=offer.incident_id, name=offer.name)
    if same_name.exclude(pk=offer.pk).exists():
        raise InvalidInput(_("This incident already has an offer with this name."), field="name")


def _plain(value: Any) -> Any:
    """A value as JSON can keep it."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Pool):
        return value.pk
    return str(value) if isinstance(value, Decimal) else value
