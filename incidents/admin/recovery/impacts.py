"""One holding hit by one incident: where it stands, choosing for the customer, restoring what was reopened."""

import secrets
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from incidents.actions.publishing.impacts import restore_impact
from incidents.actions.recovery.choices import cancel_choice, choose_offer
from incidents.admin.base import HistoryAdmin, actor, moment, require, staff, state
from incidents.admin.lists import theirs_or_this
from incidents.errors import DomainError
from incidents.models import Choice, Event, Impact, Offer
from incidents.permissions import CANCEL_CHOICE, CHOOSE, DO_TASKS, RESTORE_IMPACT
from incidents.queries.offers import can_change, live_choice, offers_for


@admin.register(Impact)
class ImpactAdmin(HistoryAdmin):
    list_display = ("holding_link", "customer_name", "of_incident", "impact_state", "since", "first_visit")
    list_display_links = None
    list_filter = ("state",)
    prefetched = ("holding", "customer", "incident__page")
    search_fields = ("holding__ref",)
    search_help_text = gettext_lazy("A holding’s reference; a customer’s reference, name or e-mail.")
    ordering = ("-id",)
    change_form_template = "admin/incidents/impact/page.html"

    def begin_with(self, queryset: QuerySet[Impact], term: str) -> QuerySet[Impact]:
        return queryset.filter(theirs_or_this(term, customer="customer", holding="holding"))

    @admin.display(description=gettext_lazy("holding"))
    def holding_link(self, impact: Impact) -> SafeString:
        address = reverse("admin:incidents_impact_change", args=[impact.pk])
        return format_html('<a href="{}">{}</a>', address, impact.holding)

    @admin.display(description=gettext_lazy("customer"))
    def customer_name(self, impact: Impact) -> str:
        return str(impact.customer)

    @admin.display(description=gettext_lazy("incident"))
    def of_incident(self, impact: Impact) -> str:
        return str(impact.incident)

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def impact_state(self, impact: Impact) -> SafeString:
        return state(impact.state, impact.get_state_display())

    @admin.display(description=gettext_lazy("since"), ordering="id")
    def since(self, impact: Impact) -> str:
        return moment(impact.opened_at)

    @admin.display(description=gettext_lazy("seen"))
    def first_visit(self, impact: Impact) -> str:
        return moment(impact.seen_at)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        impact, now, user = kwargs["obj"], timezone.now(), staff(request)
        choice = live_choice(impact)
        context |= {
            "title": str(impact.holding),
            "subtitle": None,
            "impact": impact,
            "offers": offers_for(impact, now),
            "chosen": choice,
            "may_change": choice is None or can_change(choice, now),
            "choices": impact.choices.select_related("offer"),
            "promises": impact.promises.all(),
            "tasks": impact.tasks.select_related("owner"),
            "check_ins": impact.check_ins.all(),
            "rating": getattr(impact, "rating", None),
            "events": impact.events.select_related("actor").order_by("-id")[:100],
            "key": secrets.token_urlsafe(16),
            "may_choose": user.has_perm(CHOOSE),
            "may_cancel": user.has_perm(CANCEL_CHOICE),
            "may_restore": user.has_perm(RESTORE_IMPACT) and impact.state == Impact.State.REOPENED,
            "may_work": user.has_perm(DO_TASKS),
            "kinds": dict(Event.Kind.choices),
            "now": now,
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        return [
            self.desk_action_path("choose/", require_POST(self.choose_view), "choose"),
            self.desk_action_path("cancel/", require_POST(self.cancel_view), "cancel"),
            self.desk_action_path("restore/", require_POST(self.restore_view), "restore"),
            *super().get_urls(),
        ]

    def choose_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Choose for a customer who called. The page that had the button says what it showed."""
        impact = self.find(request, object_id)
        require(request, CHOOSE)
        offer = Offer.objects.filter(public_id=request.POST.get("offer", "")).first()
        version = request.POST.get("version", "")
        if offer is None or not version.isdecimal():
            raise Http404
        try:
            choice = choose_offer(
                impact,
                offer=offer,
                seen_version=int(version),
                replaces=request.POST.get("replaces", ""),
                key=request.POST.get("key", ""),
                by=actor(request),
            )
        except DomainError as refusal:
            messages.error(request, str(refusal.message))
        else:
            message = _("Chosen for %(customer)s: %(offer)s.")
            messages.success(request, message % {"customer": impact.customer, "offer": choice.offer})
        return self._back(impact)

    def cancel_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        impact = self.find(request, object_id)
        require(request, CANCEL_CHOICE)
        choice = Choice.objects.filter(impact=impact, public_id=request.POST.get("choice", "")).first()
        if choice is None:
            raise Http404
        try:
            cancel_choice(choice, by=actor(request))
        except DomainError as refusal:
            messages.error(request, str(refusal.message))
        else:
            messages.success(request, _("The choice is cancelled."))
        return self._back(impact)

    def restore_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Staff mended what was not fixed; the customer is asked again."""
        impact = self.find(request, object_id)
        require(request, RESTORE_IMPACT)
        try:
            restore_impact(impact, by=actor(request))
        except DomainError as refusal:
            messages.error(request, str(refusal.message))
        else:
            messages.success(request, _("Restored. The customer is asked again whether it is fixed."))
        return self._back(impact)

    def _back(self, impact: Impact) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:incidents_impact_change", args=[impact.pk]))
