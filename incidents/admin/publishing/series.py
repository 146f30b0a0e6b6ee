"""Planned work that comes back, at the desk: planned with a look at its next windows, changed, ended."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from incidents.actions.publishing.series import (
    Adapted,
    change_series,
    end_series,
    next_windows,
    plan_series,
    translate_series,
)
from incidents.actions.publishing.translations import Wording
from incidents.actor import Actor
from incidents.admin.base import actor, as_fieldset, moment, refuse, require, state
from incidents.admin.publishing.incidents import page_to_declare_on
from incidents.admin.publishing.maintenance_forms import EndSeriesForm, SeriesForm
from incidents.admin.publishing.translations import TranslatedAdmin, lacking
from incidents.errors import DomainError
from incidents.models import Incident, MaintenanceSeries, Page, Translation
from incidents.permissions import CHANGE_SERIES, PLAN_SERIES
from incidents.recurrence import rhythm

Windows = list[tuple[datetime, datetime]]


@admin.register(MaintenanceSeries)
class SeriesAdmin(TranslatedAdmin):
    list_display = ("name", "page", "comes_back", "next_look", "series_state")
    list_filter = ("page",)
    list_select_related = ("page",)
    search_fields = ("name",)

    @admin.display(description=gettext_lazy("comes back"))
    def comes_back(self, series: MaintenanceSeries) -> str:
        return rhythm(series.rule)

    @admin.display(description=gettext_lazy("announces next"), ordering="look_at")
    def next_look(self, series: MaintenanceSeries) -> SafeString | str:
        return moment(series.look_at)

    @admin.display(description=gettext_lazy("state"), ordering="ended_at")
    def series_state(self, series: MaintenanceSeries) -> SafeString:
        return state("completed", _("Ended")) if series.ended_at else state("scheduled", _("Running"))

    def keep_translations(self, series: Any, wordings: Sequence[Wording], by: Actor) -> list[Translation]:
        return translate_series(series, wordings, by=by)

    def get_urls(self) -> list[URLPattern]:
        return [self.desk_action_path("end/", self.end_view, "end"), *super().get_urls()]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        require(request, PLAN_SERIES)
        page = page_to_declare_on(request)
        if page is None:
            messages.warning(request, _("Add a status page first; maintenances stand on one."))
            return HttpResponseRedirect(reverse("admin:incidents_page_add"))
        return self.series_view(request, page, None)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        series = self.find(request, object_id)
        return self.series_view(request, series.page, series)

    def series_view(self, request: HttpRequest, page: Page, series: MaintenanceSeries | None) -> HttpResponse:
        """Show the plan; show its next windows; keep it; refused, show it again with the reason and what was typed."""
        if request.method == "POST":
            require(request, CHANGE_SERIES if series else PLAN_SERIES)
        form = SeriesForm(request.POST if request.method == "POST" else None, page=page, series=series)
        windows: Windows = []
        try:
            if request.method == "POST" and form.is_valid() and "_preview" not in request.POST:
                message, saved_series = self._keep(request, page, series, form)
                messages.success(request, message)
                return HttpResponseRedirect(self._address(saved_series))
            windows = _windows(page, series, form)
        except DomainError as refusal:
            refuse(form, refusal)
        return self._page(request, page, series, form, windows)

    def _keep(
        self, request: HttpRequest, page: Page, series: MaintenanceSeries | None, form: SeriesForm
    ) -> tuple[str, MaintenanceSeries]:
        by = actor(request)
        if series is None:
            return _("Planned. Its windows are announced by themselves."), plan_series(page, by=by, **form.arguments)
        return _message(_("The plan is saved."), change_series(series, by=by, **form.arguments)), series

    def _page(
        self, request: HttpRequest, page: Page, series: MaintenanceSeries | None, form: SeriesForm, windows: Windows
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": series.name if series else _("Plan work that comes back"),
            "opts": self.opts,
            "original": series,
            "page_of_series": page,
            "pages": [] if series else Page.objects.exclude(pk=page.pk),
            "form": form,
            "adminform": as_fieldset(form),
            "windows": windows,
            "coming": _coming(series) if series else [],
            "languages": lacking(lambda: [series], page) if series else [],
            "may_change": request.user.has_perm(CHANGE_SERIES),
        }
        return TemplateResponse(request, "admin/incidents/series/page.html", context)

    def end_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        require(request, CHANGE_SERIES)
        series = self.find(request, object_id)
        form = EndSeriesForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            messages.success(
                request, _message(_("It has ended."), end_series(series, by=actor(request), **form.cleaned_data))
            )
            return HttpResponseRedirect(self._address(series))
        context = {
            **self.admin_site.each_context(request),
            "title": _("End it"),
            "opts": self.opts,
            "original": series,
            "form": form,
            "adminform": as_fieldset(form),
            "coming": _coming(series),
        }
        return TemplateResponse(request, "admin/incidents/series/end.html", context)

    def _address(self, series: MaintenanceSeries) -> str:
        return reverse("admin:incidents_maintenanceseries_change", args=[series.pk])


def _windows(page: Page, series: MaintenanceSeries | None, form: SeriesForm) -> Windows:
    """The next ones, by what was typed, else by what is stored. Raises DomainError."""
    now = timezone.now()
    if form.is_bound and form.is_valid():
        first_start = series.first_start if series else None
        plan = {"first_start": first_start, **form.arguments}
        del plan["components"]
        return next_windows(MaintenanceSeries(page=page, **plan), now=now)
    return next_windows(series, now=now) if series and not form.is_bound and not series.ended_at else []


def _coming(series: MaintenanceSeries) -> list[Incident]:
    return list(series.occurrences.filter(status=Incident.Status.SCHEDULED).order_by("scheduled_for"))


def _message(outcome: str, adapted: Adapted) -> str:
    """What was done, and what became of the windows that were announced."""
    counts = (
        (
            adapted.changed_count,
            ngettext("%(n)d window was changed.", "%(n)d windows were changed.", adapted.changed_count),
        ),
        (
            adapted.cancelled_count,
            ngettext("%(n)d window was cancelled.", "%(n)d windows were cancelled.", adapted.cancelled_count),
        ),
        (
            adapted.kept_count,
            ngettext("%(n)d announced window stays.", "%(n)d announced windows stay.", adapted.kept_count),
        ),
    )
    return " ".join([outcome, *(words % {"n": number} for number, words in counts if number)])
