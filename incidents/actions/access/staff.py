"""Who works at the desk, and in which role."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents.actor import Actor
from incidents.errors import InvalidInput, NotAllowed
from incidents.events import record
from incidents.models import Event, User
from incidents.validation import check_fields


@transaction.atomic
def save_person(user: User, *, groups: Iterable[Group], by: Actor, now: datetime | None = None) -> User:
    """Write a new person or what was corrected, and give them exactly these roles.

    Raises NotAllowed when the person is a superuser and whoever asks is not, InvalidInput for an address that is taken
    and for roles without access to the desk.
    """
    now = now or timezone.now()
    groups = list(groups)
    was = User.objects.filter(pk=user.pk).first()
    if (user.is_superuser or (was and was.is_superuser)) and not (by.user and by.user.is_superuser):
        raise NotAllowed(_("Only a superuser may change a superuser."))
    user.email = user.email.strip().lower()
    if User.objects.filter(email=user.email).exclude(pk=user.pk).exists():
        raise InvalidInput(_("Somebody signs in with this address already."), field="email")
    if groups and not user.is_staff:
        raise InvalidInput(_("A role needs access to the desk."), field="is_staff")
    if was is None:
        user.set_unusable_password()
    check_fields(user)
    user.save(force_insert=was is None)
    user.groups.set(groups)
    record(Event.Kind.PERSON_CHANGED, by=by, at=now, user=user.pk, roles=sorted(group.name for group in groups))
    return user
