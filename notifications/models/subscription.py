"""What a channel wants to hear in public."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents.models import Component, Page
from notifications.models.channel import Channel


class Subscription(models.Model):
    """A channel's wish to hear a page's public messages; active only after double opt-in."""

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting for confirmation")
        ACTIVE = "active", _("Active")
        ENDED = "ended", _("Ended")

    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="subscriptions")
    page = models.ForeignKey(Page, on_delete=models.PROTECT, related_name="subscriptions")
    # None chosen: everything on the page.
    components = models.ManyToManyField(Component, blank=True, related_name="+")
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.PENDING)
    created_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        constraints = [
            models.UniqueConstraint(fields=["channel", "page"], condition=~Q(state="ended"), name="subscription_once"),
            models.CheckConstraint(
                condition=~Q(state="active") | Q(confirmed_at__isnull=False), name="subscription_active_was_confirmed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} · {self.page}"
