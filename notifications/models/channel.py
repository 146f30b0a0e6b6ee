"""Where a person can be reached, and what must not be sent there."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Channel(models.Model):
    """One address of one kind. E-mail for now; ``address`` is stored in lower case."""

    class Kind(models.TextChoices):
        EMAIL = "email", _("E-mail")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.EMAIL)
    address = models.CharField(_("address"), max_length=254)
    language = models.CharField(_("language"), max_length=16, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    verified_at = models.DateTimeField(_("verified"), null=True, blank=True)
    off_at = models.DateTimeField(_("switched off"), null=True, blank=True)
    off_reason = models.CharField(_("reason"), max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("channel")
        verbose_name_plural = _("channels")
        constraints = [
            models.UniqueConstraint(fields=["kind", "address"], name="channel_once"),
            models.CheckConstraint(condition=~Q(address=""), name="channel_has_address"),
        ]

    def __str__(self) -> str:
        return self.address


class Suppression(models.Model):
    """A channel that must not be contacted, by topic. Lifted, never deleted."""

    class Topic(models.TextChoices):
        ALL = "all", _("Everything")
        PUBLIC = "public", _("Status page updates")
        PERSONAL = "personal", _("Messages about my own things")

    class Reason(models.TextChoices):
        UNSUBSCRIBED = "unsubscribed", _("Unsubscribed")
        BOUNCED = "bounced", _("Bounced")
        COMPLAINED = "complained", _("Complained")
        STAFF = "staff", _("Set by staff")

    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="suppressions")
    topic = models.CharField(_("topic"), max_length=8, choices=Topic)
    reason = models.CharField(_("reason"), max_length=16, choices=Reason)
    created_at = models.DateTimeField(default=timezone.now)
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("suppression")
        verbose_name_plural = _("suppressions")
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "topic"], condition=Q(lifted_at__isnull=True), name="suppression_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel}: {self.get_topic_display()}"
