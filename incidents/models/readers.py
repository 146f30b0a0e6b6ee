"""Who reads a page that is not for everybody: groups of customers, and programs with a token."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents.models.catalogue import Page
from incidents.models.customers import Customer


class CustomerGroup(models.Model):
    """Customers whose people may read the same pages."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    customers = models.ManyToManyField(Customer, blank=True, related_name="groups", verbose_name=_("customers"))
    pages = models.ManyToManyField(Page, blank=True, related_name="customer_groups", verbose_name=_("pages"))
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["name"]
        verbose_name = _("customer group")
        verbose_name_plural = _("customer groups")
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="customer_group_has_name"),
        ]

    def __str__(self) -> str:
        return self.name


class ReadToken(models.Model):
    """Lets a program read one page that is not for everybody. Of the token itself only the hash is kept."""

    class Scope(models.TextChoices):
        READ_STATUS = "read:status", _("Read the page's documents")

    page = models.ForeignKey(Page, on_delete=models.PROTECT, related_name="read_tokens", verbose_name=_("page"))
    name = models.CharField(_("name"), max_length=120, help_text=_("What it is for: “Ops calendar”."))
    scope = models.CharField(_("scope"), max_length=16, choices=Scope, default=Scope.READ_STATUS, editable=False)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True, help_text=_("Empty: it does not expire."))
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)
    # To the hour.
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("read token")
        verbose_name_plural = _("read tokens")
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="read_token_has_name"),
            models.CheckConstraint(condition=Q(scope__in=["read:status"]), name="read_token_scope_known"),
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True) | Q(expires_at__gt=F("created_at")),
                name="read_token_expires_later",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} · {self.page}"
