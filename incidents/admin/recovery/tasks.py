"""Work that fulfils choices and promises: whose it is, until when, and done."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from incidents.actions.recovery.promises import assign_task, complete_task
from incidents.admin.base import HistoryAdmin, actor, moment, require, staff, state
from incidents.admin.lists import theirs_or_this
from incidents.errors import DomainError
from incidents.models import Task
from incidents.permissions import DO_TASKS


class OpenFilter(admin.SimpleListFilter):
    """Open ones unless something else is asked for."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("overdue", gettext_lazy("Overdue")),
            ("done", gettext_lazy("Done")),
            ("cancelled", gettext_lazy("Cancelled")),
            ("all", gettext_lazy("All")),
        ]

    def choices(self, changelist: Any) -> Any:
        """Django's "All" is our "Open"."""
        all_choice, *state_choices = super().choices(changelist)
        return [{**all_choice, "display": _("Open")}, *state_choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Task]) -> QuerySet[Task]:
        match self.value():
            case None:
                return queryset.filter(state=Task.State.OPEN)
            case "overdue":
                return queryset.filter(state=Task.State.OPEN, due_at__lt=timezone.now())
            case "all":
                return queryset
            case state:
                return queryset.filter(state=state)


class OwnerFilter(admin.SimpleListFilter):
    title = gettext_lazy("owner")
    parameter_name = "whose"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("mine", gettext_lazy("Mine")), ("nobody", gettext_lazy("Nobody’s yet"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Task]) -> QuerySet[Task]:
        match self.value():
            case "mine":
                return queryset.filter(owner=staff(request))
            case "nobody":
                return queryset.filter(owner=None)
        return queryset


@admin.register(Task)
class TaskAdmin(HistoryAdmin):
    list_display = ("work", "customer", "due", "promise_state", "task_owner", "deeds")
    list_display_links = None
    list_filter = (OpenFilter, OwnerFilter, "kind")
    prefetched = ("impact__customer", "impact__incident", "impact__holding", "promise", "owner")
    search_fields = ("impact__holding__ref",)
    search_help_text = gettext_lazy("A holding’s reference; a customer’s reference, name or e-mail.")
    ordering = ("due_at", "id")
    actions = ("take_them", "complete_them")
    fields = (
        "title",
        "kind",
        "impact",
        "choice",
        "promise",
        "owner",
        "state",
        "created_at",
        "due_at",
        "done_at",
        "done_by",
    )

    def begin_with(self, queryset: QuerySet[Task], term: str) -> QuerySet[Task]:
        return queryset.filter(theirs_or_this(term, customer="impact__customer", holding="impact__holding"))

    @admin.display(description=gettext_lazy("task"), ordering="title")
    def work(self, task: Task) -> SafeString:
        address = reverse("admin:incidents_impact_change", args=[task.impact_id])
        return format_html(
            '<a href="{}">{}</a><small>{}</small>',
            address,
            task.title,
            f"{task.get_kind_display()} · {task.impact.incident}",
        )

    @admin.display(description=gettext_lazy("customer"))
    def customer(self, task: Task) -> str:
        return str(task.impact.customer)

    @admin.display(description=gettext_lazy("due"), ordering="due_at")
    def due(self, task: Task) -> SafeString | str:
        is_late = task.state == Task.State.OPEN and task.due_at is not None and task.due_at < timezone.now()
        return (
            format_html("{} {}", moment(task.due_at), state("broken", _("overdue"))) if is_late else moment(task.due_at)
        )

    @admin.display(description=gettext_lazy("promise"))
    def promise_state(self, task: Task) -> SafeString | str:
        return state(task.promise.state, task.promise.get_state_display()) if task.promise else "—"

    @admin.display(description=gettext_lazy("owner"))
    def task_owner(self, task: Task) -> str:
        return str(task.owner or "—")

    @admin.display(description=gettext_lazy("what to do"))
    def deeds(self, task: Task) -> SafeString | str:
        """Buttons inside the list's own form, which carries the token."""
        if task.state != Task.State.OPEN:
            return state(task.state, task.get_state_display())
        take, complete = (reverse(f"admin:incidents_task_{name}", args=[task.pk]) for name in ("take", "complete"))
        return format_html(
            '<span class="row-deeds"><button class="button" formaction="{}">{}</button>'
            '<button class="button default" formaction="{}">{}</button></span>',
            take,
            _("Take"),
            complete,
            _("Complete"),
        )

    def has_act_permission(self, request: HttpRequest) -> bool:
        return staff(request).has_perm(DO_TASKS)

    @admin.action(description=gettext_lazy("Take the selected tasks"), permissions=["act"])
    def take_them(self, request: HttpRequest, tasks: QuerySet[Task]) -> None:
        def take(task: Task) -> Task:
            return assign_task(task, owner=staff(request), by=actor(request))

        self._do_each(request, tasks, take)

    @admin.action(description=gettext_lazy("Complete the selected tasks"), permissions=["act"])
    def complete_them(self, request: HttpRequest, tasks: QuerySet[Task]) -> None:
        def complete(task: Task) -> Task:
            return complete_task(task, by=actor(request))

        self._do_each(request, tasks, complete)

    def _do_each(self, request: HttpRequest, tasks: QuerySet[Task], do: Callable[[Task], Task]) -> None:
        """One action, one transaction, one event per task; what is refused is named and the others go on."""
        count = 0
        for task in tasks:
            try:
                do(task)
            except DomainError as refusal:
                messages.warning(request, f"{task}: {refusal.message}")
            else:
                count += 1
        if count:
            messages.success(request, ngettext("%(count)d task.", "%(count)d tasks.", count) % {"count": count})

    def get_urls(self) -> list[URLPattern]:
        return [
            self.desk_action_path("take/", require_POST(self.take_view), "take"),
            self.desk_action_path("complete/", require_POST(self.complete_view), "complete"),
            *super().get_urls(),
        ]

    def take_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._do_one(request, object_id, self.take_them)

    def complete_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._do_one(request, object_id, self.complete_them)

    def _do_one(self, request: HttpRequest, object_id: str, do: Callable[..., None]) -> HttpResponse:
        task = self.find(request, object_id)
        require(request, DO_TASKS)
        do(request, Task.objects.filter(pk=task.pk))
        return HttpResponseRedirect(_came_from(request))


def _came_from(request: HttpRequest) -> str:
    """Back to the list or the page with the button on it, if that is ours."""
    back = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return back if is_ours else reverse("admin:incidents_task_changelist")
