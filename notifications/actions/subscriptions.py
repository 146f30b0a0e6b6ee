"""What people may do to subscriptions: subscribe, confirm, unsubscribe, resume."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from incidents.errors import DomainError
from incidents.models import Component, Page
from incidents.queries.guests import components_on
from notifications import reasons, topics, wakeups
from notifications.actions.channels import channel_at
from notifications.models import Channel, Delivery, Subscription, Suppression
from notifications.pages import of_readers
from notifications.tokens import Confirmation, Stop, sign_confirmation


class NotConfirmed(DomainError):
    """The confirmation leads nowhere: the subscription has ended since."""

    code = "not_confirmed"
    default = _("This link has been used up. Please subscribe again.")


@transaction.atomic
def subscribe(
    page: Page,
    *,
    address: str,
    components: Iterable[Component] = (),
    language: str = "",
    now: datetime | None = None,
) -> Subscription:
    """Ask an address whether it wants a page's updates. Nothing is active before it confirms.

    Asking again sends another confirmation; an active subscription stays as it is until the new wish is confirmed.
    """
    now = now or timezone.now()
    channel = channel_at(address, now=now, language=language)
    _end_of_earlier_link(channel, page, now)
    subscription, _is_new = Subscription.objects.get_or_create(
        channel=channel,
        page=page,
        state__in=(Subscription.State.PENDING, Subscription.State.ACTIVE),
        defaults={"created_at": now},
    )
    token = sign_confirmation(subscription.pk, [component.pk for component in components])
    Delivery.objects.create(
        channel=channel,
        message="subscription_confirm",
        topic=topics.CONFIRM,
        lane=Delivery.Lane.URGENT,
        page=page,
        data={"token": token, "language": language},
        due_at=now,
        created_at=now,
    )
    transaction.on_commit(wakeups.wake_urgent, robust=True)
    return subscription


@transaction.atomic
def confirm_subscription(wish: Confirmation, *, now: datetime | None = None) -> Subscription:
    """The owner of the address says yes: the subscription is active, with the components that were asked for.

    An earlier unsubscription is lifted; one set by staff is not. Repeating it changes nothing.
    Raises NotConfirmed when the subscription ended after the question was asked, and when the address is by now of
    nobody who may read the page.
    """
    now = now or timezone.now()
    subscription = Subscription.objects.select_for_update(of=("self",)).filter(pk=wish.subscription).first()
    if subscription is None or subscription.state == Subscription.State.ENDED:
        raise NotConfirmed
    if not of_readers(Subscription.objects.filter(pk=subscription.pk)).exists():
        raise NotConfirmed
    if subscription.state == Subscription.State.PENDING:
        subscription.state, subscription.confirmed_at = Subscription.State.ACTIVE, now
        subscription.save(update_fields=["state", "confirmed_at"])
    subscription.components.set(components_on(subscription.page).filter(pk__in=wish.components))
    Channel.objects.filter(pk=subscription.channel_id, verified_at__isnull=True).update(verified_at=now)
    _lift(subscription.channel_id, Suppression.Topic.PUBLIC, now)
    return subscription


@transaction.atomic
def unsubscribe(stop: Stop, *, now: datetime | None = None) -> None:
    """Stop a topic for a channel, what is queued included. Repeating it changes nothing.

    Public updates stop for one page; when that was the last one, for all. Sign-in codes still come: they are asked for.
    """
    now = now or timezone.now()
    if stop.topic == topics.PUBLIC:
        _end_subscriptions(stop, now)
    if stop.topic == topics.PERSONAL or not _open_subscriptions(stop.channel).exists():
        Suppression.objects.get_or_create(
            channel_id=stop.channel,
            topic=stop.topic,
            lifted_at=None,
            defaults={"reason": Suppression.Reason.UNSUBSCRIBED, "created_at": now},
        )
    queued = Delivery.objects.filter(
        channel=stop.channel,
        topic=stop.topic,
        state__in=(Delivery.State.QUEUED, Delivery.State.SENDING),
    )
    if stop.topic == topics.PUBLIC and stop.page:
        queued = queued.filter(page=stop.page)
    queued.update(state=Delivery.State.SUPPRESSED, reason=reasons.STOPPED[stop.topic], lease_token="")


@transaction.atomic
def ask_to_stop(page: Page, *, address: str, now: datetime | None = None) -> None:
    """Somebody who is perhaps not its owner wants an address to hear no more of a page.

    What was never confirmed ends at once. Of an active subscription only the owner may dispose: the address is asked,
    by a mail with the link that ends it. Without a subscription nothing happens.
    """
    now = now or timezone.now()
    channel = Channel.objects.filter(kind=Channel.Kind.EMAIL, address=address.strip().lower()).first()
    if channel is None:
        return
    open_subscriptions = _open_subscriptions(channel.pk).filter(page=page)
    pending = open_subscriptions.filter(state=Subscription.State.PENDING)
    if pending.update(state=Subscription.State.ENDED, ended_at=now) or not open_subscriptions.exists():
        return
    Delivery.objects.create(
        channel=channel,
        message="subscription_stop",
        topic=topics.CONFIRM,
        lane=Delivery.Lane.URGENT,
        page=page,
        due_at=now,
        created_at=now,
    )
    transaction.on_commit(wakeups.wake_urgent, robust=True)


@transaction.atomic
def resume(stop: Stop, *, now: datetime | None = None) -> None:
    """Take an unsubscription back. What was not sent meanwhile stays unsent. Repeating it changes nothing."""
    now = now or timezone.now()
    _lift(stop.channel, stop.topic, now)
    if stop.topic != topics.PUBLIC or stop.page is None or _open_subscription_of(stop) is not None:
        return
    endings = Subscription.objects.filter(
        channel=stop.channel, page=stop.page, state=Subscription.State.ENDED, confirmed_at__isnull=False
    )
    latest = endings.order_by("-ended_at", "-pk").first()
    if latest:
        latest.state, latest.ended_at = Subscription.State.ACTIVE, None
        latest.save(update_fields=["state", "ended_at"])


def is_stopped(stop: Stop) -> bool:
    """Whether the channel hears nothing of this topic (any more)."""
    declined = Suppression.objects.filter(channel=stop.channel, lifted_at__isnull=True)
    if declined.filter(topic__in=(stop.topic, Suppression.Topic.ALL)).exists():
        return True
    return stop.topic == topics.PUBLIC and stop.page is not None and _open_subscription_of(stop) is None


def _end_of_earlier_link(channel: Channel, page: Page, now: datetime) -> None:
    """What was asked for by a secret link that is closed: whoever asks again has the new one."""
    if page.visibility == Page.Visibility.LINK and page.link_made_at:
        earlier = _open_subscriptions(channel.pk).filter(page=page, created_at__lt=page.link_made_at)
        earlier.update(state=Subscription.State.ENDED, ended_at=now)


def _open_subscription_of(stop: Stop) -> Subscription | None:
    return _open_subscriptions(stop.channel).filter(page=stop.page).first()


def _open_subscriptions(channel: int) -> QuerySet[Subscription]:
    return Subscription.objects.filter(channel=channel).exclude(state=Subscription.State.ENDED)


def _end_subscriptions(stop: Stop, now: datetime) -> None:
    ending = _open_subscriptions(stop.channel)
    if stop.page:
        ending = ending.filter(page=stop.page)
    ending.update(state=Subscription.State.ENDED, ended_at=now)


def _lift(channel: int, topic: str, now: datetime) -> None:
    """What the reader set, the reader may lift; what staff or a complaint set, only staff."""
    suppressions = Suppression.objects.filter(channel=channel, topic=topic, lifted_at__isnull=True)
    suppressions.filter(reason=Suppression.Reason.UNSUBSCRIBED).update(lifted_at=now)
