"""The library of remedies, what is offered on incidents, and the stock behind it."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents.actions.recovery.library import attach_limited_offer, save_remedy
from incidents.actions.recovery.remedies import attach_offer, make_pool, resize_pool, revise_offer, withdraw_offer
from incidents.admin.base import DomainAdmin, DomainForm, actor, moment, require, state
from incidents.admin.publishing.translations import TranslatedAdmin
from incidents.errors import DomainError
from incidents.models import Choice, Incident, Offer, Pool, Remedy
from incidents.permissions import CHANGE_OFFER

TERMS = (
    "name",
    "what_you_get",
    "when",
    "what_it_costs",
    "what_you_give_up",
    "promise",
    "fulfil_within",
    "value",
    "currency",
    "is_legal_right",
    "is_extra",
    "choose_by",
    "position",
)
# What an offer takes over from its remedy; staff may say it otherwise for one incident.
COPIED = tuple(term for term in TERMS if term not in ("when", "choose_by", "position"))
FIRST_CUT_OFF = timedelta(hours=24)


@admin.register(Remedy)
class RemedyAdmin(TranslatedAdmin):
    list_display = ("name", "kind", "promise", "value", "currency", "is_legal_right", "is_extra", "is_active")
    list_filter = ("is_active", "kind")
    search_fields = ("name",)
    fieldsets = (
        (None, {"fields": ("kind", "name", "is_active")}),
        (
            gettext_lazy("What customers compare"),
            {"fields": ("what_you_get", "what_it_costs", "what_you_give_up", ("value", "currency"))},
        ),
        (gettext_lazy("What we promise"), {"fields": ("promise", "fulfil_within")}),
        (gettext_lazy("Rank"), {"fields": ("is_legal_right", "is_extra")}),
    )

    def keep(self, request: HttpRequest, remedy: Remedy, form: Any, *, change: bool) -> Remedy:
        return save_remedy(remedy, by=actor(request))


@admin.register(Pool)
class PoolAdmin(DomainAdmin):
    list_display = ("name", "page", "taken", "capacity", "free")
    list_select_related = ("page",)
    list_filter = ("page",)
    search_fields = ("name",)
    fields = ("page", "name", "capacity", "taken")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("page", "name", "taken") if obj else ("taken",)

    def keep(self, request: HttpRequest, pool: Pool, form: Any, *, change: bool) -> Pool:
        if change:
            return resize_pool(pool, capacity=form.cleaned_data["capacity"], by=actor(request))
        return make_pool(pool.page, name=pool.name, capacity=pool.capacity, by=actor(request))

    @admin.display(description=gettext_lazy("left"))
    def free(self, pool: Pool) -> int:
        return pool.units_left


class OfferForm(DomainForm):
    """An offer's terms, and how much of it there is: without limit, from stock that exists, or from new stock."""

    stock_name = forms.CharField(
        label=gettext_lazy("New stock: name"),
        required=False,
        max_length=120,
        help_text=gettext_lazy("“Seats on MG 412”"),
    )
    stock = forms.IntegerField(label=gettext_lazy("New stock: how many"), required=False, min_value=1)

    def clean(self) -> Any:
        fields = super().clean() or self.cleaned_data
        if fields.get("stock") and fields.get("pool"):
            raise ValidationError(_("Take it from stock that exists or from new stock, not from both."))
        if fields.get("stock_name") and not fields.get("stock"):
            self.add_error("stock", _("Say how many there are."))
        return fields


@admin.register(Offer)
class OfferAdmin(DomainAdmin):
    """Reached from its incident: attached from the library, revised, withdrawn."""

    form = OfferForm
    list_display = ("name", "incident", "offer_state", "choosers", "remaining", "cut_off", "version")
    list_select_related = ("incident", "pool")
    list_filter = (("withdrawn_at", admin.EmptyFieldListFilter), "is_legal_right", "is_extra")
    search_fields = ("name", "incident__name")
    ordering = ("-id",)
    change_form_template = "admin/incidents/offer/change_form.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Offer]:
        live = Q(choices__state__in=[Choice.State.LIVE, Choice.State.FULFILLED])
        offers: QuerySet[Offer] = super().get_queryset(request)
        return offers.annotate(choosers=Count("choices", filter=live))

    @admin.display(description=gettext_lazy("state"))
    def offer_state(self, offer: Offer) -> SafeString:
        if offer.withdrawn_at:
            return state("withdrawn", _("Withdrawn"))
        is_closed = offer.choose_by < timezone.now()
        return state("none", _("Closed")) if is_closed else state("operational", _("Offered"))

    @admin.display(description=gettext_lazy("chosen"))
    def choosers(self, offer: Any) -> int:
        return int(offer.choosers)

    @admin.display(description=gettext_lazy("left"))
    def remaining(self, offer: Offer) -> str:
        return str(offer.pool.units_left) if offer.pool else _("not limited")

    @admin.display(description=gettext_lazy("choose until"), ordering="choose_by")
    def cut_off(self, offer: Offer) -> str:
        return moment(offer.choose_by)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        limited = ("pool",) if obj else ("pool", ("stock_name", "stock"))
        return (
            (
                gettext_lazy("What customers compare"),
                {
                    "fields": (
                        "name",
                        "what_you_get",
                        "when",
                        "what_it_costs",
                        "what_you_give_up",
                        ("value", "currency"),
                    )
                },
            ),
            (gettext_lazy("What we promise"), {"fields": ("promise", "fulfil_within")}),
            (gettext_lazy("Until when, and how many"), {"fields": ("choose_by", *limited)}),
            (gettext_lazy("Rank"), {"fields": ("is_legal_right", "is_extra", "position")}),
        )

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "pool":
            incident: Incident | None = getattr(request, "incident_of_offer", None)
            kwargs["queryset"] = Pool.objects.filter(page=incident.page_id) if incident else Pool.objects.none()
            kwargs["empty_label"] = _("Not limited")
            return db_field.formfield(**kwargs)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Offer | None:
        offer: Offer | None = super().get_object(request, object_id, from_field)
        if offer:
            request.incident_of_offer = offer.incident  # type: ignore[attr-defined]
        return offer

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was withdrawn stays as it was."""
        return super().has_change_permission(request, obj) and not (obj and obj.withdrawn_at)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        remedy: Remedy = request.remedy  # type: ignore[attr-defined]
        incident: Incident = request.incident_of_offer  # type: ignore[attr-defined]
        soonest = timezone.now() + FIRST_CUT_OFF
        copied = {name: getattr(remedy, name) for name in COPIED}
        return copied | {"choose_by": soonest, "position": incident.offers.count()}

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """On which incident, then which remedy, then its terms for this incident."""
        incident = _find(Incident.objects.select_related("page"), request.GET.get("incident", ""))
        if not self.has_add_permission(request) or not request.GET.get("remedy"):
            require(request, "incidents.add_offer")
            return self.library_page(request, incident)
        remedy = _find(Remedy.objects.filter(is_active=True), request.GET["remedy"])
        request.incident_of_offer, request.remedy = incident, remedy  # type: ignore[attr-defined]
        context = {"title": _("Offer “%(remedy)s”") % {"remedy": remedy}, "incident": incident}
        return super().add_view(request, form_url, context | (extra_context or {}))

    def library_page(self, request: HttpRequest, incident: Incident) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("What can you offer?"),
            "opts": self.opts,
            "incident": incident,
            "remedies": Remedy.objects.filter(is_active=True).order_by("-is_legal_right", "name"),
        }
        return TemplateResponse(request, "admin/incidents/offer/library.html", context)

    def keep(self, request: HttpRequest, offer: Offer, form: Any, *, change: bool) -> Offer:
        fields = form.cleaned_data
        terms = {name: fields[name] for name in TERMS}
        if change:
            current_offer = Offer.objects.get(pk=offer.pk)
            return revise_offer(current_offer, by=actor(request), pool=fields["pool"], **terms)
        incident, remedy = request.incident_of_offer, request.remedy  # type: ignore[attr-defined]
        if fields["stock"]:
            stock = {"stock_name": fields["stock_name"] or fields["name"], "capacity": fields["stock"]}
            return attach_limited_offer(incident, remedy=remedy, by=actor(request), **stock, **terms)
        return attach_offer(incident, remedy=remedy, by=actor(request), pool=fields["pool"], **terms)

    def response_add(self, request: HttpRequest, obj: Offer, post_url_continue: str | None = None) -> HttpResponse:
        return self._back(request, obj, _("“%(offer)s” is offered from now on.") % {"offer": obj})

    def response_change(self, request: HttpRequest, obj: Offer) -> HttpResponse:
        message = _("“%(offer)s” is revised. Whoever still looks at the old terms is asked to review them.")
        return self._back(request, obj, message % {"offer": obj})

    def _back(self, request: HttpRequest, offer: Offer, message: str) -> HttpResponse:
        messages.success(request, message)
        return HttpResponseRedirect(reverse("admin:incidents_incident_change", args=[offer.incident_id]))

    def get_urls(self) -> list[URLPattern]:
        return [self.desk_action_path("withdraw/", self.withdraw_view, "withdraw"), *super().get_urls()]

    def withdraw_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Offer this no longer; those who chose it keep it."""
        offer = self.find(request, object_id)
        require(request, CHANGE_OFFER)
        if request.method == "POST":
            try:
                withdraw_offer(offer, by=actor(request))
            except DomainError as refusal:
                messages.error(request, str(refusal.message))
                return HttpResponseRedirect(reverse("admin:incidents_incident_change", args=[offer.incident_id]))
            return self._back(request, offer, _("“%(offer)s” is no longer offered.") % {"offer": offer})
        title = _("Withdraw this offer?")
        context = {**self.admin_site.each_context(request), "title": title, "opts": self.opts, "original": offer}
        return TemplateResponse(request, "admin/incidents/offer/withdraw.html", context)


def _find(rows: QuerySet[Any], pk: str) -> Any:
    row = rows.filter(pk=pk).first() if pk.isdecimal() else None
    if row is None:
        raise Http404
    return row
