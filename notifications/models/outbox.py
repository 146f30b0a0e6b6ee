"""What is to be told, to whom, and what became of it."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents.ids import new_public_id
from incidents.models import Customer, Event, Incident, Page
from notifications.models.channel import Channel


class OutboxEntry(models.Model):
    """One event that was turned into deliveries. Its existence is what makes the fan-out happen once."""

    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="outbox_entry")
    collected_at = models.DateTimeField(default=timezone.now)
    recipients = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("outbox entry")
        verbose_name_plural = _("outbox entries")

    def __str__(self) -> str:
        return f"{self.event}"


class OutboxMark(models.Model):
    """Up to which event everything is collected, so that looking for more costs the same after years. One row."""

    event_id = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="outbox_one_mark")]

    def __str__(self) -> str:
        return f"#{self.event_id}"


class Delivery(models.Model):
    """One message to one channel. ``key`` goes out as its Message-ID; the text is rendered when it is sent."""

    class Lane(models.TextChoices):
        URGENT = "urgent", _("Urgent")
        BULK = "bulk", _("Bulk")

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        SENDING = "sending", _("Sending")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")
        SUPPRESSED = "suppressed", _("Suppressed")
        SUPERSEDED = "superseded", _("Superseded")

    key = models.CharField(max_length=32, unique=True, default=new_public_id, editable=False)
    # Found by the unique constraints below; an index of its own would only slow the fan-out down.
    entry = models.ForeignKey(
        OutboxEntry, on_delete=models.PROTECT, null=True, blank=True, related_name="deliveries", db_index=False
    )
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="deliveries")
    # The message's template folder: first_notice, public_update, check_in, …
    message = models.CharField(max_length=32)
    topic = models.CharField(max_length=16)
    lane = models.CharField(max_length=8, choices=Lane, default=Lane.BULK)
    page = models.ForeignKey(Page, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    incident = models.ForeignKey(
        Incident, on_delete=models.PROTECT, null=True, blank=True, related_name="deliveries", db_index=False
    )
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="deliveries")
    data = models.JSONField(default=dict)
    # The newest event whose facts were in the text when it was rendered: what is older needs no telling again.
    says_up_to = models.BigIntegerField(null=True, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.QUEUED)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # When to look at it next: while it waits, the earliest moment to send; while it is being sent, the lease's end.
    due_at = models.DateTimeField(default=timezone.now)
    lease_token = models.CharField(max_length=32, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        indexes = [
            # Draining a lane: what is due, oldest first.
            models.Index(fields=["lane", "due_at"], condition=Q(state__in=["queued", "sending"]), name="delivery_due"),
            models.Index(fields=["incident", "state"], name="delivery_of_incident"),
            # The staff desk counts what failed lately.
            models.Index(fields=["created_at"], condition=Q(state="failed"), name="delivery_failed"),
        ]
        constraints = [
            # Nobody gets the same fact twice.
            models.UniqueConstraint(
                fields=["entry", "channel", "customer"],
                condition=Q(customer__isnull=False),
                name="delivery_once_per_customer",
            ),
            models.UniqueConstraint(
                fields=["entry", "channel"], condition=Q(customer__isnull=True), name="delivery_once_per_channel"
            ),
            # Exactly one first notice, also for those matched late.
            models.UniqueConstraint(
                fields=["incident", "channel", "customer"],
                condition=Q(message="first_notice"),
                name="delivery_one_first_notice",
            ),
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False), name="delivery_sent_has_moment"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "sending", "sent", "failed", "suppressed", "superseded"]),
                name="delivery_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state="sending") | Q(lease_token=""), name="delivery_lease_only_while_sending"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.message} → {self.channel}"
