"""The record of how every component fared: what its uptime is reckoned from."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from incidents.models.catalogue import Component


class StatusChange(models.Model):
    """From this moment on, a component was in this status. Append-only, guarded by database triggers.

    Before its first row a component was operational.
    """

    component = models.ForeignKey(
        Component, on_delete=models.PROTECT, related_name="status_changes", verbose_name=_("component")
    )
    status = models.CharField(_("status"), max_length=24, choices=Component.Status)
    from_at = models.DateTimeField(_("from"))

    class Meta:
        ordering = ["from_at", "id"]
        verbose_name = _("change of status")
        verbose_name_plural = _("changes of status")
        constraints = [
            # Also the index by which a page reads what its components went through in a span of time.
            models.UniqueConstraint(fields=["component", "from_at"], name="status_change_once_at_a_time"),
            models.CheckConstraint(condition=Q(status__in=Component.Status.values), name="status_change_status_known"),
        ]

    def __str__(self) -> str:
        return f"{self.component}: {self.get_status_display()}, {self.from_at:%Y-%m-%d %H:%M}"
