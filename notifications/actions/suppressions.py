"""What staff says of channels that must not be contacted."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from incidents.errors import WrongState
from notifications.models import Channel, Suppression


@transaction.atomic
def suppress(channel: Channel, *, topic: str = Suppression.Topic.ALL, now: datetime | None = None) -> Suppression:
    """Staff says that a channel must not be contacted. Repeating it changes nothing."""
    suppression, _is_new = Suppression.objects.get_or_create(
        channel=channel,
        topic=topic,
        lifted_at=None,
        defaults={"reason": Suppression.Reason.STAFF, "created_at": now or timezone.now()},
    )
    return suppression


@transaction.atomic
def lift(suppression: Suppression, *, now: datetime | None = None) -> None:
    """The channel may be contacted again. Raises WrongState when it may already."""
    lifted = Suppression.objects.filter(pk=suppression.pk, lifted_at__isnull=True)
    if not lifted.update(lifted_at=now or timezone.now()):
        raise WrongState(_("That is lifted already."))
