"""The tables of telling. Import models from here."""

from notifications.models.channel import Channel, Suppression
from notifications.models.outbox import Delivery, OutboxEntry, OutboxMark
from notifications.models.subscription import Subscription

__all__ = ["Channel", "Delivery", "OutboxEntry", "OutboxMark", "Subscription", "Suppression"]
