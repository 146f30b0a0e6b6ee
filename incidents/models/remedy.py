"""The library of remedies, what is offered on an incident, and what customers chose."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents.ids import new_public_id
from incidents.models.catalogue import Page
from incidents.models.impact import Impact
from incidents.models.incident import Incident


class Remedy(models.Model):
    """A reusable kind of short-term solution; an offer begins as a copy of its words."""

    class Kind(models.TextChoices):
        REBOOK = "rebook", _("Rebook")
        REROUTE = "reroute", _("Reroute")
        REPLACE = "replace", _("Replace")
        REFUND = "refund", _("Refund")
        CREDIT = "credit", _("Credit")
        VOUCHER = "voucher", _("Voucher")
        WAIT = "wait", _("Wait with compensation")
        UPGRADE = "upgrade", _("Upgrade")
        CALLBACK = "callback", _("Callback")
        CARE = "care", _("Care")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    name = models.CharField(_("name"), max_length=120, unique=True)
    what_you_get = models.TextField(_("what the customer gets"))
    what_it_costs = models.CharField(_("what it costs the customer"), max_length=200, blank=True)
    what_you_give_up = models.CharField(_("what the customer gives up"), max_length=200, blank=True)
    promise = models.CharField(_("promise"), max_length=200, help_text=_("What we say we will do."))
    fulfil_within = models.DurationField(_("fulfilled within"), help_text=_("Hours:minutes:seconds after the choice."))
    value = models.DecimalField(_("value"), max_digits=12, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    is_legal_right = models.BooleanField(_("legal right"), default=False, help_text=_("Stands first among the offers."))
    is_extra = models.BooleanField(_("extra"), default=False, help_text=_("May be chosen beside another offer."))
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("remedy")
        verbose_name_plural = _("remedies")
        constraints = [
            models.CheckConstraint(
                condition=Q(value__isnull=True) | (Q(value__gte=0) & ~Q(currency="")), name="remedy_value_has_currency"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Pool(models.Model):
    """Shared stock behind one or more offers. ``taken`` moves only by conditional UPDATE."""

    page = models.ForeignKey(Page, on_delete=models.PROTECT, related_name="pools")
    name = models.CharField(_("name"), max_length=120)
    capacity = models.PositiveIntegerField(_("capacity"))
    taken = models.PositiveIntegerField(_("taken"), default=0, editable=False)

    class Meta:
        ordering = ["name", "id"]
        verbose_name = _("pool")
        verbose_name_plural = _("pools")
        constraints = [
            models.CheckConstraint(condition=Q(taken__lte=F("capacity")), name="pool_never_oversold"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def units_left(self) -> int:
        return self.capacity - self.taken


class OfferQuerySet(models.QuerySet["Offer"]):
    def current(self) -> "OfferQuerySet":
        return self.filter(withdrawn_at__isnull=True)


class Offer(models.Model):
    """A remedy offered on an incident. ``version`` rises with every change of its terms."""

    public_id = models.CharField(max_length=32, unique=True, default=new_public_id, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="offers")
    remedy = models.ForeignKey(Remedy, on_delete=models.PROTECT, related_name="offers", verbose_name=_("remedy"))
    pool = models.ForeignKey(
        Pool, on_delete=models.PROTECT, related_name="offers", null=True, blank=True, verbose_name=_("pool")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    version = models.PositiveIntegerField(default=1, editable=False)
    name = models.CharField(_("name"), max_length=120)
    what_you_get = models.TextField(_("what the customer gets"))
    when = models.CharField(_("when"), max_length=200, blank=True)
    what_it_costs = models.CharField(_("what it costs the customer"), max_length=200, blank=True)
    what_you_give_up = models.CharField(_("what the customer gives up"), max_length=200, blank=True)
    promise = models.CharField(_("promise"), max_length=200)
    fulfil_within = models.DurationField(_("fulfilled within"))
    value = models.DecimalField(_("value"), max_digits=12, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    is_legal_right = models.BooleanField(_("legal right"), default=False)
    is_extra = models.BooleanField(_("extra"), default=False)
    choose_by = models.DateTimeField(_("choose or change until"))
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = OfferQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        constraints = [
            models.CheckConstraint(
                condition=Q(value__isnull=True) | (Q(value__gte=0) & ~Q(currency="")), name="offer_value_has_currency"
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="offer_version_counts_from_one"),
        ]

    def __str__(self) -> str:
        return self.name


class Choice(models.Model):
    """A customer's pick. ``key`` makes a repeated request give the same answer."""

    class State(models.TextChoices):
        LIVE = "live", _("Chosen")
        FULFILLED = "fulfilled", _("Fulfilled")
        CHANGED = "changed", _("Changed")
        CANCELLED = "cancelled", _("Cancelled")

    class Via(models.TextChoices):
        ACCOUNT = "account", _("My page")
        LINK = "link", _("Signed link")
        STAFF = "staff", _("Staff")

    public_id = models.CharField(max_length=32, unique=True, default=new_public_id, editable=False)
    impact = models.ForeignKey(Impact, on_delete=models.PROTECT, related_name="choices")
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="choices")
    offer_version = models.PositiveIntegerField()
    # The offer's words and value as they stood when it was chosen.
    terms = models.JSONField(default=dict, editable=False)
    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, null=True, blank=True, related_name="choices")
    is_extra = models.BooleanField(default=False)
    units = models.PositiveIntegerField(default=1)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.LIVE)
    via = models.CharField(max_length=8, choices=Via)
    key = models.CharField(max_length=64)
    chosen_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True)
    chosen_by_name = models.CharField(max_length=200)
    chosen_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    fulfilled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-chosen_at", "-id"]
        verbose_name = _("choice")
        verbose_name_plural = _("choices")
        constraints = [
            models.UniqueConstraint(
                fields=["impact"],
                condition=Q(state__in=["live", "fulfilled"], is_extra=False),
                name="choice_one_live_per_impact",
            ),
            models.UniqueConstraint(
                fields=["impact", "offer"],
                condition=Q(state__in=["live", "fulfilled"], is_extra=True),
                name="choice_one_live_per_extra",
            ),
            models.UniqueConstraint(fields=["impact", "key"], name="choice_key_once"),
            models.CheckConstraint(
                condition=Q(state__in=["live", "fulfilled", "changed", "cancelled"]), name="choice_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.offer} · {self.impact}"
