"""Who holds what with the company."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents.ids import new_public_id
from incidents.models.catalogue import Component
from incidents.models.people import User


class Customer(models.Model):
    """A person or organisation who holds something. ``ref`` is the company's own number for them."""

    public_id = models.CharField(max_length=32, unique=True, default=new_public_id, editable=False)
    ref = models.CharField(_("reference"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=200)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    language = models.CharField(_("language"), max_length=16, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["id"]
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        # Signing in looks customers up by e-mail, however their company wrote it.
        indexes = [
            models.Index(Lower("email"), name="customer_email"),
            # The staff desk finds them by the beginning of their name.
            models.Index(fields=["name"], opclasses=["varchar_pattern_ops"], name="customer_name"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(ref=""), name="customer_has_ref"),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A user's role for a customer."""

    class Role(models.TextChoices):
        OWNER = "owner", _("Owner")
        CHOOSER = "chooser", _("Chooser")
        VIEWER = "viewer", _("Viewer")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("person"))
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("customer")
    )
    role = models.CharField(_("role"), max_length=8, choices=Role, default=Role.OWNER)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(fields=["user", "customer"], name="membership_once"),
            models.CheckConstraint(condition=Q(role__in=["owner", "chooser", "viewer"]), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.customer}"

    @property
    def may_choose(self) -> bool:
        return self.role in (self.Role.OWNER, self.Role.CHOOSER)


class Holding(models.Model):
    """One thing a customer has with us. ``quantity`` counts its units: passengers, seats, parcels."""

    class Kind(models.TextChoices):
        ORDER = "order", _("Order")
        BOOKING = "booking", _("Booking")
        SUBSCRIPTION = "subscription", _("Subscription")
        PREMISE = "premise", _("Premise")
        APPOINTMENT = "appointment", _("Appointment")
        PARCEL = "parcel", _("Parcel")
        LINE = "line", _("Line")
        OTHER = "other", _("Other")

    public_id = models.CharField(max_length=32, unique=True, default=new_public_id, editable=False)
    ref = models.CharField(_("reference"), max_length=64, unique=True)
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="holdings", verbose_name=_("customer")
    )
    component = models.ForeignKey(
        Component,
        on_delete=models.PROTECT,
        related_name="holdings",
        null=True,
        blank=True,
        verbose_name=_("component"),
        help_text=_("The part of the service that this holding depends on."),
    )
    kind = models.CharField(_("kind"), max_length=16, choices=Kind, default=Kind.OTHER)
    label = models.CharField(_("label"), max_length=200, help_text=_("How the customer knows it."))
    quantity = models.PositiveIntegerField(_("units"), default=1)
    region = models.CharField(_("region"), max_length=64, blank=True)
    starts_at = models.DateTimeField(_("starts"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["id"]
        verbose_name = _("holding")
        verbose_name_plural = _("holdings")
        indexes = [
            # Matching asks for one component's active holdings: cost follows the affected, not the table.
            models.Index(fields=["component", "ends_at"], condition=Q(is_active=True), name="holding_matching"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(ref=""), name="holding_has_ref"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="holding_has_units"),
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True) | Q(ends_at__isnull=True) | Q(ends_at__gte=models.F("starts_at")),
                name="holding_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} ({self.ref})"
