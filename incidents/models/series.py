"""Planned work that comes back: a rule from which the clock makes maintenances."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents.ids import new_public_id
from incidents.models.catalogue import Component, Page, validate_time_zone


class SeriesQuerySet(models.QuerySet["MaintenanceSeries"]):
    def running(self) -> "SeriesQuerySet":
        return self.filter(ended_at__isnull=True)


class MaintenanceSeries(models.Model):
    """A rule by which planned work comes back, and what each of its windows is made of.

    The rule speaks of the wall clock in ``time_zone``: 02:00 stays 02:00 when summer time begins.
    """

    public_id = models.CharField(max_length=32, unique=True, default=new_public_id, editable=False)
    page = models.ForeignKey(Page, on_delete=models.PROTECT, related_name="series", verbose_name=_("page"))
    name = models.CharField(_("title"), max_length=300)
    rule = models.CharField(_("rule"), max_length=300)  # RFC 5545, section 3.3.10, without the hour
    first_start = models.DateTimeField(_("first start"))
    time_zone = models.CharField(_("time zone"), max_length=64, validators=[validate_time_zone])
    lasts_for = models.PositiveSmallIntegerField(_("minutes it lasts"))
    body = models.TextField(_("text"))
    components = models.ManyToManyField(Component, related_name="+", blank=True, verbose_name=_("components"))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("owner"),
    )
    reminders = models.JSONField(_("reminders"), default=list, blank=True)  # minutes before the start, longest first
    verify_for = models.PositiveSmallIntegerField(_("minutes to verify"), default=0)
    announce_days = models.PositiveSmallIntegerField(_("announced so many days ahead"), default=14)
    most_ahead = models.PositiveSmallIntegerField(_("at most so many announced at a time"), default=3)
    # When the clock looks at it next; empty when the rule has run out, or the series has ended.
    look_at = models.DateTimeField(null=True, blank=True, editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = SeriesQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        verbose_name = _("recurring maintenance")
        verbose_name_plural = _("recurring maintenances")
        constraints = [
            models.CheckConstraint(condition=Q(lasts_for__gte=1, lasts_for__lte=10080), name="series_lasts_bounded"),
            models.CheckConstraint(condition=Q(verify_for__lte=10080), name="series_verify_for_bounded"),
            models.CheckConstraint(
                condition=Q(announce_days__gte=1, announce_days__lte=180, most_ahead__gte=1, most_ahead__lte=20),
                name="series_announces_bounded",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(look_at__isnull=True), name="series_ended_is_left_alone"
            ),
        ]

    def __str__(self) -> str:
        return self.name
