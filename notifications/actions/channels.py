"""Channels: made when an address is first heard of, switched off when its server refuses it for good."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from notifications.models import Channel


def switch_off(channel: Channel, *, reason: str, now: datetime) -> None:
    """Nothing goes to this channel any more, because of what its server said. The first reason stays."""
    Channel.objects.filter(pk=channel.pk, off_at__isnull=True).update(off_at=now, off_reason=reason[:200])


@transaction.atomic
def switch_on(channels: QuerySet[Channel]) -> int:
    """These addresses work again, as somebody has found out; how many of them were off."""
    return channels.filter(off_at__isnull=False).update(off_at=None, off_reason="")


def channel_at(address: str, *, now: datetime, language: str) -> Channel:
    channel, _is_new = Channel.objects.get_or_create(
        kind=Channel.Kind.EMAIL,
        address=address.strip().lower(),
        defaults={"language": language, "created_at": now},
    )
    return channel
