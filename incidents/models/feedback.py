"""Is it fixed for you, and how was it."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents.models.impact import Impact


class CheckIn(models.Model):
    """ "Is it fixed for *you*?", asked once per round; a reopened impact that is restored again begins a new round."""

    class Answer(models.TextChoices):
        YES = "yes", _("Yes")
        PARTLY = "partly", _("Partly")
        NO = "no", _("No")

    impact = models.ForeignKey(Impact, on_delete=models.PROTECT, related_name="check_ins")
    round = models.PositiveSmallIntegerField(default=1)
    asked_at = models.DateTimeField(default=timezone.now)
    answer = models.CharField(_("answer"), max_length=8, choices=Answer, blank=True)
    comment = models.TextField(_("comment"), blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by_name = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-round"]
        verbose_name = _("check-in")
        verbose_name_plural = _("check-ins")
        constraints = [
            models.UniqueConstraint(fields=["impact", "round"], name="check_in_once_per_round"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True)
                | Q(answer__in=["yes", "partly", "no"], answered_at__isnull=False),
                name="check_in_answer_has_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.impact}: {self.get_answer_display() or '—'}"


class Rating(models.Model):
    """Satisfaction 1-5 (more is better), effort 1-7 (more is easier), after the check-in; one per impact."""

    impact = models.OneToOneField(Impact, on_delete=models.PROTECT, related_name="rating")
    satisfaction = models.PositiveSmallIntegerField(_("satisfaction"))
    effort = models.PositiveSmallIntegerField(_("effort"))
    comment = models.TextField(_("comment"), blank=True)
    rated_at = models.DateTimeField(default=timezone.now)
    rated_by_name = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("rating")
        verbose_name_plural = _("ratings")
        constraints = [
            models.CheckConstraint(
                condition=Q(satisfaction__gte=1, satisfaction__lte=5), name="rating_satisfaction_1_5"
            ),
            models.CheckConstraint(condition=Q(effort__gte=1, effort__lte=7), name="rating_effort_1_7"),
        ]

    def __str__(self) -> str:
        return f"{self.satisfaction}/5 · {self.effort}/7"
