"""What the company shows in public: pages, component groups, components."""

import re
import zoneinfo

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents.ids import new_public_id


def validate_time_zone(name: str) -> None:
    """Refuse a name that the IANA time zone database does not know."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(_("“%(name)s” is not a time zone; write it like Europe/Lisbon."), params={"name": name})


ORIGIN = re.compile(r"https?://(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::[0-9]{1,5})?")


def validate_origins(origins: object) -> None:
    """Refuse whatever is not a list of web sites: scheme and host, perhaps a port, `*.` for all below a domain."""
    if not isinstance(origins, list) or len(origins) != len(set(map(str, origins))):
        raise ValidationError(_("Name each web site once."))
    for origin in origins:
        if not isinstance(origin, str) or not ORIGIN.fullmatch(origin):
            raise ValidationError(
                _(
                    "“%(origin)s” is not the address of a web site; "
                    "write it like https://www.example.org, without a path."
                ),
                params={"origin": origin},
            )


class Page(models.Model):
    """One status page: for everybody, or for those whom its visibility names."""

    class Visibility(models.TextChoices):
        """Who may read it."""

        PUBLIC = "public", _("Everybody")
        SIGNED_IN = "signed_in", _("Everybody who is signed in")
        GROUPS = "groups", _("Some groups of customers")
        LINK = "link", _("Whoever has the secret link")

    public_id = models.CharField(max_length=32, unique=True, default=new_public_id, editable=False)
    slug = models.SlugField(_("address"), unique=True, help_text=_("The page's part of its address: /p/<address>/."))
    name = models.CharField(_("name"), max_length=120)
    url = models.URLField(_("company web site"), blank=True)
    description = models.TextField(_("description"), blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[validate_time_zone])
    language = models.CharField(_("language"), max_length=16, default="en")
    # Codes of those besides the default one.
    languages = models.JSONField(_("other languages"), default=list, blank=True)
    domain = models.CharField(
        _("domain of its own"),
        max_length=253,
        blank=True,
        help_text=_("Such as status.example.org; empty: it stands below this site's address."),
    )
    visibility = models.CharField(_("who may read it"), max_length=12, choices=Visibility, default=Visibility.PUBLIC)
    embed_origins = models.JSONField(
        _("sites that may frame it"),
        default=list,
        blank=True,
        validators=[validate_origins],
        help_text=_(
            "Web sites that may show this page's widget in a frame, one on each line, like https://www.example.org. "
            "The element and the picture need no permission."
        ),
    )
    # A new number closes every secret link made before.
    link_serial = models.PositiveIntegerField(default=1, editable=False)
    # Whoever subscribed before does not know the link, and no message may tell it.
    link_made_at = models.DateTimeField(null=True, editable=False)
    is_default = models.BooleanField(_("shown at the site's root"), default=False)
    support_email = models.EmailField(_("support e-mail"), blank=True)
    support_phone = models.CharField(_("support phone"), max_length=40, blank=True)
    support_url = models.URLField(_("support address"), blank=True)
    # Its colours in light and in dark, like #1d3f72; empty: ours.
    accent_light = models.CharField(_("accent"), max_length=7, blank=True)
    accent_dark = models.CharField(_("accent in the dark"), max_length=7, blank=True)
    masthead_light = models.CharField(_("masthead"), max_length=7, blank=True)
    masthead_dark = models.CharField(_("masthead in the dark"), max_length=7, blank=True)
    # Of its logo, if it has one: svg, png or webp, and its measures in pixels.
    logo_kind = models.CharField(max_length=4, blank=True, editable=False)
    logo_width = models.PositiveIntegerField(default=0, editable=False)
    logo_height = models.PositiveIntegerField(default=0, editable=False)
    # Components of other pages that stand on this one too.
    guests: "models.ManyToManyField[Component, models.Model]" = models.ManyToManyField(
        "Component", blank=True, related_name="shown_on", verbose_name=_("also shown")
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-is_default", "name"]
        verbose_name = _("page")
        verbose_name_plural = _("pages")
        constraints = [
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="page_one_default"),
            models.UniqueConstraint(fields=["domain"], condition=~Q(domain=""), name="page_domain_once"),
            models.CheckConstraint(
                condition=Q(visibility__in=["public", "signed_in", "groups", "link"]), name="page_visibility_known"
            ),
            models.CheckConstraint(condition=Q(domain=Lower("domain")), name="page_domain_lower_case"),
            models.CheckConstraint(
                condition=Q(logo_kind="", logo_width=0, logo_height=0)
                | Q(logo_kind__in=["svg", "png", "webp"], logo_width__gt=0, logo_height__gt=0),
                name="page_logo_measured",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_public(self) -> bool:
        return self.visibility == self.Visibility.PUBLIC


class ComponentGroup(models.Model):
    """A heading under which components stand on the page."""

    public_id = models.CharField(max_length=32, default=new_public_id, editable=False)
    page = models.ForeignKey(Page, on_delete=models.PROTECT, related_name="groups", verbose_name=_("page"))
    name = models.CharField(_("name"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    position = models.PositiveIntegerField(_("position"), default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("component group")
        verbose_name_plural = _("component groups")
        constraints = [
            models.UniqueConstraint(fields=["page", "public_id"], name="group_public_id_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Component(models.Model):
    """A part of the service that customers recognise."""

    class Status(models.TextChoices):
        """Statuspage's words, from best to worst."""

        OPERATIONAL = "operational", _("Operational")
        UNDER_MAINTENANCE = "under_maintenance", _("Under maintenance")
        DEGRADED_PERFORMANCE = "degraded_performance", _("Degraded performance")
        PARTIAL_OUTAGE = "partial_outage", _("Partial outage")
        MAJOR_OUTAGE = "major_outage", _("Major outage")

    public_id = models.CharField(max_length=32, default=new_public_id, editable=False)
    page = models.ForeignKey(Page, on_delete=models.PROTECT, related_name="components", verbose_name=_("page"))
    group = models.ForeignKey(
        ComponentGroup,
        on_delete=models.SET_NULL,
        related_name="components",
        null=True,
        blank=True,
        verbose_name=_("group"),
    )
    name = models.CharField(_("name"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    position = models.PositiveIntegerField(_("position"), default=0)
    status = models.CharField(_("status"), max_length=24, choices=Status, default=Status.OPERATIONAL)
    is_hidden = models.BooleanField(_("hidden"), default=False, help_text=_("Kept from the public page."))
    showcase = models.BooleanField(_("showcase"), default=False)
    only_show_if_degraded = models.BooleanField(_("shown only when not operational"), default=False)
    start_date = models.DateField(_("in service since"), null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("component")
        verbose_name_plural = _("components")
        constraints = [
            models.UniqueConstraint(fields=["page", "public_id"], name="component_public_id_once"),
            models.CheckConstraint(
                condition=Q(
                    status__in=[
                        "operational",
                        "under_maintenance",
                        "degraded_performance",
                        "partial_outage",
                        "major_outage",
                    ]
                ),
                name="component_status_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name
