"""What was told to whom, and who must not be told: to look at, with four deeds on channels and suppressions.

Whoever may look at incidents may look at this; whoever may change customers may do the deeds.
"""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from incidents.admin.base import HistoryAdmin, moment, state
from incidents.admin.lists import ValueFilter, begins
from incidents.errors import DomainError
from notifications.actions.channels import switch_on
from notifications.actions.suppressions import lift, suppress
from notifications.messages.merge import message_names
from notifications.models import Channel, Delivery, Subscription, Suppression


class DeliveriesAdmin(HistoryAdmin):
    """To look at. Permissions follow those of the incidents, so that the staff roles need no other."""

    ordering = ("-id",)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("incidents.view_incident")

    def has_stop_permission(self, request: HttpRequest) -> bool:
        """For the deeds: who is contacted is a fact about customers."""
        return request.user.has_perm("incidents.change_customer")

    def begin_with(self, queryset: QuerySet[Any], term: str) -> QuerySet[Any]:
        return queryset.filter(channel__in=Channel.objects.filter(_addressed(term)))


def _addressed(term: str) -> Q:
    """A whole address by its index, or the beginning of some."""
    address = term.lower()
    return (
        Q(kind=Channel.Kind.EMAIL, address=address) if "." in address.partition("@")[2] else begins("address", address)
    )


class MessageFilter(ValueFilter):
    """By the templates' folders; a message that is not from one of these is an old program's."""

    title = parameter_name = "message"
    values = message_names()


@admin.register(Delivery)
class DeliveryAdmin(DeliveriesAdmin):
    list_display = ("channel", "message", "delivery_state", "why", "incident", "attempts", "made_at", "gone_at")
    list_select_related = ("channel", "incident")
    list_filter = ("state", MessageFilter, "lane")
    search_fields = ("channel__address",)
    # Not the data: a sign-in code is nobody else's business.
    fields = (
        "channel",
        "customer",
        "incident",
        "message",
        "topic",
        "lane",
        "state",
        "why",
        "attempts",
        "due_at",
        "created_at",
        "sent_at",
        "key",
    )
    readonly_fields = ("why",)

    @admin.display(description=_("state"), ordering="state")
    def delivery_state(self, delivery: Delivery) -> str:
        return state(delivery.state, delivery.get_state_display())

    @admin.display(description=_("reason"))
    def why(self, delivery: Delivery) -> str:
        return gettext(delivery.reason) if delivery.reason else "—"

    @admin.display(description=_("collected"), ordering="created_at")
    def made_at(self, delivery: Delivery) -> str:
        return moment(delivery.created_at)

    @admin.display(description=_("sent"), ordering="sent_at")
    def gone_at(self, delivery: Delivery) -> str:
        return moment(delivery.sent_at)


@admin.register(Channel)
class ChannelAdmin(DeliveriesAdmin):
    list_display = ("address", "kind", "verified", "off", "off_reason")
    list_filter = (("off_at", admin.EmptyFieldListFilter),)
    search_fields = ("address",)
    fields = ("kind", "address", "language", "time_zone", "verified_at", "off_at", "off_reason", "created_at")
    actions = ("stop_contact", "use_again")

    def begin_with(self, queryset: QuerySet[Any], term: str) -> QuerySet[Any]:
        return queryset.filter(_addressed(term))

    @admin.display(description=_("verified"), ordering="verified_at")
    def verified(self, channel: Channel) -> str:
        return moment(channel.verified_at)

    @admin.display(description=_("switched off"), ordering="off_at")
    def off(self, channel: Channel) -> str:
        return moment(channel.off_at)

    @admin.action(description=_("Do not contact"), permissions=["stop"])
    def stop_contact(self, request: HttpRequest, channels: QuerySet[Channel]) -> None:
        number = len([suppress(channel) for channel in channels])
        words = ngettext("%d address is not contacted any more.", "%d addresses are not contacted any more.", number)
        messages.success(request, words % number)

    @admin.action(description=_("Switch on again"), permissions=["stop"])
    def use_again(self, request: HttpRequest, channels: QuerySet[Channel]) -> None:
        number = switch_on(channels)
        messages.success(request, ngettext("%d address is on.", "%d addresses are on.", number) % number)


@admin.register(Suppression)
class SuppressionAdmin(DeliveriesAdmin):
    list_display = ("channel", "topic", "reason", "made_at", "lifted")
    list_select_related = ("channel",)
    list_filter = ("topic", "reason", ("lifted_at", admin.EmptyFieldListFilter))
    search_fields = ("channel__address",)
    fields = ("channel", "topic", "reason", "created_at", "lifted_at")
    actions = ("lift",)

    @admin.display(description=_("since"), ordering="created_at")
    def made_at(self, suppression: Suppression) -> str:
        return moment(suppression.created_at)

    @admin.display(description=_("lifted"), ordering="lifted_at")
    def lifted(self, suppression: Suppression) -> str:
        return moment(suppression.lifted_at)

    @admin.action(description=_("Lift"), permissions=["stop"])
    def lift(self, request: HttpRequest, suppressions: QuerySet[Suppression]) -> None:
        for suppression in suppressions.select_related("channel"):
            try:
                lift(suppression)
            except DomainError as refusal:
                messages.error(request, f"{suppression}: {refusal.message}")
            else:
                messages.success(request, gettext("%s may be contacted again.") % suppression.channel)


@admin.register(Subscription)
class SubscriptionAdmin(DeliveriesAdmin):
    list_display = ("channel", "page", "subscription_state", "made_at", "ended_since")
    list_select_related = ("channel", "page")
    list_filter = ("state", "page")
    search_fields = ("channel__address",)
    fields = ("channel", "page", "components", "state", "created_at", "confirmed_at", "ended_at")

    @admin.display(description=_("state"), ordering="state")
    def subscription_state(self, subscription: Subscription) -> str:
        return state(subscription.state, subscription.get_state_display())

    @admin.display(description=_("asked"), ordering="created_at")
    def made_at(self, subscription: Subscription) -> str:
        return moment(subscription.created_at)

    @admin.display(description=_("ended"), ordering="ended_at")
    def ended_since(self, subscription: Subscription) -> str:
        return moment(subscription.ended_at)
