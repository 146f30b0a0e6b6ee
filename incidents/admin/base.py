"""What all pages of the desk have in common: actions write, refusals are words in the form, nothing is deleted."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import AdminForm
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.template.defaultfilters import date as format_date
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.functional import Promise as LazyText
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from incidents.actor import Actor
from incidents.admin.fields import HoursField, MomentField
from incidents.admin.lists import CappedPaginator
from incidents.errors import DomainError
from incidents.models import User

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
    _ModelForm = forms.ModelForm[Any]
else:
    _ModelAdmin = admin.ModelAdmin
    _ModelForm = forms.ModelForm

FRIENDLY: dict[Any, Any] = {
    models.DateTimeField: {"form_class": MomentField},
    models.DurationField: {"form_class": HoursField},
    models.URLField: {"assume_scheme": "https"},
}


def staff(request: HttpRequest) -> User:
    """Whoever is signed in at the desk; the desk lets nobody else through."""
    return cast("User", request.user)


def actor(request: HttpRequest) -> Actor:
    return Actor.staff(staff(request))


def require(request: HttpRequest, permission: str) -> None:
    """Those who may look but not touch get 403."""
    if not staff(request).has_perm(permission):
        raise PermissionDenied


def moment(when: datetime | None) -> SafeString | str:
    """A time in a list, which the script moves into the reader's zone."""
    if when is None:
        return "—"
    local = timezone.localtime(when)
    return format_html(
        '<time datetime="{}" data-local="short">{}</time>',
        when.isoformat(),
        f"{format_date(local, 'j M, H:i')} {local:%Z}",
    )


def state(value: str, label: object) -> SafeString:
    """A state's word with its colour (desk.css), for lists."""
    return format_html('<span class="word" data-state="{}">{}</span>', value, label)


def without_windows(field: Any) -> Any:
    if isinstance(getattr(field, "widget", None), RelatedFieldWidgetWrapper):
        field.widget = field.widget.widget
    return field


class DomainForm(_ModelForm):
    """Judges one field at a time. What takes two is for the action, which says it in words; Django would only name the
    constraint. The database is the last line."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.validate_constraints = _leave_to_the_action


def _leave_to_the_action(exclude: Any = None) -> None:
    pass


class DomainAdmin(_ModelAdmin):
    """A noun whose changes are desk actions. Subclasses say how to `keep` it; without that it can only be looked at."""

    form = DomainForm
    formfield_overrides = FRIENDLY
    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    # What a row's words come from, fetched for the fifty that are shown. A join would let a planner begin with the
    # small table and sort the large one.
    prefetched: tuple[str, ...] = ()

    def keep(self, request: HttpRequest, row: Any, form: Any, *, change: bool) -> Any:
        """Call the action that writes `row`; return what it wrote. May raise DomainError."""
        raise PermissionDenied

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return super().get_queryset(request).prefetch_related(*self.prefetched)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows are history. What is over is ended, withdrawn or switched off, by an action."""
        return False

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Pick from what there is: no pencil, eye and plus that open windows beside a form half filled in."""
        return without_windows(super().formfield_for_dbfield(db_field, request, **kwargs))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        row = self.keep(request, obj, form, change=change)
        obj.pk = row.pk
        obj.refresh_from_db()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The action wrote all of it."""

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        return super().construct_change_message(request, form, (), add)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """A refusal undoes everything and shows the same form again, with the reason beside the field at fault."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except DomainError as refusal:
            request.refusal = refusal  # type: ignore[attr-defined]
            return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        refusal: DomainError | None = getattr(request, "refusal", None)
        return type(form.__name__, (Refused, form), {"refusal": refusal}) if refusal else form

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[Any], search_term: str
    ) -> tuple[models.QuerySet[Any], bool]:
        term = search_term.strip()
        rows = self.begin_with(queryset, term) if term else queryset
        return (rows, False) if rows is not None else super().get_search_results(request, queryset, term)

    def begin_with(self, queryset: models.QuerySet[Any], term: str) -> models.QuerySet[Any] | None:
        """Rows that begin with what was typed, found by an index (incidents.admin.lists); None: as Django does."""
        return None

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        title = capfirst(self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def find(self, request: HttpRequest, object_id: str) -> Any:
        """The row of an address that staff may look at; 404 when there is none, 403 when they may not."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        return row

    def desk_action_path(self, address: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
        """An address below one row's, for one desk action; its name is `admin:incidents_<noun>_<name>`."""
        full = f"{self.opts.app_label}_{self.opts.model_name}_{name}"
        return path(f"<path:object_id>/{address}", self.admin_site.admin_view(view), name=full)


class HistoryAdmin(DomainAdmin):
    """Append-only or computed: to look at, never to touch. There may be millions, in the order in which they came: to
    sort them by anything else would sort the whole table for each list."""

    sortable_by = ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Refused(forms.BaseForm):
    """Mixed into a form that was refused: says why, and keeps what was typed."""

    refusal: DomainError

    def clean(self) -> Any:
        cleaned = super().clean()
        refuse(self, self.refusal)
        return cleaned


def as_fieldset(form: forms.Form, *, folded: Collection[str] = (), title: str | LazyText = "") -> AdminForm:
    """A plain form, ready for the admin's own template; the ``folded`` fields stand apart, below a ``title``."""
    first = [name for name in form.fields if name not in folded]
    apart = [(title, {"fields": list(folded), "classes": ["collapse"]})] if folded else []
    return AdminForm(cast("Any", form), [(None, {"fields": first}), *apart], {})


def refuse(form: forms.BaseForm, refusal: DomainError) -> None:
    """Put a refusal's words beside the field at fault, or on top of the form."""
    field = form.fields.get(refusal.field)
    is_shown = field is not None and not field.widget.is_hidden
    form.add_error(refusal.field if is_shown else None, str(refusal.message))
