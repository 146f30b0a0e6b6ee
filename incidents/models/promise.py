"""What we said we would do, and the work that does it."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents.ids import new_public_id
from incidents.models.impact import Impact
from incidents.models.remedy import Choice


class PromiseQuerySet(models.QuerySet["Promise"]):
    def owed(self) -> "PromiseQuerySet":
        """What is still to be done: open, or broken and not done all the same, unless its customer gave it back."""
        undone = Exists(Task.objects.filter(promise=OuterRef("pk"), state=Task.State.OPEN))
        return self.filter(Q(state=Promise.State.OPEN) | Q(undone, state=Promise.State.BROKEN))


class Promise(models.Model):
    """What we said we would do for someone, by when; ends beaten, kept or broken (or withdrawn with its choice)."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        BEATEN = "beaten", _("Beaten")
        KEPT = "kept", _("Kept")
        BROKEN = "broken", _("Broken")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    public_id = models.CharField(max_length=32, unique=True, default=new_public_id, editable=False)
    impact = models.ForeignKey(Impact, on_delete=models.PROTECT, related_name="promises")
    choice = models.ForeignKey(Choice, on_delete=models.PROTECT, null=True, blank=True, related_name="promises")
    text = models.CharField(_("promise"), max_length=200)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.OPEN)
    made_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(_("due"))
    broken_at = models.DateTimeField(null=True, blank=True)
    # When it was done; a broken promise may still be done, later.
    done_at = models.DateTimeField(null=True, blank=True)

    objects = PromiseQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "id"]
        verbose_name = _("promise")
        verbose_name_plural = _("promises")
        indexes = [
            # The clock looks for open promises that fell due.
            models.Index(fields=["due_at"], condition=Q(state="open"), name="promise_open_due"),
            # The staff desk shows broken ones until they are done.
            models.Index(
                fields=["broken_at"], condition=Q(state="broken", done_at__isnull=True), name="promise_broken_not_done"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["open", "beaten", "kept", "broken", "withdrawn"]), name="promise_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["beaten", "kept"]) | Q(done_at__isnull=False), name="promise_kept_has_moment"
            ),
            models.CheckConstraint(
                condition=~Q(state="broken") | Q(broken_at__isnull=False), name="promise_broken_has_moment"
            ),
        ]

    def __str__(self) -> str:
        return self.text


class Task(models.Model):
    """Work that fulfils a choice or a promise, with one owner."""

    class Kind(models.TextChoices):
        FULFIL = "fulfil", _("Fulfil a choice")
        FOLLOW_UP = "follow_up", _("Not fixed: call the customer")

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    impact = models.ForeignKey(Impact, on_delete=models.PROTECT, related_name="tasks")
    choice = models.ForeignKey(Choice, on_delete=models.PROTECT, null=True, blank=True, related_name="tasks")
    promise = models.ForeignKey(Promise, on_delete=models.PROTECT, null=True, blank=True, related_name="tasks")
    title = models.CharField(_("title"), max_length=200)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="tasks",
        verbose_name=_("owner"),
    )
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.OPEN)
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["due_at", "id"]
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        indexes = [
            # Staff work the open ones, soonest first.
            models.Index(fields=["due_at"], condition=Q(state="open"), name="task_open_due"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["choice"], condition=Q(kind="fulfil"), name="task_one_per_choice"),
            models.CheckConstraint(condition=~Q(state="done") | Q(done_at__isnull=False), name="task_done_has_moment"),
            models.CheckConstraint(condition=Q(state__in=["open", "done", "cancelled"]), name="task_state_known"),
        ]

    def __str__(self) -> str:
        return self.title
