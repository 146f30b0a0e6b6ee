"""What happened: the timeline, the audit trail, the source of every metric, and the outbox that others pull."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents.models.catalogue import Page
from incidents.models.impact import Impact
from incidents.models.incident import Incident


class Event(models.Model):
    """One thing that happened, written in the transaction that made it happen. Never changed, never deleted.

    ``data`` holds ids and plain values, never a person's address or words. ``is_public``: it changes what the
    public documents show; those events are numbered in the order of their commits (see ``incidents.events``).
    """

    class Kind(models.TextChoices):
        PAGE_CHANGED = "page.changed", _("Page changed")
        COMPONENT_CHANGED = "component.changed", _("Component changed")
        TRANSLATED = "text.translated", _("Translated")
        INCIDENT_DECLARED = "incident.declared", _("Incident declared")
        INCIDENT_PUBLISHED = "incident.published", _("Incident published")
        INCIDENT_CHANGED = "incident.changed", _("Incident changed")
        INCIDENT_UPDATED = "incident.updated", _("Update posted")
        INCIDENT_RESOLVED = "incident.resolved", _("Service restored")
        INCIDENT_CLOSED = "incident.closed", _("Customers made whole")
        INCIDENT_IMPORTED = "incident.imported", _("Incident imported")
        MAINTENANCE_REMINDED = "maintenance.reminded", _("Reminder sent")
        MAINTENANCE_RESCHEDULED = "maintenance.rescheduled", _("Rescheduled")
        MAINTENANCE_CANCELLED = "maintenance.cancelled", _("Cancelled")
        SERIES_CHANGED = "series.changed", _("Recurring maintenance changed")
        ESTIMATE_PUBLISHED = "estimate.published", _("Estimate published")
        IMPACTS_OPENED = "impacts.opened", _("Holdings matched")
        IMPACTS_WITHDRAWN = "impacts.withdrawn", _("Holdings no longer matched")
        IMPACT_CONFIRMED = "impact.confirmed", _("Confirmed fixed")
        IMPACT_REOPENED = "impact.reopened", _("Reported as not fixed")
        IMPACT_RESTORED = "impact.restored", _("Restored after reopening")
        OFFER_ATTACHED = "offer.attached", _("Offer attached")
        OFFER_REVISED = "offer.revised", _("Offer revised")
        OFFER_WITHDRAWN = "offer.withdrawn", _("Offer withdrawn")
        POOL_CHANGED = "pool.changed", _("Stock changed")
        CHOICE_MADE = "choice.made", _("Choice made")
        CHOICE_CHANGED = "choice.changed", _("Choice changed")
        CHOICE_CANCELLED = "choice.cancelled", _("Choice cancelled")
        CHOICE_FULFILLED = "choice.fulfilled", _("Choice fulfilled")
        TASK_ASSIGNED = "task.assigned", _("Task assigned")
        TASK_DONE = "task.done", _("Task done")
        PROMISE_BROKEN = "promise.broken", _("Promise broken")
        CHECK_IN_ANSWERED = "check_in.answered", _("Check-in answered")
        RATED = "feedback.received", _("Rating received")
        MEMBERSHIPS_MADE = "memberships.made", _("Person recognised as customer")
        MEMBERSHIP_CHANGED = "membership.changed", _("Membership changed")
        MEMBERSHIP_ENDED = "membership.ended", _("Membership ended")
        CUSTOMER_CHANGED = "customer.changed", _("Customer changed")
        HOLDING_CHANGED = "holding.changed", _("Holding changed")
        PERSON_CHANGED = "person.changed", _("Person changed")
        REMEDY_CHANGED = "remedy.changed", _("Remedy changed")
        CUSTOMER_GROUP_CHANGED = "customer_group.changed", _("Customer group changed")
        READ_TOKEN_MADE = "read_token.made", _("Read token made")
        READ_TOKEN_REVOKED = "read_token.revoked", _("Read token revoked")

    kind = models.CharField(max_length=32, choices=Kind)
    page = models.ForeignKey(Page, on_delete=models.PROTECT, null=True, related_name="+")
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, null=True, related_name="events")
    impact = models.ForeignKey(Impact, on_delete=models.PROTECT, null=True, related_name="events")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    via = models.CharField(max_length=8, default="staff")
    data = models.JSONField(default=dict)
    is_public = models.BooleanField(default=False)
    happened_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            # Every web process asks twice a second for the newest public event.
            models.Index(fields=["-id"], condition=Q(is_public=True), name="event_newest_public"),
            models.Index(fields=["incident", "id"], name="event_of_incident"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"
