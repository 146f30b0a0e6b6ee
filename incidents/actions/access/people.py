"""Who signs in: accounts are made for addresses that customers gave us, and only for those."""

from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.utils import timezone

from incidents.actor import Actor
from incidents.events import record
from incidents.models import Customer, Event, Membership, User
from incidents.validation import check_fields


@transaction.atomic
def account_for(email: str) -> User | None:
    """The active account that signs in with this address, made now if it belongs to a customer who has none yet.

    None for strangers and for accounts that were switched off. The account alone opens nothing: memberships follow
    when the address has been proved (`recognise_customers`). Repeating it finds the same account.
    """
    email = email.strip().lower()
    user = User.objects.filter(email=email).first() or _new_account(email)
    return user if user and user.is_active else None


@transaction.atomic
def recognise_customers(user: User, *, email: str, by: Actor, now: datetime | None = None) -> int:
    """Make a person the owner of every customer with this address, which they have just proved to be theirs.

    Memberships that exist stay as they are: a viewer stays a viewer. Returns how many were made; repeating it makes
    those for customers that came meanwhile.
    """
    now = now or timezone.now()
    customers = _customers(email).exclude(memberships__user=user)
    memberships = [Membership(user=user, customer=customer, created_at=now) for customer in customers]
    Membership.objects.bulk_create(memberships, ignore_conflicts=True)
    if memberships:
        record(
            Event.Kind.MEMBERSHIPS_MADE, by=by, at=now, customers=[membership.customer_id for membership in memberships]
        )
    return len(memberships)


@transaction.atomic
def read_in(user: User, language: str, *, by: Actor, now: datetime | None = None) -> None:
    """Write to this person, and show them their pages, in this language from now on. The same again changes nothing."""
    if user.language == language:
        return
    user.language = language
    check_fields(user)
    user.save(update_fields=["language"])
    record(Event.Kind.PERSON_CHANGED, by=by, at=now or timezone.now(), user=user.pk, fields=["language"])


def _customers(email: str) -> QuerySet[Customer]:
    email = email.strip().lower()
    if not email:
        return Customer.objects.none()
    return Customer.objects.annotate(address=Lower("email")).filter(address=email)


def _new_account(email: str) -> User | None:
    customer = _customers(email).first()
    if customer is None:
        return None
    profile = {"first_name": customer.name[:150], "language": customer.language, "time_zone": customer.time_zone}
    user, _ = User.objects.get_or_create(email=email, defaults={"password": make_password(None), **profile})
    return user
