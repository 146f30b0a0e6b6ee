"""What was said, promised, answered and done: to look at. Nothing of it can be changed, by anybody."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from incidents.actor import WAYS
from incidents.admin.base import HistoryAdmin, moment, state
from incidents.admin.lists import ValueFilter
from incidents.models import CheckIn, Estimate, Event, Promise, Rating, Update


@admin.register(Update)
class UpdateAdmin(HistoryAdmin):
    list_display = ("__str__", "incident", "author", "posted_at")
    prefetched = ("incident", "author")
    list_filter = ("status",)
    ordering = ("-id",)
    fields = ("incident", "status", "body", "corrects", "author", "deliver_notifications", "display_at")

    @admin.display(description=_("posted"), ordering="display_at")
    def posted_at(self, update: Update) -> str:
        return moment(update.display_at)


@admin.register(Estimate)
class EstimateAdmin(HistoryAdmin):
    list_display = ("stage", "until", "incident", "reason", "source", "author", "published")
    prefetched = ("incident", "author")
    list_filter = ("stage",)
    ordering = ("-id",)
    fields = ("incident", "stage", "restored_by", "reason", "source", "author", "created_at")

    @admin.display(description=_("restored by"), ordering="restored_by")
    def until(self, estimate: Estimate) -> str:
        return moment(estimate.restored_by)

    @admin.display(description=_("published"), ordering="created_at")
    def published(self, estimate: Estimate) -> str:
        return moment(estimate.created_at)


@admin.register(Promise)
class PromiseAdmin(HistoryAdmin):
    list_display = ("text", "promise_state", "impact", "due", "completion")
    prefetched = ("impact__holding", "impact__incident")
    list_filter = ("state",)
    ordering = ("-id",)
    fields = ("text", "state", "impact", "choice", "made_at", "due_at", "broken_at", "done_at")

    @admin.display(description=_("state"), ordering="state")
    def promise_state(self, promise: Promise) -> str:
        return state(promise.state, promise.get_state_display())

    @admin.display(description=_("due"), ordering="due_at")
    def due(self, promise: Promise) -> str:
        return moment(promise.due_at)

    @admin.display(description=_("done"), ordering="done_at")
    def completion(self, promise: Promise) -> str:
        return moment(promise.done_at)


@admin.register(CheckIn)
class CheckInAdmin(HistoryAdmin):
    list_display = ("impact", "round", "answer", "comment", "answered")
    prefetched = ("impact__holding", "impact__incident")
    list_filter = ("answer",)
    ordering = ("-id",)
    fields = ("impact", "round", "asked_at", "answer", "comment", "answered_at", "answered_by_name")

    @admin.display(description=_("answered"), ordering="answered_at")
    def answered(self, check_in: CheckIn) -> str:
        return moment(check_in.answered_at)


@admin.register(Rating)
class RatingAdmin(HistoryAdmin):
    list_display = ("impact", "satisfaction", "effort", "comment", "rated")
    prefetched = ("impact__holding", "impact__incident")
    list_filter = ("satisfaction", "effort")
    ordering = ("-id",)
    fields = ("impact", "satisfaction", "effort", "comment", "rated_at", "rated_by_name")

    @admin.display(description=_("rated"), ordering="rated_at")
    def rated(self, rating: Rating) -> str:
        return moment(rating.rated_at)


class ViaFilter(ValueFilter):
    title = parameter_name = "via"
    values = WAYS


@admin.register(Event)
class EventAdmin(HistoryAdmin):
    list_display = ("kind", "incident", "impact_ref", "actor", "via", "happened")
    prefetched = ("incident", "actor")
    list_filter = ("kind", ViaFilter)
    ordering = ("-id",)
    fields = ("kind", "page", "incident", "impact", "actor", "via", "data", "is_public", "happened_at")

    @admin.display(description=_("impact"))
    def impact_ref(self, event: Event) -> str:
        return f"#{event.impact_id}" if event.impact_id else "—"

    @admin.display(description=_("happened"), ordering="id")
    def happened(self, event: Event) -> str:
        return moment(event.happened_at)
