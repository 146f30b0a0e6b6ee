"""Customers, their holdings and who acts for them. Lists and searches ask an index: there may be a million of each."""

from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents.actions.intake.customers import end_membership, save_customer, save_holding, save_membership
from incidents.admin.base import DomainAdmin, actor, require
from incidents.admin.intake.imports import import_view
from incidents.admin.lists import CUSTOMERS_AT_MOST, begins, customers_named
from incidents.errors import DomainError
from incidents.models import Customer, Holding, Membership


@admin.register(Customer)
class CustomerAdmin(DomainAdmin):
    list_display = ("name", "ref", "email", "phone")
    search_fields = ("ref",)
    search_help_text = gettext_lazy("The beginning of a reference or a name, or a whole e-mail address.")
    fields = ("ref", "name", "email", "phone", "language", "time_zone")
    ordering = ("-id",)
    sortable_by = ("ref",)
    change_form_template = "admin/incidents/customer/change_form.html"

    def begin_with(self, queryset: QuerySet[Customer], term: str) -> QuerySet[Customer]:
        return customers_named(term, queryset)

    def keep(self, request: HttpRequest, customer: Customer, form: Any, *, change: bool) -> Customer:
        return save_customer(customer, by=actor(request))

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        """What they hold, what happened to it, and who acts for them: the newest twenty of each."""
        if customer := kwargs.get("obj"):
            context |= {
                "holdings": customer.holdings.select_related("component").order_by("-id")[:20],
                "impacts": customer.impacts.select_related("incident", "holding")[:20],
                "memberships": customer.memberships.select_related("user").order_by("id")[:20],
            }
        return super().render_change_form(request, context, *args, **kwargs)


@admin.register(Holding)
class HoldingAdmin(DomainAdmin):
    list_display = ("ref", "label", "customer", "component", "kind", "quantity", "is_active")
    list_filter = ("is_active", "kind")
    prefetched = ("customer", "component")
    search_fields = ("ref",)
    search_help_text = gettext_lazy("A holding’s reference; a customer’s reference, name or e-mail.")
    autocomplete_fields = ("customer", "component")
    fieldsets = (
        (None, {"fields": ("ref", "label", "kind", "customer", "component", "quantity", "region")}),
        (gettext_lazy("When"), {"fields": ("starts_at", "ends_at", "is_active")}),
    )
    ordering = ("-id",)
    sortable_by = ("ref",)

    def get_urls(self) -> list[URLPattern]:
        importing = self.admin_site.admin_view(partial(import_view, self))
        return [path("import/", importing, name="incidents_holding_import"), *super().get_urls()]

    def begin_with(self, queryset: QuerySet[Holding], term: str) -> QuerySet[Holding]:
        ids = list(customers_named(term).order_by().values_list("pk", flat=True)[:CUSTOMERS_AT_MOST])
        return queryset.filter(Q(customer__in=ids) | begins("ref", term))

    def keep(self, request: HttpRequest, holding: Holding, form: Any, *, change: bool) -> Holding:
        return save_holding(holding, by=actor(request))


@admin.register(Membership)
class MembershipAdmin(DomainAdmin):
    list_display = ("user", "customer", "role")
    prefetched = ("user", "customer")
    list_filter = ("role",)
    search_fields = ("user__email",)
    search_help_text = gettext_lazy("A person's whole e-mail address, or the whole reference of a customer.")
    autocomplete_fields = ("user", "customer")
    fields = ("user", "customer", "role")
    ordering = ("-id",)
    sortable_by = ()
    change_form_template = "admin/incidents/membership/change_form.html"

    def begin_with(self, queryset: QuerySet[Membership], term: str) -> QuerySet[Membership]:
        if "@" in term:
            return queryset.filter(user__email=term.lower())
        return queryset.filter(customer__ref=term)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("user", "customer") if obj else ()

    def keep(self, request: HttpRequest, membership: Membership, form: Any, *, change: bool) -> Membership:
        return save_membership(membership, by=actor(request))

    def get_urls(self) -> list[URLPattern]:
        return [self.desk_action_path("end/", self.end_view, "end"), *super().get_urls()]

    def end_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Take a person's role away: they no longer see this customer's things."""
        membership = self.find(request, object_id)
        require(request, "incidents.change_membership")
        if request.method == "POST":
            try:
                end_membership(membership, by=actor(request))
            except DomainError as refusal:
                messages.error(request, str(refusal.message))
            else:
                message = _("%(user)s no longer acts for %(customer)s.")
                messages.success(request, message % {"user": membership.user, "customer": membership.customer})
            return HttpResponseRedirect(reverse("admin:incidents_customer_change", args=[membership.customer_id]))
        title = _("End this membership?")
        context = {**self.admin_site.each_context(request), "title": title, "opts": self.opts, "original": membership}
        return TemplateResponse(request, "admin/incidents/membership/end.html", context)
