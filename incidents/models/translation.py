"""Staff's own texts in the other languages of a page. Append-only: a better wording is a new row, the newest counts."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents.models.catalogue import Component, ComponentGroup, Page
from incidents.models.incident import Incident
from incidents.models.remedy import Offer, Remedy
from incidents.models.series import MaintenanceSeries
from incidents.models.update import Estimate, Update

# What can be translated: a column of this table, and the fields of the row that it points at. A row that points at
# nothing but its page is about the page itself.
TRANSLATED: dict[str, tuple[str, ...]] = {
    "page": ("name", "description"),
    "group": ("name", "description"),
    "component": ("name", "description"),
    "incident": ("name", "advice"),
    "update": ("body",),
    "estimate": ("reason", "source"),
    "offer": ("name", "what_you_get", "when", "what_it_costs", "what_you_give_up", "promise"),
    "remedy": ("name", "what_you_get", "what_it_costs", "what_you_give_up", "promise"),
    "series": ("name", "body"),
}
SUBJECTS = tuple(subject for subject in TRANSLATED if subject != "page")


def _of_one_subject() -> Q:
    """Exactly one subject, with a field that it has; a remedy stands in the library and belongs to no page."""
    no_subject = {f"{subject}__isnull": True for subject in SUBJECTS}
    allowed = Q(page__isnull=False, field__in=TRANSLATED["page"], **no_subject)
    for subject in SUBJECTS:
        only = no_subject | {f"{subject}__isnull": False, "page__isnull": subject == "remedy"}
        allowed |= Q(field__in=TRANSLATED[subject], **only)
    return allowed


class Translation(models.Model):
    """One text in another language. An empty one takes the translation back: readers get the original.

    ``made_from`` names the original (see ``incidents.queries.translations.mark_of``): once that reads otherwise, the
    translation no longer counts. ``page`` is that of the subject, so that a page's are read at once.
    """

    page = models.ForeignKey(Page, on_delete=models.PROTECT, null=True, related_name="translations")
    # Each is found by the index of its own constraint below.
    group = models.ForeignKey(
        ComponentGroup, on_delete=models.CASCADE, null=True, db_index=False, related_name="translations"
    )
    component = models.ForeignKey(
        Component, on_delete=models.CASCADE, null=True, db_index=False, related_name="translations"
    )
    incident = models.ForeignKey(
        Incident, on_delete=models.PROTECT, null=True, db_index=False, related_name="translations"
    )
    update = models.ForeignKey(Update, on_delete=models.PROTECT, null=True, db_index=False, related_name="translations")
    estimate = models.ForeignKey(
        Estimate, on_delete=models.PROTECT, null=True, db_index=False, related_name="translations"
    )
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, null=True, db_index=False, related_name="translations")
    remedy = models.ForeignKey(Remedy, on_delete=models.CASCADE, null=True, db_index=False, related_name="translations")
    # What each of its windows is announced with.
    series = models.ForeignKey(
        MaintenanceSeries, on_delete=models.CASCADE, null=True, db_index=False, related_name="translations"
    )
    language = models.CharField(_("language"), max_length=16)
    field = models.CharField(max_length=16)
    revision = models.PositiveIntegerField(default=1)
    text = models.TextField(_("text"), blank=True)
    # Of updates only, sanitised when it was written.
    html = models.TextField(blank=True, editable=False)
    made_from = models.CharField(max_length=64, editable=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["id"]
        verbose_name = _("translation")
        verbose_name_plural = _("translations")
        constraints = [
            models.CheckConstraint(condition=_of_one_subject(), name="translation_of_one_thing"),
            models.CheckConstraint(condition=~Q(language=""), name="translation_has_language"),
            models.CheckConstraint(condition=Q(revision__gte=1), name="translation_counts_from_one"),
            # A column that is null is no equal of another null, so these speak of their own things only.
            *(
                models.UniqueConstraint(
                    fields=[subject, "field", "language", "revision"], name=f"translation_of_{subject}_once"
                )
                for subject in SUBJECTS
            ),
            models.UniqueConstraint(
                fields=["page", "field", "language", "revision"],
                condition=Q(**{f"{subject}__isnull": True for subject in SUBJECTS}),
                name="translation_of_page_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field} ({self.language}): {self.text[:60]}"

    @property
    def subject_column(self) -> str:
        """The column of what it translates."""
        return next((subject for subject in SUBJECTS if getattr(self, f"{subject}_id") is not None), "page")
