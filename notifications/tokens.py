"""Signed texts for addresses in mails: who wants to stop hearing what, who confirms which subscription."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.core import signing

_STOP_SALT = "notifications.tokens.stop"
_CONFIRM_SALT = "notifications.tokens.confirm"
_ASK_SALT = "notifications.tokens.ask"
CONFIRM_WITHIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Stop:
    """A channel's wish to hear no more of a topic; of one page's updates when ``page`` is given. Never expires."""

    channel: int
    topic: str
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A subscription that somebody asked for, and the components that they asked for."""

    subscription: int
    components: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """What a program asked for: that this address hear of this page. It holds nothing that the program did not say."""

    page: int
    address: str


def sign_ask(ask: Ask) -> str:
    return signing.dumps([ask.page, ask.address], salt=_ASK_SALT)


def read_ask(token: str) -> Ask | None:
    """What the token says, or None when it is not ours."""
    try:
        page, address = signing.loads(token, salt=_ASK_SALT)
    except signing.BadSignature:
        return None
    return Ask(page, address)


def sign_stop(stop: Stop) -> str:
    return signing.dumps([stop.channel, stop.topic, stop.page], salt=_STOP_SALT)


def read_stop(token: str) -> Stop | None:
    """What the token says, or None when it is not ours."""
    try:
        channel, topic, page = signing.loads(token, salt=_STOP_SALT)
    except signing.BadSignature:
        return None
    return Stop(channel, topic, page)


def sign_confirmation(subscription: int, components: Sequence[int] = ()) -> str:
    return signing.dumps([subscription, list(components)], salt=_CONFIRM_SALT, compress=True)


def read_confirmation(token: str) -> Confirmation | None:
    """What the token says, or None when it is not ours or older than a week."""
    try:
        subscription, components = signing.loads(token, salt=_CONFIRM_SALT, max_age=CONFIRM_WITHIN)
    except signing.BadSignature:
        return None
    return Confirmation(subscription, tuple(components))
