"""One holding hit by one incident."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents.ids import new_public_id
from incidents.models.customers import Customer, Holding
from incidents.models.incident import Incident


class ImpactQuerySet(models.QuerySet["Impact"]):
    def current(self) -> "ImpactQuerySet":
        """Those that hold: not withdrawn by a narrower scope."""
        return self.exclude(state=Impact.State.WITHDRAWN)


class Impact(models.Model):
    """One holding hit by one incident; unique per pair."""

    class State(models.TextChoices):
        OPEN = "open", _("Affected")
        RESTORED = "restored", _("Restored, not confirmed")
        CONFIRMED = "confirmed", _("Confirmed fixed")
        REOPENED = "reopened", _("Reopened")
        WITHDRAWN = "withdrawn", _("Not affected after all")

    public_id = models.CharField(max_length=32, unique=True, default=new_public_id, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="impacts")
    holding = models.ForeignKey(Holding, on_delete=models.PROTECT, related_name="impacts")
    # The holding's customer at the time: a line that is sold later keeps its history.
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="impacts")
    units = models.PositiveIntegerField(default=1)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.OPEN)
    opened_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(null=True, blank=True)
    restored_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    reopened_at = models.DateTimeField(null=True, blank=True)

    objects = ImpactQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at", "-id"]
        verbose_name = _("impact")
        verbose_name_plural = _("impacts")
        indexes = [
            # My page: one customer's impacts among millions.
            models.Index(fields=["customer", "-opened_at"], name="impact_of_customer"),
            # Staff desk: the counts of one incident by state.
            models.Index(fields=["incident", "state"], name="impact_by_state"),
            # Staff desk: whoever said "not fixed" and waits for a person.
            models.Index(fields=["reopened_at"], condition=Q(state="reopened"), name="impact_reopened"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["incident", "holding"], name="impact_once_per_holding"),
            models.CheckConstraint(
                condition=Q(state__in=["open", "restored", "confirmed", "reopened", "withdrawn"]),
                name="impact_state_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.holding} · {self.incident}"
