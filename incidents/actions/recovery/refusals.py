"""Why not, in words for the customer who was refused: who was faster, what is left, until when."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from incidents.actor import Actor
from incidents.models import Choice, Impact, Offer
from incidents.queries.offers import changeable_until


def offer_closed(offer: Offer, impact: Impact, now: datetime) -> str:
    return _("The time to choose this ended: %(until)s.") % {"until": _moment(offer.choose_by, impact, now)}


def chosen_meanwhile(choice: Choice, impact: Impact, by: Actor, now: datetime) -> str:
    """Who chose what, when, and whether that can still be changed."""
    return f"{_who_chose(choice, impact, by, now)} {_until_when(choice, impact, now)}"


def cancelled_meanwhile() -> str:
    return _("The choice that you wanted to change was cancelled meanwhile. Please review it.")


def cut_off(choice: Choice, impact: Impact, now: datetime) -> str:
    values = {"offer": choice.offer.name, "until": _moment(changeable_until(choice), impact, now)}
    return _("“%(offer)s” could be changed or cancelled until %(until)s.") % values


def fulfilled(choice: Choice) -> str:
    return _("“%(offer)s” has been fulfilled already, so it cannot be changed.") % {"offer": choice.offer.name}


def sold_out(offer: Offer, impact: Impact, old: Choice | None) -> str:
    """That it is gone, or too little of it is left; and that nothing was lost."""
    units_left = offer.pool.units_left if offer.pool else 0
    reason = _("That one is just taken.")
    if 0 < units_left < impact.units:
        reason = ngettext(
            "Only %(left)d is left, and you need %(units)d.",
            "Only %(left)d are left, and you need %(units)d.",
            units_left,
        ) % {"left": units_left, "units": impact.units}
    if old:
        return f"{reason} " + _("You keep “%(offer)s”.") % {"offer": old.offer.name}
    return f"{reason} " + _("The other options below are still open to you.")


def _who_chose(choice: Choice, impact: Impact, by: Actor, now: datetime) -> str:
    values = {
        "name": choice.chosen_by_name,
        "offer": choice.offer.name,
        "at": _moment(choice.chosen_at, impact, now),
    }
    if by.user and choice.chosen_by_id == by.user.pk:
        return _("You already chose “%(offer)s” (%(at)s).") % values
    if choice.via == Choice.Via.STAFF:
        return _("Our colleague %(name)s chose “%(offer)s” for you (%(at)s).") % values
    return _("%(name)s chose “%(offer)s” (%(at)s).") % values


def _until_when(choice: Choice, impact: Impact, now: datetime) -> str:
    if choice.state == Choice.State.FULFILLED:
        return _("It has been fulfilled.")
    until = changeable_until(choice)
    if now > until:
        return _("It can no longer be changed.")
    return _("It can be changed until %(until)s.") % {"until": _moment(until, impact, now)}


def _moment(at: datetime, impact: Impact, now: datetime) -> str:
    """A time in the page's zone, which it names; with the day when it is not today."""
    zone = ZoneInfo(impact.incident.page.time_zone)
    local = at.astimezone(zone)
    is_today = local.date() == now.astimezone(zone).date()
    style = pgettext("format of a moment", "H:i") if is_today else pgettext("format of a moment", "j M, H:i")
    return date_format(local, f"{style} T")
