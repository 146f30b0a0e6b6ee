"""The rows of an incident's form: affected components with their status, and the rules of whom it touches."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.forms import CheckboxInput
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from incidents.actions.publishing.incidents import ScopeRule
from incidents.admin.base import FRIENDLY, DomainForm, staff, without_windows
from incidents.admin.fields import ComponentField
from incidents.models import AffectedComponent, Component, Incident, Scope
from incidents.permissions import CHANGE_INCIDENT, DECLARE

if TYPE_CHECKING:
    _Tabular = admin.TabularInline[Any, Incident]
    _Stacked = admin.StackedInline[Any, Incident]
    _FormSet = BaseInlineFormSet[AffectedComponent, Incident, Any]
else:
    _Tabular = admin.TabularInline
    _Stacked = admin.StackedInline
    _FormSet = BaseInlineFormSet

RULE = ("component", "kind", "region", "starts_from", "starts_before", "refs")


class PartOfIncident:
    """Rows belong to the incident: whoever may write it may write them, and its actions do."""

    formfield_overrides = FRIENDLY
    form = DomainForm
    opts: Any

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return staff(request).has_perm(CHANGE_INCIDENT if obj else DECLARE)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return staff(request).has_perm(CHANGE_INCIDENT)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """To leave a row out of the form; the action replaces the rows."""
        return staff(request).has_perm(CHANGE_INCIDENT)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return without_windows(super().formfield_for_dbfield(db_field, request, **kwargs))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Components of the incident's own page, under their groups; read once for all rows."""
        page = getattr(request, "page_of_incident", None)
        empty = _("Any affected component") if db_field.null else "---------"
        kwargs |= {"form_class": ComponentField, "queryset": Component.objects.filter(page=page)}
        field = db_field.formfield(**kwargs)
        if not hasattr(request, "components_to_pick"):
            request.components_to_pick = list(field.choices)[1:]  # type: ignore[attr-defined]
        field.choices = [("", empty), *request.components_to_pick]  # type: ignore[attr-defined]
        return field


class LabelledRows(_FormSet):
    """Rows in a table, where the box that takes one out has nothing but its column's head beside it."""

    def get_deletion_widget(self) -> CheckboxInput:
        return CheckboxInput({"aria-label": _("Delete?")})


class AffectedComponentRows(PartOfIncident, _Tabular):
    model = AffectedComponent
    formset = LabelledRows
    extra = 1
    fields = ("component", "status")
    verbose_name = _("affected component")
    verbose_name_plural = _("What is affected, and how badly")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The head of the column is no label to a screen reader, so each field says its name itself."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field:
            field.widget.attrs["aria-label"] = str(field.label)
        return field


class ScopeRows(PartOfIncident, _Stacked):
    model = Scope
    extra = 0
    fields = (("component", "kind", "region"), ("starts_from", "starts_before"), "refs")
    verbose_name = _("rule")
    verbose_name_plural = _("Whom it touches (without a rule: every active holding of these components)")


def stated_components(formset: Any) -> Mapping[Component, str]:
    return {row["component"]: row["status"] for row in _filled_rows(formset)}


def stated_rules(formset: Any) -> list[ScopeRule]:
    rules: list[Any] = [{name: row[name] for name in RULE} for row in _filled_rows(formset)]
    return rules


def _filled_rows(formset: Any) -> Iterable[Mapping[str, Any]]:
    """Rows that were filled in and not struck out."""
    return [row for row in formset.cleaned_data if row and not row.get("DELETE")]
