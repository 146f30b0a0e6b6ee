"""A planned disruption: begun, verified, completed, reminded of, moved and called off.

It ends, like any other, by ``resolve_incident``; what the clock does by itself, it does through ``run_due_steps``.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypedDict

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from incidents.actions.publishing.component_status import recompute_statuses
from incidents.actions.publishing.impacts import apply_scope, record_matched, restore_impacts
from incidents.actions.publishing.incidents import close_if_whole, component_ids, end, plan_reminder, resolve_incident
from incidents.actions.publishing.matching import withdraw_untouched
from incidents.actions.publishing.translations import Texts, beside, write_translations
from incidents.actions.publishing.updates import post_update, require_seen, write_update
from incidents.actions.recovery.remedies import withdraw_offer
from incidents.actor import CLOCK, Actor
from incidents.errors import InvalidInput, WrongState
from incidents.events import record
from incidents.locks import lock_incident
from incidents.models import Event, Holding, Incident, Offer, Update
from incidents.queries.translations import languages_beside
from incidents.reminders import USEFUL_FOR
from incidents.text.dates import window_words
from incidents.validation import check_future

_SCHEDULED, _IN_PROGRESS = Incident.Status.SCHEDULED, Incident.Status.IN_PROGRESS
_VERIFYING, _COMPLETED = Incident.Status.VERIFYING, Incident.Status.COMPLETED

_MOVED = ("started_at", "scheduled_for", "scheduled_until", "former_windows", "next_reminder_at", "updated_at")

# What to say at a step, given the moment at which it was due.
Say = Callable[[Incident, str, datetime], str]


@transaction.atomic
def start_maintenance(
    incident: Incident,
    *,
    body: str,
    by: Actor,
    deliver: bool = True,
    translations: Texts | None = None,
    now: datetime | None = None,
) -> Update:
    """The planned work begins: its components are under maintenance from now on.

    Raises WrongState unless it is published and still only scheduled, so a second call too.
    """
    now = now or timezone.now()
    lock_incident(incident)
    if incident.status != _SCHEDULED:
        raise WrongState(_("This maintenance has begun already."))
    return post_update(
        incident, body=body, by=by, status=_IN_PROGRESS, deliver=deliver, translations=translations, now=now
    )


@transaction.atomic
def verify_maintenance(
    incident: Incident,
    *,
    body: str,
    by: Actor,
    completes_at: datetime | None = None,
    deliver: bool = True,
    translations: Texts | None = None,
    now: datetime | None = None,
) -> Update:
    """The work is done, and somebody looks whether it holds; the clock completes it at ``completes_at``, if stated,
    unless a person speaks meanwhile. Raises WrongState unless it is in progress."""
    now = now or timezone.now()
    lock_incident(incident)
    if incident.status != _IN_PROGRESS:
        raise WrongState(_("Only work that is in progress can be verified."))
    update = post_update(
        incident, body=body, by=by, status=_VERIFYING, deliver=deliver, translations=translations, now=now
    )
    incident.completes_at = completes_at
    incident.save(update_fields=["completes_at"])
    return update


def due_steps(incident: Incident, now: datetime) -> list[tuple[str, datetime]]:
    """The statuses that the clock owes it by now, each with the moment at which it was due, in their order.

    Nothing that a person took upon themselves: one that is not to begin or end by itself, or that somebody verifies.
    """
    status, completes_at, steps = incident.status, incident.completes_at, list[tuple[str, datetime]]()
    starts_at, ends_at = incident.scheduled_for, incident.scheduled_until
    if status == _SCHEDULED and incident.starts_by_itself and starts_at and starts_at <= now:
        status = _IN_PROGRESS
        steps.append((status, starts_at))
    if status == _IN_PROGRESS and incident.ends_by_itself and ends_at and ends_at <= now:
        completes_at = ends_at + timedelta(minutes=incident.verify_for)
        status = _VERIFYING
        if incident.verify_for:
            steps.append((status, ends_at))
    if status == _VERIFYING and completes_at and completes_at <= now:
        steps.append((_COMPLETED, completes_at))
    return steps


@transaction.atomic
def run_due_steps(incident: Incident, *, say: Say, now: datetime) -> list[str]:
    """All that has fallen due for one maintenance, in one transaction; the statuses that it went through.

    Only the last step is told: whoever was not told in time that it began wants to hear how it stands. Two workers at
    once, or a person who was faster: whoever comes second finds nothing due.
    """
    lock_incident(incident)
    steps = due_steps(incident, now) if incident.is_published else []
    for number, (status, due_at) in enumerate(steps, start=1):
        announcement = _announcement(incident, partial(say, incident, status, due_at))
        _take_step(incident, status, announcement, deliver=number == len(steps), now=now)
    return [status for status, _due_at in steps]


class _Announcement(TypedDict):
    body: str
    translations: Texts


def _take_step(incident: Incident, status: str, announcement: _Announcement, *, deliver: bool, now: datetime) -> None:
    if status == _IN_PROGRESS:
        start_maintenance(incident, **announcement, by=CLOCK, deliver=deliver, now=now)
    elif status == _VERIFYING and incident.scheduled_until:
        completes_at = incident.scheduled_until + timedelta(minutes=incident.verify_for)
        verify_maintenance(incident, **announcement, by=CLOCK, completes_at=completes_at, deliver=deliver, now=now)
    else:
        resolve_incident(incident, **announcement, by=CLOCK, now=now)


def _announcement(incident: Incident, say: Callable[[], str]) -> _Announcement:
    """What the clock says needs no translator: in the page's language, and in the others that can say it."""
    with translation.override(incident.page.language):
        body = say()
    translations = {}
    for code, _name in languages_beside(incident.page):
        with translation.override(code):
            if (text := say()) != body:
                translations[code] = {"body": text}
    return _Announcement(body=body, translations=translations)


@transaction.atomic
def remind_of_maintenance(incident: Incident, *, now: datetime | None = None) -> Event | None:
    """Remind everybody concerned that it is coming, once for each stated time; None when nothing is due.

    Of several that fell due while nobody looked only the last counts, and one that would come too late is left out.
    """
    now = now or timezone.now()
    lock_incident(incident)
    starts_at, due_at = incident.scheduled_for, incident.next_reminder_at
    if starts_at is None or due_at is None or due_at > now:
        return None
    plan_reminder(incident, now)
    incident.save(update_fields=["next_reminder_at"])
    leads = [lead for lead in incident.reminders if starts_at - timedelta(minutes=lead) <= now]
    if not leads or starts_at <= now or now - (starts_at - timedelta(minutes=min(leads))) > USEFUL_FOR:
        return None
    return record(
        Event.Kind.MAINTENANCE_REMINDED,
        by=CLOCK,
        at=now,
        incident=incident,
        lead=min(leads),
        scheduled_for=starts_at.astimezone(UTC).isoformat(),
    )


@transaction.atomic
def reschedule_maintenance(
    incident: Incident,
    *,
    scheduled_for: datetime,
    scheduled_until: datetime,
    body: str,
    by: Actor,
    seen: int | None = None,
    translations: Texts | None = None,
    now: datetime | None = None,
) -> Update:
    """Move a published window: an update says the old and the new time after ``body``, and everybody is told.

    Of work that has begun only the end moves. Holdings are matched anew, reminders planned anew. The windows that it
    had stay in its events. Raises WrongState once it is verified, over or (``seen``) spoken of meanwhile, InvalidInput
    for a window in the past, upside down, or the same as now.
    """
    now = now or timezone.now()
    lock_incident(incident)
    _require_movable(incident)
    require_seen(incident, seen)
    _check_new_window(incident, scheduled_for, scheduled_until, now)
    was = [
        moment.astimezone(UTC).isoformat() for moment in (incident.scheduled_for, incident.scheduled_until) if moment
    ]
    say = _saying_times(incident, scheduled_for, scheduled_until)
    text, texts = say(body, incident.page.language), _in_languages(incident, body, translations, say)
    if incident.status == _SCHEDULED:
        incident.started_at = scheduled_for
    incident.scheduled_for, incident.scheduled_until = scheduled_for, scheduled_until
    incident.former_windows = [*incident.former_windows, was]
    incident.updated_at = now
    plan_reminder(incident, now, announced=True)
    incident.save(update_fields=_MOVED)
    update = write_update(incident, body=text, by=by, at=now)
    write_translations(beside(update, texts), by=by, at=now)
    matched = apply_scope(incident, at=now)
    record(
        Event.Kind.MAINTENANCE_RESCHEDULED,
        by=by,
        at=now,
        incident=incident,
        update=update.public_id,
        was=was,
        now=[moment.astimezone(UTC).isoformat() for moment in (scheduled_for, scheduled_until)],
    )
    record_matched(incident, matched, by=by, at=now)
    return update


@transaction.atomic
def cancel_maintenance(
    incident: Incident,
    *,
    body: str,
    by: Actor,
    seen: int | None = None,
    translations: Texts | None = None,
    now: datetime | None = None,
) -> Update:
    """Call it off, before it begins or in the middle of it, and say why; what was offered because of it is withdrawn.

    To programs it is *completed*. Before it began nobody was touched: impacts are withdrawn, but for those where
    something was chosen; those, and all of work that had begun, are asked whether everything works for them.
    Raises WrongState for a draft, for what is over or (``seen``) spoken of meanwhile, InvalidInput for an empty text.
    """
    now = now or timezone.now()
    lock_incident(incident)
    _require_announced(incident)
    require_seen(incident, seen)
    had_begun = incident.status != _SCHEDULED
    incident.cancelled_at = now
    end(incident, now)
    changes = recompute_statuses(component_ids(incident), at=now) if had_begun else []
    update = write_update(incident, body=body, by=by, at=now, changes=changes)
    write_translations(beside(update, translations), by=by, at=now)
    withdrawn = 0 if had_begun else withdraw_untouched(incident, Holding.objects.none())
    restored = restore_impacts(incident, at=now)
    for offer in Offer.objects.current().filter(incident=incident).order_by("pk"):
        withdraw_offer(offer, by=by, now=now)
    record(
        Event.Kind.MAINTENANCE_CANCELLED,
        by=by,
        at=now,
        incident=incident,
        update=update.public_id,
        withdrawn=withdrawn,
        restored=restored,
    )
    close_if_whole(incident, by=by, at=now)
    return update


def _require_announced(incident: Incident) -> None:
    if not incident.is_planned:
        raise WrongState(_("This is no planned work."))
    if not incident.is_published:
        raise WrongState(_("This is still a draft; nobody has been told of it."))
    if incident.is_cancelled:
        raise WrongState(_("This has been cancelled already."))
    if incident.is_over:
        raise WrongState(_("This work is completed already."))


def _require_movable(incident: Incident) -> None:
    _require_announced(incident)
    if incident.status == _VERIFYING:
        raise WrongState(_("The work is done and being verified; its window cannot move any more."))


def _check_new_window(incident: Incident, scheduled_for: datetime, scheduled_until: datetime, now: datetime) -> None:
    if incident.status == _SCHEDULED:
        check_future(scheduled_for, now, field="scheduled_for")
    elif scheduled_for != incident.scheduled_for:
        raise InvalidInput(_("It has begun, so only its end can move."), field="scheduled_for")
    check_future(scheduled_until, now, field="scheduled_until")
    if scheduled_until <= scheduled_for:
        raise InvalidInput(_("The planned end lies before the start."), field="scheduled_until")
    if (scheduled_for, scheduled_until) == (incident.scheduled_for, incident.scheduled_until):
        raise InvalidInput(_("This is the time that it has now."), field="scheduled_for")


def _saying_times(incident: Incident, scheduled_for: datetime, scheduled_until: datetime) -> Callable[[str, str], str]:
    """Adds the new and the old time to a text, in its language and the page's zone, since everybody reads it there."""
    page, start, until = incident.page, incident.scheduled_for, incident.scheduled_until

    def say(body: str, language: str) -> str:
        with translation.override(language):
            old = window_words(start, until, page) if start and until else ""
            times = {"new": window_words(scheduled_for, scheduled_until, page), "old": old}
            sentence = _("New time: **%(new)s**. It was planned for: ~~%(old)s~~.") % times
            return f"{body.strip()}\n\n{sentence}".strip()

    return say


def _in_languages(incident: Incident, body: str, translations: Texts | None, say: Callable[[str, str], str]) -> Texts:
    """The times need no translator; a reason does, and where it lacks one the text stays as it was written."""
    translations = translations or {}
    reasons = {code: translations.get(code, {}).get("body", "") for code, _name in languages_beside(incident.page)}
    return {code: {"body": say(text, code)} for code, text in reasons.items() if text or not body.strip()}
