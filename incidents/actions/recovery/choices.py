"""Choosing: the one place where an offer becomes somebody's choice, changes, or is given back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from incidents.actions.publishing.incidents import close_if_whole, hold_if_over, run_on
from incidents.actions.recovery import refusals
from incidents.actions.recovery.promises import make_promise, withdraw_promise
from incidents.actions.recovery.stock import move_units, release_units
from incidents.actor import Actor
from incidents.errors import AlreadyChosen, InvalidInput, NotOffered, OfferChanged, SoldOut, TooLate, WrongState
from incidents.events import record
from incidents.locks import lock_impact
from incidents.models import Choice, Event, Impact, Offer
from incidents.queries.offers import STANDING, changeable_until, terms_of

_KEY_LENGTH = 64


@dataclass(frozen=True, slots=True)
class _Request:
    """What somebody asked for, and what their screen showed when they did."""

    offer: Offer
    seen_version: int
    replaces: str
    key: str
    by: Actor
    now: datetime


def choose_offer(
    impact: Impact,
    *,
    offer: Offer,
    seen_version: int,
    replaces: str,
    key: str,
    by: Actor,
    now: datetime | None = None,
) -> Choice:
    """Choose an offer for an impact, or change to it: reserves stock, promises with a date, opens a task for staff.

    ``seen_version`` and ``replaces`` say what the screen showed: the offer's version, and the ``public_id`` of the core
    choice that stood ("" for none). ``key`` makes a repeated request give the same choice, even one changed since.
    A change reserves the new before it releases the old; the same offer in the same version again changes nothing.
    An extra stands beside the core choice and replaces nothing.

    Raises, in this order: InvalidInput (no key, or a key used for another offer), NotOffered, TooLate, OfferChanged,
    AlreadyChosen (somebody was faster; the message says who, what, when), TooLate (fulfilled, or the old choice's
    cut-off has passed), SoldOut. Whatever is raised, nothing has changed.
    """
    if not 0 < len(key) <= _KEY_LENGTH:
        raise InvalidInput(_("This form has expired. Please open the page again."), field="key")
    request = _Request(offer, seen_version, replaces, key, by, now or timezone.now())
    try:
        with transaction.atomic():
            return _choose(impact, request)
    except IntegrityError:
        # A constraint held where a lock did not: answer as if the other had come first, which it has.
        choices = _known_choices(impact, request)
        if repeated := _choice_of_request(choices, request):
            return repeated
        _require_unmoved(_choice_to_replace(choices, offer), impact, request, is_extra=offer.is_extra)
        raise


@transaction.atomic
def cancel_choice(choice: Choice, *, by: Actor, now: datetime | None = None) -> Choice:
    """Give a choice back, with its units, until its cut-off. A second time changes nothing.

    Raises WrongState when it was fulfilled or replaced meanwhile, TooLate after the cut-off.
    """
    now = now or timezone.now()
    impact = choice.impact
    hold_if_over(impact.incident)
    lock_impact(impact)
    choice = Choice.objects.select_related("offer").get(pk=choice.pk)
    if choice.state == Choice.State.CANCELLED:
        return choice
    if choice.state == Choice.State.FULFILLED:
        raise WrongState(_("This has been fulfilled already, so it cannot be cancelled."))
    if choice.state == Choice.State.CHANGED:
        raise WrongState(_("This choice was replaced by another one meanwhile. Please review it."))
    _require_changeable(choice, impact, now)
    release_units(choice.pool_id, choice.units)
    _end(choice, Choice.State.CANCELLED, now)
    record(
        Event.Kind.CHOICE_CANCELLED,
        by=by,
        at=now,
        impact=impact,
        choice=choice.public_id,
        offer=choice.offer.public_id,
    )
    if impact.incident.is_over:
        close_if_whole(impact.incident, by=by, at=now)
    return choice


def _choose(impact: Impact, request: _Request) -> Choice:
    is_closed = impact.incident.closed_at is not None
    if is_closed:
        hold_if_over(impact.incident)
    lock_impact(impact)
    choices = _known_choices(impact, request)
    if repeated := _choice_of_request(choices, request):
        return repeated
    offer = _require_offered(impact, request)
    old = _choice_to_replace(choices, offer)
    _require_unmoved(old, impact, request, is_extra=offer.is_extra)
    if old:
        _require_changeable(old, impact, request.now)
        if (old.offer_id, old.offer_version) == (offer.pk, offer.version):
            return old
    _require_left(impact, offer, old)
    if old:
        _end(old, Choice.State.CHANGED, request.now)
    choice = _create(impact, offer, request)
    if is_closed:
        run_on(impact.incident)
    # Last of all locks, since everybody wants this one and it is held until the commit.
    _move_stock(impact, offer, old)
    _record_chosen(choice, old, request)
    return choice


def _known_choices(impact: Impact, request: _Request) -> Sequence[Choice]:
    """What stands for this impact, and what this very request made before."""
    return list(Choice.objects.filter(Q(key=request.key) | Q(state__in=STANDING), impact=impact))


def _choice_of_request(choices: Sequence[Choice], request: _Request) -> Choice | None:
    repeated = next((choice for choice in choices if choice.key == request.key), None)
    if repeated and repeated.offer_id != request.offer.pk:
        raise InvalidInput(_("This form was already used for another option. Please open the page again."), field="key")
    return repeated


def _choice_to_replace(choices: Sequence[Choice], offer: Offer) -> Choice | None:
    """The choice that this offer would replace; for an extra, the same extra chosen before."""
    rivals = (choice for choice in choices if choice.state in STANDING and choice.is_extra == offer.is_extra)
    return next((choice for choice in rivals if not offer.is_extra or choice.offer_id == offer.pk), None)


def _require_offered(impact: Impact, request: _Request) -> Offer:
    offers = Offer.objects.current().filter(incident=impact.incident_id, incident__published_at__isnull=False)
    offer = offers.select_related("remedy", "pool").filter(pk=request.offer.pk).first()
    if offer is None or impact.state == Impact.State.WITHDRAWN:
        raise NotOffered
    if request.now > offer.choose_by:
        raise TooLate(refusals.offer_closed(offer, impact, request.now))
    if offer.version != request.seen_version:
        raise OfferChanged
    return offer


def _require_unmoved(current: Choice | None, impact: Impact, request: _Request, *, is_extra: bool) -> None:
    expected = "" if is_extra else request.replaces
    if (current.public_id if current else "") == expected:
        return
    if current is None:
        raise AlreadyChosen(refusals.cancelled_meanwhile())
    raise AlreadyChosen(refusals.chosen_meanwhile(current, impact, request.by, request.now))


def _require_changeable(choice: Choice, impact: Impact, now: datetime) -> None:
    if choice.state == Choice.State.FULFILLED:
        raise TooLate(refusals.fulfilled(choice))
    if now > changeable_until(choice):
        raise TooLate(refusals.cut_off(choice, impact, now))


def _require_left(impact: Impact, offer: Offer, old: Choice | None) -> None:
    """Spare those who come when all is gone the work, and the rest the wait; whoever passes has nothing yet."""
    returning_units = old.units if old and old.pool_id == offer.pool_id else 0
    if offer.pool and offer.pool.units_left + returning_units < impact.units:
        raise SoldOut(refusals.sold_out(offer, impact, old))


def _move_stock(impact: Impact, offer: Offer, old: Choice | None) -> None:
    is_reserved = move_units(
        into=offer.pool_id,
        units=impact.units,
        out_of=old.pool_id if old else None,
        freed=old.units if old else 0,
    )
    if not is_reserved:
        raise SoldOut(refusals.sold_out(offer, impact, old))


def _end(choice: Choice, state: Choice.State, now: datetime) -> None:
    choice.state, choice.ended_at = state, now
    choice.save(update_fields=["state", "ended_at"])
    withdraw_promise(choice)


def _create(impact: Impact, offer: Offer, request: _Request) -> Choice:
    choice = Choice.objects.create(
        impact=impact,
        offer=offer,
        offer_version=offer.version,
        terms=terms_of(offer),
        pool_id=offer.pool_id,
        is_extra=offer.is_extra,
        units=impact.units,
        via=request.by.via,
        key=request.key,
        chosen_by=request.by.user,
        chosen_by_name=request.by.name,
        chosen_at=request.now,
    )
    make_promise(impact, choice, now=request.now)
    return choice


def _record_chosen(choice: Choice, old: Choice | None, request: _Request) -> None:
    record(
        Event.Kind.CHOICE_CHANGED if old else Event.Kind.CHOICE_MADE,
        by=request.by,
        at=request.now,
        impact=choice.impact,
        choice=choice.public_id,
        offer=choice.offer.public_id,
        replaced=old.public_id if old else "",
    )
