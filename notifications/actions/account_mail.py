"""Messages that their readers asked for at this moment, such as sign-in codes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from incidents.models import Page
from notifications import topics, wakeups
from notifications.actions.channels import channel_at
from notifications.models import Delivery


@transaction.atomic
def queue_ready_mail(
    address: str, *, message: str, contents: Mapping[str, Any], language: str = "", now: datetime | None = None
) -> Delivery:
    """Queue a message that its reader asked for at this moment, such as a sign-in code, on the urgent lane.

    ``message`` names the templates, ``contents`` is what they show; it is wiped once the message has gone.
    ``language`` is the one that they read just now, whatever the address heard in before.
    """
    now = now or timezone.now()
    channel = channel_at(address, now=now, language=language)
    delivery = Delivery.objects.create(
        channel=channel,
        message=message,
        topic=topics.ACCOUNT,
        lane=Delivery.Lane.URGENT,
        page=Page.objects.filter(is_default=True).first(),
        data={**contents, "language": language},
        due_at=now,
        created_at=now,
    )
    transaction.on_commit(wakeups.wake_urgent, robust=True)
    return delivery
