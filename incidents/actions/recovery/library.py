"""The library of remedies: what staff can offer when something breaks."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents.actions.recovery.remedies import attach_offer, make_pool
from incidents.actor import Actor
from incidents.errors import InvalidInput
from incidents.events import record
from incidents.models import Event, Incident, Offer, Remedy
from incidents.validation import check_fields


@transaction.atomic
def save_remedy(remedy: Remedy, *, by: Actor, now: datetime | None = None) -> Remedy:
    """Write a new remedy or what was corrected; offers that were made from it keep their own words.

    Raises InvalidInput with the field at fault.
    """
    now = now or timezone.now()
    check_fields(remedy)
    if remedy.fulfil_within <= timedelta(0):
        raise InvalidInput(_("State how long fulfilling it takes at most."), field="fulfil_within")
    if remedy.value is not None and remedy.value < Decimal(0):
        raise InvalidInput(_("A value is not negative."), field="value")
    if remedy.value is not None and not remedy.currency:
        raise InvalidInput(_("Say in which currency, for example EUR."), field="currency")
    remedy.save(force_insert=remedy.pk is None)
    record(Event.Kind.REMEDY_CHANGED, by=by, at=now, remedy=remedy.pk)
    return remedy


@transaction.atomic
def attach_limited_offer(
    incident: Incident,
    *,
    remedy: Remedy,
    by: Actor,
    choose_by: datetime,
    stock_name: str,
    capacity: int,
    now: datetime | None = None,
    **overrides: Any,
) -> Offer:
    """`attach_offer` with new stock of its own; neither is made without the other."""
    now = now or timezone.now()
    pool = make_pool(incident.page, name=stock_name, capacity=capacity, by=by, now=now)
    return attach_offer(incident, remedy=remedy, by=by, choose_by=choose_by, pool=pool, now=now, **overrides)
