"""Customers, their holdings and who may act for them, as staff write them one by one; imports write many at once."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents.actor import Actor
from incidents.errors import InvalidInput, WrongState
from incidents.events import record
from incidents.models import Customer, Event, Holding, Membership
from incidents.validation import check_fields


@transaction.atomic
def save_customer(customer: Customer, *, by: Actor, now: datetime | None = None) -> Customer:
    """Write a new customer or what was corrected. Raises InvalidInput; ``ref`` names a reference that is taken."""
    now = now or timezone.now()
    customer.email = customer.email.strip().lower()
    customer.updated_at = now
    check_fields(customer)
    _write(customer, Customer.objects.filter(ref=customer.ref))
    record(Event.Kind.CUSTOMER_CHANGED, by=by, at=now, customer=customer.pk)
    return customer


@transaction.atomic
def save_holding(holding: Holding, *, by: Actor, now: datetime | None = None) -> Holding:
    """Write a new holding or what was corrected. Impacts keep the customer and the units that they were opened with.

    Raises InvalidInput; ``ref`` names a reference that is taken, ``ends_at`` an end before the start.
    """
    now = now or timezone.now()
    holding.updated_at = now
    check_fields(holding)
    if holding.starts_at and holding.ends_at and holding.ends_at < holding.starts_at:
        raise InvalidInput(_("It ends before it starts."), field="ends_at")
    if holding.quantity < 1:
        raise InvalidInput(_("A holding has one unit at least."), field="quantity")
    _write(holding, Holding.objects.filter(ref=holding.ref))
    record(Event.Kind.HOLDING_CHANGED, by=by, at=now, holding=holding.pk)
    return holding


@transaction.atomic
def save_membership(membership: Membership, *, by: Actor, now: datetime | None = None) -> Membership:
    """Give a person a role for a customer, or another role. Raises InvalidInput when they have one already."""
    now = now or timezone.now()
    check_fields(membership)
    memberships = Membership.objects.filter(user=membership.user_id, customer=membership.customer_id)
    if memberships.exclude(pk=membership.pk).exists():
        raise InvalidInput(_("This person has a role for this customer already; change that one."), field="user")
    membership.save(force_insert=membership.pk is None)
    _record_membership(Event.Kind.MEMBERSHIP_CHANGED, membership, by, now)
    return membership


@transaction.atomic
def end_membership(membership: Membership, *, by: Actor, now: datetime | None = None) -> None:
    """This person no longer acts for this customer; the event remembers that they did. A second time does nothing.

    Raises WrongState for the customer's own address: it would be the owner again at its next sign-in.
    """
    now = now or timezone.now()
    if membership.user.email.lower() == membership.customer.email.strip().lower():
        raise WrongState(
            _("This is the customer’s own address, which always acts for them. Correct the address first.")
        )
    count, _rows = Membership.objects.filter(pk=membership.pk).delete()
    if count:
        _record_membership(Event.Kind.MEMBERSHIP_ENDED, membership, by, now)


def _record_membership(kind: Event.Kind, membership: Membership, by: Actor, now: datetime) -> None:
    user, customer = membership.user_id, membership.customer_id
    record(kind, by=by, at=now, user=user, customer=customer, role=membership.role)


def _write(row: Customer | Holding, same_ref: Any) -> None:
    """The unique reference is the database's promise; a race for it reads like any other taken reference."""
    try:
        with transaction.atomic():
            row.save(force_insert=row.pk is None)
    except IntegrityError as error:
        if same_ref.exclude(pk=row.pk).exists():
            raise InvalidInput(_("This reference is taken."), field="ref") from error
        raise
