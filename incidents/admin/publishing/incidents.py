"""Incidents at the desk: declared as a draft, published with a first update, told about, resolved."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from incidents.actions.publishing.incidents import change_incident, declare_incident, set_components, set_scopes
from incidents.actions.publishing.translations import Subject
from incidents.addresses import address_of
from incidents.admin.base import actor, as_fieldset, moment, refuse, staff, state
from incidents.admin.fields import LeadsField
from incidents.admin.publishing.incident_actions import DESK_ACTIONS, DeskAction, reach_of
from incidents.admin.publishing.incident_forms import DeskActionForm
from incidents.admin.publishing.incident_page import read_incident, to_be_asked
from incidents.admin.publishing.incident_rows import AffectedComponentRows, ScopeRows, stated_components, stated_rules
from incidents.admin.publishing.translations import TranslatedAdmin, lacking
from incidents.errors import DomainError
from incidents.models import Component, Incident, Page
from incidents.permissions import ATTACH_OFFER, CHANGE_INCIDENT, CHANGE_OFFER, DECLARE, POST_UPDATE
from incidents.reminders import USUAL
from incidents.text.markdown import render_markdown

LONGEST_PREVIEW = 20_000
# Desk actions whose page says how many customers they concern.
CONCERNS = ("resolve", "reschedule", "cancel")
# How a maintenance runs.
COURSE = (("starts_by_itself", "ends_by_itself", "verify_for"), "reminders")


class PublicationFilter(admin.SimpleListFilter):
    title = gettext_lazy("where it stands")
    parameter_name = "stands"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("open", gettext_lazy("Open")),
            ("draft", gettext_lazy("Draft")),
            ("restored", gettext_lazy("Restored, not closed")),
            ("closed", gettext_lazy("Closed")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Incident]) -> QuerySet[Incident]:
        match self.value():
            case "open":
                return queryset.filter(published_at__isnull=False).exclude(status__in=Incident.OVER)
            case "draft":
                return queryset.filter(published_at__isnull=True)
            case "restored":
                return queryset.filter(status__in=Incident.OVER, closed_at__isnull=True)
            case "closed":
                return queryset.filter(closed_at__isnull=False)
        return queryset


@admin.register(Incident)
class IncidentAdmin(TranslatedAdmin):
    list_display = ("name", "incident_status", "level", "page", "owner", "started", "next_due")
    list_filter = (PublicationFilter, "kind", "status", "page")
    list_select_related = ("page", "owner")
    search_fields = ("name",)
    inlines = (AffectedComponentRows, ScopeRows)
    change_form_template = "admin/incidents/incident/page.html"
    add_form_template = "admin/incidents/incident/declare.html"

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def incident_status(self, incident: Incident) -> SafeString:
        if not incident.is_published:
            return state("draft", _("Draft"))
        if incident.is_cancelled:
            return state("cancelled", _("Cancelled"))
        return state(incident.status, incident.get_status_display())

    @admin.display(description=gettext_lazy("impact"), ordering="impact")
    def level(self, incident: Incident) -> SafeString:
        return state(incident.impact, incident.get_impact_display())

    @admin.display(description=gettext_lazy("started"), ordering="started_at")
    def started(self, incident: Incident) -> str:
        return moment(incident.started_at)

    @admin.display(description=gettext_lazy("next update"), ordering="next_update_due_at")
    def next_due(self, incident: Incident) -> str:
        return moment(None if incident.is_over else incident.next_update_due_at)

    # Declaring and correcting: one form, its rows, and the actions behind them

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[Any, ...]:
        if _is_planned(request, obj):
            window = () if obj and obj.is_published else (("scheduled_for", "scheduled_until"),)
            return ("name", *window, *COURSE, "owner", "next_update_due_at", "advice")
        return ("name", "impact", "started_at", "owner", "next_update_due_at", "advice")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Staff can own an incident, nobody else."""
        if db_field.name == "owner":
            kwargs["queryset"] = db_field.related_model.objects.filter(is_staff=True, is_active=True)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "reminders":
            kwargs["form_class"] = LeadsField
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "impact":
            kwargs["choices"] = [choice for choice in Incident.Level.choices if choice[0] != Incident.Level.MAINTENANCE]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"owner": staff(request).pk, "started_at": timezone.now(), "reminders": list(USUAL)}

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        if isinstance(inline, AffectedComponentRows) and obj.pk is None:
            kwargs["initial"] = [_first_row(request)] * inline.extra
        return kwargs

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        page = page_to_declare_on(request)
        if page is None:
            messages.warning(request, _("Add a status page first; incidents stand on one."))
            return HttpResponseRedirect(reverse("admin:incidents_page_add"))
        request.page_of_incident = page  # type: ignore[attr-defined]
        planned = _is_planned(request, None)
        context = {
            "title": _("Plan a maintenance") if planned else _("Declare an incident"),
            "page": page,
            "is_planned": planned,
            "pages": Page.objects.exclude(pk=page.pk),
        }
        return super().add_view(request, form_url, context | (extra_context or {}))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Incident | None:
        incident: Incident | None = super().get_object(request, object_id, from_field)
        if incident:
            request.page_of_incident = incident.page  # type: ignore[attr-defined]
        return incident

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Around the form: the steps of a draft, the desk actions, the figures, the timeline."""
        if incident := kwargs.get("obj"):
            incident = Incident.objects.select_related("page", "owner").get(pk=incident.pk)  # as stored, not as typed
            context |= {
                "title": incident.name,
                "subtitle": None,
                "desk": read_incident(incident, None if incident.is_published else reach_of(incident)),
                "desk_actions": [
                    (desk_action, desk_action.title_for(incident), self._address(incident, desk_action.name))
                    for desk_action in DESK_ACTIONS
                    if desk_action.is_open_to(request, incident)
                ],
                "languages": lacking(partial(self.subjects_of, incident), incident.page),
                "may_offer": staff(request).has_perm(ATTACH_OFFER),
                "may_revise": staff(request).has_perm(CHANGE_OFFER),
                "now": timezone.now(),
                "public_address": address_of(incident.page, f"incidents/{incident.public_id}"),
            }
        return super().render_change_form(request, context, *args, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Incident]:
        return super().get_queryset(request).select_related("page", "owner")

    def save_model(self, request: HttpRequest, obj: Incident, form: Any, change: bool) -> None:
        """With its rows, in `save_related`."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        incident, by = form.instance, actor(request)
        components, rules = formsets
        if not change:
            incident.pk = declare_incident(
                request.page_of_incident,  # type: ignore[attr-defined]
                kind=Incident.Kind.MAINTENANCE if _is_planned(request, None) else Incident.Kind.INCIDENT,
                components=stated_components(components),
                scopes=stated_rules(rules),
                by=by,
                **form.cleaned_data,
            ).pk
        else:
            row = Incident.objects.select_related("page").get(pk=incident.pk)
            changes = {name: form.cleaned_data[name] for name in form.changed_data}
            change_incident(row, by=by, **changes)
            if components.has_changed():
                set_components(row, stated_components(components), by=by)
            if rules.has_changed():
                set_scopes(row, stated_rules(rules), by=by)
        incident.refresh_from_db()

    def response_add(self, request: HttpRequest, obj: Incident, post_url_continue: str | None = None) -> HttpResponse:
        messages.success(request, _("Saved as a draft. Nothing is public yet."))
        return HttpResponseRedirect(self.address_of(obj))

    def response_change(self, request: HttpRequest, obj: Incident) -> HttpResponse:
        messages.success(request, _("The details are saved."))
        return HttpResponseRedirect(self.address_of(obj))

    def address_of(self, incident: Incident) -> str:
        return self._address(incident, "change")

    def _address(self, incident: Incident, page: str) -> str:
        return reverse(f"admin:incidents_incident_{page}", args=[incident.pk])

    # Desk actions

    def subjects_of(self, owner: Incident) -> Sequence[Subject]:
        """All that is said on it and offered, newest first."""
        updates = owner.updates.select_related("incident__page")
        estimates = owner.estimates.select_related("incident__page")
        return [owner, *updates, *estimates, *owner.offers.current().select_related("incident__page", "remedy")]

    def translating_needs(self) -> str:
        return POST_UPDATE

    def get_urls(self) -> list[URLPattern]:
        preview = path("preview/", self.admin_site.admin_view(require_POST(self.preview)), name="incidents_preview")
        desk_actions = [
            self.desk_action_path(
                f"{desk_action.name}/", partial(self.desk_action_view, desk_action=desk_action), desk_action.name
            )
            for desk_action in DESK_ACTIONS
        ]
        return [preview, *desk_actions, *super().get_urls()]

    def preview(self, request: HttpRequest) -> HttpResponse:
        """Markdown as customers will see it, sanitised; for the live preview."""
        if not (staff(request).has_perm(DECLARE) or staff(request).has_perm(CHANGE_INCIDENT)):
            raise PermissionDenied
        return HttpResponse(render_markdown(request.POST.get("body", "")[:LONGEST_PREVIEW]))

    def desk_action_view(self, request: HttpRequest, object_id: str, desk_action: DeskAction) -> HttpResponse:
        """Show a desk action's form; do it; or, refused, show the form again with the reason and all that was typed."""
        incident = self.find(request, object_id)
        if not staff(request).has_perm(desk_action.permission):
            raise PermissionDenied
        form = desk_action.form(request.POST if request.method == "POST" else None, incident=incident)
        if request.method == "POST" and not form.is_preview and form.is_valid():
            try:
                message = desk_action.do(incident, form.arguments, actor(request))
            except DomainError as refusal:
                form.renew()
                refuse(form, refusal)
            else:
                messages.success(request, message)
                return HttpResponseRedirect(self.address_of(incident))
        elif not desk_action.fits(incident):
            messages.warning(request, _("That is no longer possible; this is how it stands now."))
            return HttpResponseRedirect(self.address_of(incident))
        return self.desk_action_page(request, incident, desk_action, form)

    def desk_action_page(
        self, request: HttpRequest, incident: Incident, desk_action: DeskAction, form: DeskActionForm
    ) -> HttpResponse:
        customers, holdings = to_be_asked(incident) if desk_action.name in CONCERNS else (0, 0)
        context = {
            **self.admin_site.each_context(request),
            "title": desk_action.title_for(incident),
            "opts": self.opts,
            "original": incident,
            "desk_action": desk_action,
            "form": form,
            "adminform": as_fieldset(form, folded=form.beside, title=_("In other languages, if you can now")),
            "reach": reach_of(incident) if desk_action.name in ("publish", "match") else None,
            "asked_customers": customers,
            "asked_holdings": holdings,
            "updates": incident.updates.select_related("author")[:3],
            "estimates": incident.estimates.select_related("author"),
            "preview_html": render_markdown(form.data["body"]) if form.is_preview else "",
            "now": timezone.now(),
        }
        return TemplateResponse(request, "admin/incidents/incident/deed.html", context)


def _is_planned(request: HttpRequest, incident: Incident | None) -> bool:
    return incident.is_planned if incident else request.GET.get("kind") == Incident.Kind.MAINTENANCE


def _first_row(request: HttpRequest) -> dict[str, Any]:
    """What stands in the row of the first component: the one of the address, only when the form is first shown, since a
    row that was sent as it was shown counts as left empty."""
    first: dict[str, Any] = {"status": Component.Status.UNDER_MAINTENANCE} if _is_planned(request, None) else {}
    component = request.GET.get("component", "")
    return first | {"component": component} if request.method == "GET" and component.isdecimal() else first


def page_to_declare_on(request: HttpRequest) -> Page | None:
    """The page of the address, else the one at the site's root."""
    pk = request.GET.get("page", "")
    if not pk:
        return Page.objects.first()
    page = Page.objects.filter(pk=pk).first() if pk.isdecimal() else None
    if page is None:
        raise Http404
    return page
