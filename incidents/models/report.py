"""Visitors who say "I have this problem too": counted, and forgotten who they were."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.models.catalogue import Component


class Report(models.Model):
    """One visitor's report about one component in one hour; there so that none counts twice, and gone after the hour.

    ``visitor`` is a keyed hash that is another one each hour (see ``incidents.actions.intake.reports``): no address is
    kept, and nobody can be followed from one hour to the next.
    """

    component = models.ForeignKey(
        Component, on_delete=models.CASCADE, db_index=False, related_name="reports", verbose_name=_("component")
    )
    hour = models.DateTimeField(_("hour"))
    visitor = models.CharField(_("visitor"), max_length=64)

    class Meta:
        ordering = ["-hour", "id"]
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        constraints = [
            # The hour first: what is older is deleted by it.
            models.UniqueConstraint(fields=["hour", "component", "visitor"], name="report_once_an_hour"),
        ]

    def __str__(self) -> str:
        return f"{self.component} · {self.hour:%Y-%m-%d %H:%M}"


class ReportCount(models.Model):
    """How many reports about one component came in the ten minutes from ``since``."""

    component = models.ForeignKey(
        Component, on_delete=models.CASCADE, related_name="report_counts", verbose_name=_("component")
    )
    since = models.DateTimeField(_("since"))
    number = models.PositiveIntegerField(_("number"), default=0)

    class Meta:
        ordering = ["-since", "component_id"]
        verbose_name = _("count of reports")
        verbose_name_plural = _("counts of reports")
        constraints = [
            # The time first: the desk asks for the same minutes of every component.
            models.UniqueConstraint(fields=["since", "component"], name="report_count_once"),
        ]

    def __str__(self) -> str:
        return f"{self.component} · {self.since:%Y-%m-%d %H:%M}: {self.number}"
