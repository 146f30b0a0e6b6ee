"""Promises and the tasks that keep them."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from incidents.actions.publishing.incidents import close_if_whole, hold_if_over
from incidents.actor import CLOCK, Actor
from incidents.errors import WrongState
from incidents.events import record
from incidents.locks import lock_impact
from incidents.models import Choice, Event, Impact, Promise, Task, User

_BATCH = 100


def make_promise(impact: Impact, choice: Choice, *, now: datetime) -> Promise:
    """Promise what the chosen offer says, with a date, and the task for staff that keeps it. Part of choosing."""
    offer = choice.offer
    promise = Promise.objects.create(
        impact=impact, choice=choice, text=offer.promise, made_at=now, due_at=now + offer.fulfil_within
    )
    Task.objects.create(
        kind=Task.Kind.FULFIL,
        impact=impact,
        choice=choice,
        promise=promise,
        title=_title(f"{choice.units} × {offer.name}" if choice.units > 1 else offer.name, impact),
        created_at=now,
        due_at=promise.due_at,
    )
    return promise


def withdraw_promise(choice: Choice) -> None:
    """The choice is gone: so are its open promise and task. A promise that was broken stays broken."""
    Promise.objects.filter(choice=choice, state=Promise.State.OPEN).update(state=Promise.State.WITHDRAWN)
    Task.objects.filter(choice=choice, state=Task.State.OPEN).update(state=Task.State.CANCELLED)


def open_follow_up(impact: Impact, *, now: datetime) -> None:
    """Ask a person to call: it is not fixed. One open task per impact, however often the customer says so."""
    if not _open_follow_ups(impact).exists():
        Task.objects.create(
            kind=Task.Kind.FOLLOW_UP, impact=impact, title=_title("", impact), created_at=now, due_at=now
        )


def cancel_follow_up(impact: Impact) -> None:
    """The customer says that it is fixed after all: nobody need call."""
    _open_follow_ups(impact).update(state=Task.State.CANCELLED)


@transaction.atomic
def complete_task(task: Task, *, by: Actor, now: datetime | None = None) -> Task:
    """Say that the work is done. Fulfilling a choice settles its promise: *beaten* when done in less than half of the
    promised time, *kept* when done by the due date, *broken* otherwise, with the moment it was done all the same. An
    incident that waited for nothing else closes.

    A second time changes nothing. Raises WrongState for a task that was cancelled.
    """
    now = now or timezone.now()
    impact = task.impact
    hold_if_over(impact.incident)
    lock_impact(impact)
    task = Task.objects.select_related("choice", "promise").get(pk=task.pk)
    if task.state == Task.State.DONE:
        return task
    if task.state == Task.State.CANCELLED:
        raise WrongState(_("This task was cancelled: the customer no longer needs it."))
    task.state, task.done_at, task.done_by = Task.State.DONE, now, by.user
    task.save(update_fields=["state", "done_at", "done_by"])
    if task.promise:
        _settle(task.promise, impact, by=by, now=now)
    record(Event.Kind.TASK_DONE, by=by, at=now, impact=impact, task=task.pk, task_kind=task.kind)
    if task.choice:
        _fulfil(task.choice, task.promise, impact, by=by, now=now)
    if impact.incident.is_over:
        close_if_whole(impact.incident, by=by, at=now)
    return task


@transaction.atomic
def assign_task(task: Task, *, owner: User | None, by: Actor, now: datetime | None = None) -> Task:
    """Give an open task its one owner, or take it back with None. The same owner again changes nothing.

    Raises WrongState when the task is no longer open.
    """
    now = now or timezone.now()
    task = (
        Task.objects.select_for_update(of=("self",), no_key=True)
        .select_related("impact__incident__page")
        .get(pk=task.pk)
    )
    if task.state != Task.State.OPEN:
        raise WrongState(_("This task is no longer open."))
    if task.owner_id == (owner.pk if owner else None):
        return task
    task.owner = owner
    task.save(update_fields=["owner"])
    record(Event.Kind.TASK_ASSIGNED, by=by, at=now, impact=task.impact, task=task.pk, owner=owner.pk if owner else None)
    return task


def break_due_promises(now: datetime) -> int:
    """Mark every open promise whose date has passed as broken, in small transactions; returns how many.

    Safe to repeat and to run twice at once: each promise is broken, and told, once.
    """
    count = 0
    while batch := _break_some(now):
        count += batch
    return count


@transaction.atomic
def _break_some(now: datetime) -> int:
    due = Promise.objects.filter(state=Promise.State.OPEN, due_at__lt=now)
    promises = list(
        due.select_for_update(of=("self",), no_key=True, skip_locked=True)  # a second clock takes the next ones
        .select_related("impact__incident__page")
        .order_by("due_at", "pk")[:_BATCH]
    )
    for promise in promises:
        _break(promise, promise.impact, by=CLOCK, now=now)
    return len(promises)


def _break(promise: Promise, impact: Impact, *, by: Actor, now: datetime) -> None:
    promise.state, promise.broken_at = Promise.State.BROKEN, promise.due_at
    promise.save(update_fields=["state", "broken_at"])
    is_done = promise.done_at is not None
    record(Event.Kind.PROMISE_BROKEN, by=by, at=now, impact=impact, promise=promise.public_id, is_done=is_done)


def _settle(promise: Promise, impact: Impact, *, by: Actor, now: datetime) -> None:
    """The clock may be breaking this very promise: look again with its row held."""
    promise.refresh_from_db(from_queryset=Promise.objects.select_for_update(no_key=True))
    promise.done_at = now
    promise.save(update_fields=["done_at"])
    if promise.state != Promise.State.OPEN:
        return
    if now > promise.due_at:
        _break(promise, impact, by=by, now=now)
        return
    half = promise.made_at + (promise.due_at - promise.made_at) / 2
    promise.state = Promise.State.BEATEN if now < half else Promise.State.KEPT
    promise.save(update_fields=["state"])


def _fulfil(choice: Choice, promise: Promise | None, impact: Impact, *, by: Actor, now: datetime) -> None:
    choice.state, choice.fulfilled_at = Choice.State.FULFILLED, now
    choice.save(update_fields=["state", "fulfilled_at"])
    record(
        Event.Kind.CHOICE_FULFILLED,
        by=by,
        at=now,
        impact=impact,
        choice=choice.public_id,
        promise=promise.public_id if promise else "",
        state=promise.state if promise else "",
    )


def _open_follow_ups(impact: Impact) -> QuerySet[Task]:
    return Task.objects.filter(impact=impact, kind=Task.Kind.FOLLOW_UP, state=Task.State.OPEN)


def _title(subject: str, impact: Impact) -> str:
    """What, for whom, about which holding; no words of ours, so no language."""
    parts = (subject, impact.customer.name, str(impact.holding))
    return " · ".join(Truncator(part).chars(60) for part in parts if part)
