"""One disruption, what it touches, and the rules that say whom."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents.ids import new_public_id
from incidents.models.catalogue import Component, Page
from incidents.models.customers import Holding
from incidents.models.series import MaintenanceSeries


class IncidentQuerySet(models.QuerySet["Incident"]):
    def published(self) -> "IncidentQuerySet":
        return self.filter(published_at__isnull=False)

    def open(self) -> "IncidentQuerySet":
        """Not over: for an incident before *resolved*, for a maintenance before *completed*."""
        return self.exclude(status__in=Incident.OVER)

    def unplanned(self) -> "IncidentQuerySet":
        return self.filter(kind=Incident.Kind.INCIDENT)

    def planned(self) -> "IncidentQuerySet":
        return self.filter(kind=Incident.Kind.MAINTENANCE)


class Incident(models.Model):
    """One disruption, unplanned, or planned with a window (a maintenance)."""

    class Kind(models.TextChoices):
        INCIDENT = "incident", _("Incident")
        MAINTENANCE = "maintenance", _("Maintenance")

    class Status(models.TextChoices):
        INVESTIGATING = "investigating", _("Investigating")
        IDENTIFIED = "identified", _("Identified")
        MONITORING = "monitoring", _("Monitoring")
        RESOLVED = "resolved", _("Resolved")
        POSTMORTEM = "postmortem", _("Postmortem")
        SCHEDULED = "scheduled", _("Scheduled")
        IN_PROGRESS = "in_progress", _("In progress")
        VERIFYING = "verifying", _("Verifying")
        COMPLETED = "completed", _("Completed")

    class Level(models.TextChoices):
        NONE = "none", _("None")
        MINOR = "minor", _("Minor")
        MAJOR = "major", _("Major")
        CRITICAL = "critical", _("Critical")
        MAINTENANCE = "maintenance", _("Maintenance")

    class Origin(models.TextChoices):
        STAFF = "staff", _("Staff")
        IMPORT = "import", _("Import")

    INCIDENT_STATUSES = ("investigating", "identified", "monitoring", "resolved", "postmortem")
    MAINTENANCE_STATUSES = ("scheduled", "in_progress", "verifying", "completed")
    OVER = ("resolved", "postmortem", "completed")

    public_id = models.CharField(max_length=32, default=new_public_id, editable=False)
    page = models.ForeignKey(Page, on_delete=models.PROTECT, related_name="incidents", verbose_name=_("page"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.INCIDENT)
    name = models.CharField(_("title"), max_length=300)
    status = models.CharField(_("status"), max_length=16, choices=Status, default=Status.INVESTIGATING)
    impact = models.CharField(_("impact"), max_length=12, choices=Level, default=Level.MINOR)
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.STAFF, editable=False)
    shortlink = models.URLField(blank=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="owned_incidents",
        null=True,
        blank=True,
        verbose_name=_("owner"),
    )
    components: "models.ManyToManyField[Component, AffectedComponent]" = models.ManyToManyField(
        Component, through="AffectedComponent", related_name="incidents"
    )
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)
    monitoring_at = models.DateTimeField(null=True, blank=True, editable=False)
    resolved_at = models.DateTimeField(_("service restored"), null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(_("customers made whole"), null=True, blank=True, editable=False)
    scheduled_for = models.DateTimeField(_("planned start"), null=True, blank=True)
    scheduled_until = models.DateTimeField(_("planned end"), null=True, blank=True)
    next_update_due_at = models.DateTimeField(_("next update due"), null=True, blank=True)
    advice = models.TextField(
        _("what to do meanwhile"),
        blank=True,
        max_length=2_000,
        help_text=_("Markdown. Customers read it on top of the incident’s page while it lasts."),
    )
    # How a maintenance runs: what the clock does by itself, and how long before the start people are reminded.
    starts_by_itself = models.BooleanField(_("begins by itself"), default=True)
    ends_by_itself = models.BooleanField(_("ends by itself"), default=True)
    verify_for = models.PositiveSmallIntegerField(
        _("minutes to verify"),
        default=0,
        help_text=_("After the planned end it is verified for so long, then completed. 0: completed at once."),
    )
    reminders = models.JSONField(_("reminders"), default=list, blank=True)  # minutes before the start, longest first
    next_reminder_at = models.DateTimeField(null=True, blank=True, editable=False)
    # When the clock ends the verifying; empty while a person does.
    completes_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The windows that it had before, as ISO moments, oldest first; its events say who moved it when.
    former_windows = models.JSONField(default=list, editable=False)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True, editable=False)
    series = models.ForeignKey(
        MaintenanceSeries, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="occurrences"
    )
    # The start that the series' rule gave it; a rescheduled one keeps it, so that the clock makes no second one.
    occurs_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = IncidentQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-id"]
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        indexes = [
            # The public history reads one page's incidents, newest first.
            models.Index(fields=["page", "-started_at"], name="incident_history"),
            # The clock asks each minute who is to be reminded.
            models.Index(
                fields=["next_reminder_at"], condition=Q(next_reminder_at__isnull=False), name="maintenance_to_remind"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["page", "public_id"], name="incident_public_id_once"),
            models.CheckConstraint(
                condition=Q(
                    kind="incident",
                    status__in=["investigating", "identified", "monitoring", "resolved", "postmortem"],
                )
                | Q(kind="maintenance", status__in=["scheduled", "in_progress", "verifying", "completed"]),
                name="incident_status_fits_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind="incident", impact__in=["none", "minor", "major", "critical"])
                | Q(kind="maintenance", impact="maintenance"),
                name="incident_impact_fits_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind="incident") | Q(scheduled_for__isnull=False, scheduled_until__isnull=False),
                name="maintenance_has_window",
            ),
            models.CheckConstraint(
                condition=Q(scheduled_for__isnull=True) | Q(scheduled_until__gte=models.F("scheduled_for")),
                name="maintenance_ends_after_start",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["resolved", "postmortem", "completed"]) | Q(resolved_at__isnull=False),
                name="incident_over_has_moment",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(status__in=["resolved", "postmortem", "completed"]),
                name="incident_closed_is_over",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True) | Q(kind="maintenance", status="completed"),
                name="maintenance_cancelled_is_over",
            ),
            models.CheckConstraint(
                condition=Q(next_reminder_at__isnull=True)
                | Q(status="scheduled", next_reminder_at__lt=models.F("scheduled_for")),
                name="maintenance_reminds_before_start",
            ),
            models.CheckConstraint(
                condition=Q(completes_at__isnull=True) | Q(status="verifying"), name="maintenance_completes_verifying"
            ),
            models.CheckConstraint(
                condition=Q(verify_for=0) | Q(kind="maintenance", verify_for__lte=10080),
                name="maintenance_verify_for_bounded",
            ),
            models.CheckConstraint(
                condition=Q(series__isnull=True, occurs_at__isnull=True)
                | Q(kind="maintenance", series__isnull=False, occurs_at__isnull=False),
                name="maintenance_of_series_has_start",
            ),
            # Two workers, or a second look, never make the same window twice.
            models.UniqueConstraint(fields=["series", "occurs_at"], name="maintenance_once_per_series_start"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_published(self) -> bool:
        return self.published_at is not None

    @property
    def is_over(self) -> bool:
        return self.status in self.OVER

    @property
    def is_planned(self) -> bool:
        return self.kind == self.Kind.MAINTENANCE

    @property
    def is_cancelled(self) -> bool:
        return self.cancelled_at is not None


class AffectedComponent(models.Model):
    """The status that one incident puts one component in."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="affected_components")
    component = models.ForeignKey(
        Component, on_delete=models.PROTECT, related_name="affected_by", verbose_name=_("component")
    )
    status = models.CharField(
        _("status"), max_length=24, choices=Component.Status, default=Component.Status.MAJOR_OUTAGE
    )

    class Meta:
        ordering = ["component__position", "id"]
        verbose_name = _("affected component")
        verbose_name_plural = _("affected components")
        constraints = [
            models.UniqueConstraint(fields=["incident", "component"], name="affected_component_once"),
            models.CheckConstraint(
                condition=Q(status__in=Component.Status.values), name="affected_component_status_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.component}: {self.get_status_display()}"


class Scope(models.Model):
    """One rule of whom an incident touches: all that is stated must hold; an incident's rules are joined by *or*.

    An incident without a rule touches every active holding of its affected components.
    """

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="scopes")
    component = models.ForeignKey(
        Component,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("component"),
        help_text=_("Empty: any affected component; references count wherever they are."),
    )
    kind = models.CharField(_("kind of holding"), max_length=16, choices=Holding.Kind, blank=True)
    region = models.CharField(_("region"), max_length=64, blank=True)
    starts_from = models.DateTimeField(_("starting from"), null=True, blank=True)
    starts_before = models.DateTimeField(_("starting before"), null=True, blank=True)
    refs = models.TextField(_("only these references"), blank=True, help_text=_("One per line."))

    class Meta:
        ordering = ["id"]
        verbose_name = _("scope")
        verbose_name_plural = _("scopes")

    def __str__(self) -> str:
        return f"{self.incident} · {self.component or '*'}"
