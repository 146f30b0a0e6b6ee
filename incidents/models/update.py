"""What was said in public: updates and estimates. Both are append-only, guarded by database triggers."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents.ids import new_public_id
from incidents.models.incident import Incident


class Update(models.Model):
    """One public message. A correction is a new update that points back with ``corrects``."""

    public_id = models.CharField(max_length=32, default=new_public_id, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="updates")
    status = models.CharField(_("status"), max_length=16, choices=Incident.Status)
    body = models.TextField(_("text"))
    # Sanitised once, when it was written: the public path renders no Markdown.
    body_html = models.TextField(editable=False)
    # As Statuspage has it: [{"code", "name", "old_status", "new_status"}], or null when not stated.
    affected_components = models.JSONField(null=True, blank=True, default=None, editable=False)
    corrects = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="corrections")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True)
    deliver_notifications = models.BooleanField(default=True)
    display_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-display_at", "-id"]
        verbose_name = _("update")
        verbose_name_plural = _("updates")
        constraints = [
            models.UniqueConstraint(fields=["incident", "public_id"], name="update_public_id_once"),
            models.CheckConstraint(
                condition=Q(status__in=[*Incident.INCIDENT_STATUSES, *Incident.MAINTENANCE_STATUSES]),
                name="update_status_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_status_display()}: {self.body[:60]}"


class Estimate(models.Model):
    """A published time of restoration; the newest one counts, the others are history."""

    class Stage(models.TextChoices):
        ASSESSING = "assessing", _("Assessing")
        INITIAL = "initial", _("First estimate")
        REVISED = "revised", _("Revised")
        CONFIRMED = "confirmed", _("Confirmed")

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="estimates")
    stage = models.CharField(_("stage"), max_length=12, choices=Stage)
    # Null while assessing: an honest "we do not know yet".
    restored_by = models.DateTimeField(_("restored by"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=120, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("estimate")
        verbose_name_plural = _("estimates")
        constraints = [
            models.CheckConstraint(
                condition=Q(stage="assessing", restored_by__isnull=True)
                | Q(stage__in=["initial", "revised", "confirmed"], restored_by__isnull=False),
                name="estimate_states_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_stage_display()}: {self.restored_by or '—'}"
