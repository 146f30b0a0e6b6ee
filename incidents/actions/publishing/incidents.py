"""One disruption from declaration to the day when everybody was made whole."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from incidents.actions.publishing.component_status import recompute_statuses, set_affected
from incidents.actions.publishing.impacts import apply_scope, record_matched, restore_impacts
from incidents.actions.publishing.status_history import write_earlier_start
from incidents.actions.publishing.translations import Texts, beside, write_translations
from incidents.actions.publishing.updates import check_components, write_update
from incidents.actor import Actor
from incidents.errors import InvalidInput, WrongState
from incidents.events import record
from incidents.locks import lock_incident
from incidents.models import Component, Event, Impact, Incident, MaintenanceSeries, Page, Promise, Scope, Update, User
from incidents.queries.matching import refs_of
from incidents.reminders import USEFUL_FOR, USUAL, check_reminders, next_reminder
from incidents.validation import check_fields, check_future

# A rule names at most this many references: more are a region or a component.
MAX_REFS = 10_000
# What fits on a first screen beside the other answers.
ADVICE_LENGTH = 2_000
LONGEST_VERIFYING = 7 * 24 * 60


class ScopeRule(TypedDict, total=False):
    """One rule of a scope: all that is stated must hold. ``refs`` is one reference per line."""

    component: Component | None
    kind: str
    region: str
    starts_from: datetime | None
    starts_before: datetime | None
    refs: str


class Course(TypedDict, total=False):
    """How a maintenance runs; ``reminders`` are minutes before the start. Of a series, which, and its start by rule."""

    starts_by_itself: bool
    ends_by_itself: bool
    verify_for: int
    reminders: Sequence[int]
    series: MaintenanceSeries
    occurs_at: datetime


class Changes(TypedDict, total=False):
    """What may be corrected on an incident without an update; the window of a draft only."""

    name: str
    impact: str
    owner: User | None
    started_at: datetime
    next_update_due_at: datetime | None
    advice: str
    scheduled_for: datetime
    scheduled_until: datetime
    starts_by_itself: bool
    ends_by_itself: bool
    verify_for: int
    reminders: Sequence[int]


_PUBLISHED = ("published_at", "monitoring_at", "next_reminder_at")
_ENDED = ("status", "resolved_at", "updated_at", "next_update_due_at", "next_reminder_at", "completes_at")
_WINDOW = frozenset({"scheduled_for", "scheduled_until"})
# Changing these may change whom the incident touches.
_TIMES = frozenset({"started_at", *_WINDOW})


@transaction.atomic
def declare_incident(
    page: Page,
    *,
    name: str,
    by: Actor,
    kind: str = Incident.Kind.INCIDENT,
    impact: str = Incident.Level.MINOR,
    status: str | None = None,
    components: Mapping[Component, str] | None = None,
    scopes: Sequence[ScopeRule] = (),
    owner: User | None = None,
    started_at: datetime | None = None,
    scheduled_for: datetime | None = None,
    scheduled_until: datetime | None = None,
    next_update_due_at: datetime | None = None,
    advice: str = "",
    now: datetime | None = None,
    **course: Unpack[Course],
) -> Incident:
    """Write down a disruption as a draft: nothing of it is public, nobody is matched.

    A maintenance begins when it is planned to, reminds as usual unless ``course`` says otherwise, and its impact is
    always *maintenance*. Raises InvalidInput.
    """
    now = now or timezone.now()
    planned = kind == Incident.Kind.MAINTENANCE
    incident = Incident(
        page=page,
        name=name.strip(),
        kind=kind,
        impact=Incident.Level.MAINTENANCE if planned else impact,
        status=status or (Incident.Status.SCHEDULED if planned else Incident.Status.INVESTIGATING),
        owner=owner,
        started_at=started_at or scheduled_for or now,
        scheduled_for=scheduled_for,
        scheduled_until=scheduled_until,
        next_update_due_at=next_update_due_at,
        advice=advice,
        created_at=now,
        updated_at=now,
        **({"reminders": USUAL} | course if planned else {}),
    )
    _check_incident(incident, now)
    check_future(next_update_due_at, now, field="next_update_due_at")
    incident.save(force_insert=True)
    set_affected(incident, check_components(page, components or {}))
    Scope.objects.bulk_create(_checked_scopes(incident, scopes))
    record(Event.Kind.INCIDENT_DECLARED, by=by, at=now, incident=incident)
    return incident


@transaction.atomic
def change_incident(
    incident: Incident, *, by: Actor, now: datetime | None = None, **changes: Unpack[Changes]
) -> Incident:
    """Correct what is written about an incident. Other times are matched anew when it is published and not over.

    The same values again change and record nothing. Raises InvalidInput, also for another window of what is published:
    people plan by it, so ``reschedule_maintenance`` tells them.
    """
    now = now or timezone.now()
    lock_incident(incident)
    if "reminders" in changes:
        changes["reminders"] = check_reminders(changes["reminders"])
    fields = sorted(field for field, value in changes.items() if getattr(incident, field) != value)
    if not fields:
        return incident
    if incident.is_published and (window_fields := _WINDOW.intersection(fields)):
        raise InvalidInput(
            _("People plan by this time. Reschedule it, so that they are told."), field=min(window_fields)
        )
    was_started_at = incident.started_at
    for field in fields:
        setattr(incident, field, changes[field])  # type: ignore[literal-required]
    _check_incident(incident, now)
    if "next_update_due_at" in fields:
        check_future(incident.next_update_due_at, now, field="next_update_due_at")
    incident.updated_at = now
    if "reminders" in fields:
        plan_reminder(incident, now)
    incident.save(update_fields=[*fields, "next_reminder_at", "updated_at"])
    if incident.is_published and not incident.is_planned and incident.started_at < was_started_at:
        write_earlier_start(incident, was=was_started_at)
    _record_change(incident, fields, rematch=not _TIMES.isdisjoint(fields), by=by, now=now)
    return incident


@transaction.atomic
def set_components(
    incident: Incident, components: Mapping[Component, str], *, by: Actor, now: datetime | None = None
) -> Incident:
    """These components and no others are affected. A published incident moves their public status and is matched anew.

    The same again changes and records nothing. Raises InvalidInput.
    """
    now = now or timezone.now()
    lock_incident(incident)
    changed_ids = set_affected(incident, check_components(incident.page, components))
    former = incident.affected_components.exclude(component__in=components)
    changed_ids |= set(former.values_list("component_id", flat=True))
    former.delete()
    if not changed_ids:
        return incident
    _touch(incident, now)
    if incident.is_published:
        recompute_statuses(changed_ids, at=now)
    _record_change(incident, ["components"], rematch=True, by=by, now=now)
    return incident


@transaction.atomic
def set_scopes(incident: Incident, rules: Sequence[ScopeRule], *, by: Actor, now: datetime | None = None) -> Incident:
    """These rules and no others say whom the incident touches; none means all holdings of its components.

    A published incident that is not over is matched anew. The same again changes and records nothing.
    Raises InvalidInput.
    """
    now = now or timezone.now()
    lock_incident(incident)
    scopes = _checked_scopes(incident, rules)
    if [_terms_of(scope) for scope in scopes] == [_terms_of(scope) for scope in incident.scopes.all()]:
        return incident
    incident.scopes.all().delete()
    Scope.objects.bulk_create(scopes)
    _touch(incident, now)
    _record_change(incident, ["scopes"], rematch=True, by=by, now=now)
    return incident


@transaction.atomic
def publish_incident(
    incident: Incident,
    *,
    body: str,
    by: Actor,
    status: str | None = None,
    next_update_due_at: datetime | None = None,
    translations: Texts | None = None,
    now: datetime | None = None,
) -> Update:
    """Make a draft public with its first update: components show their status, holdings are matched. ``translations``
    may have its name and the update's body.

    Raises WrongState when it is public already, InvalidInput for an empty text, a status that is over, or a next update
    that lies in the past (also one that the draft still carries).
    """
    now = now or timezone.now()
    lock_incident(incident)
    if incident.is_published:
        raise WrongState(_("This is public already. Post an update instead."))
    incident.status = status or incident.status
    incident.next_update_due_at = next_update_due_at or incident.next_update_due_at
    _check_incident(incident, now)
    check_future(incident.next_update_due_at, now, field="next_update_due_at")
    incident.published_at = incident.updated_at = now
    incident.monitoring_at = now if incident.status == Incident.Status.MONITORING else None
    plan_reminder(incident, now, announced=True)
    incident.save(update_fields=[*_PUBLISHED, "status", "next_update_due_at", "updated_at"])
    since = None if incident.is_planned else min(incident.started_at, now)
    changes = recompute_statuses(component_ids(incident), at=now, since=since)
    update = write_update(incident, body=body, by=by, at=now, changes=changes)
    write_translations([*beside(incident, translations), *beside(update, translations)], by=by, at=now)
    matched = apply_scope(incident, at=now)
    record(Event.Kind.INCIDENT_PUBLISHED, by=by, at=now, incident=incident, update=update.public_id)
    record_matched(incident, matched, by=by, at=now)
    return update


@transaction.atomic
def resolve_incident(
    incident: Incident, *, body: str, by: Actor, translations: Texts | None = None, now: datetime | None = None
) -> Update:
    """The service is restored: say so, free the components, and ask everybody affected whether it is fixed for them.

    Closes at once when nobody is affected. Raises WrongState for a draft and for what is over already.
    """
    now = now or timezone.now()
    lock_incident(incident)
    if not incident.is_published:
        raise WrongState(_("This is still a draft. Publish it before you resolve it."))
    if incident.is_over:
        raise WrongState(_("This is resolved already."))
    end(incident, now)
    changes = recompute_statuses(component_ids(incident), at=now)
    update = write_update(incident, body=body, by=by, at=now, changes=changes)
    write_translations(beside(update, translations), by=by, at=now)
    restored = restore_impacts(incident, at=now)
    record(Event.Kind.INCIDENT_RESOLVED, by=by, at=now, incident=incident, update=update.public_id, restored=restored)
    close_if_whole(incident, by=by, at=now)
    return update


def end(incident: Incident, at: datetime) -> None:
    """It is over from now on, whatever was still to come of it. Inside an action's transaction, the row locked."""
    incident.status = Incident.Status.COMPLETED if incident.is_planned else Incident.Status.RESOLVED
    incident.resolved_at = incident.updated_at = at
    incident.next_update_due_at = incident.next_reminder_at = incident.completes_at = None
    incident.save(update_fields=[*_ENDED, "cancelled_at"])


def plan_reminder(incident: Incident, now: datetime, *, announced: bool = False) -> None:
    """Set when people are reminded next; nobody is of what was announced to them just now. Saves nothing."""
    incident.next_reminder_at = None
    is_told = incident.is_published and incident.origin != Incident.Origin.IMPORT
    if incident.status == Incident.Status.SCHEDULED and is_told and incident.scheduled_for:
        after = now + USEFUL_FOR if announced else now
        incident.next_reminder_at = next_reminder(incident.scheduled_for, incident.reminders, after=after)


def close_if_whole(incident: Incident, *, by: Actor, at: datetime) -> bool:
    """Close an incident that is over once every standing impact is confirmed and everything that was promised is done;
    whether this call closed it.

    Inside an action's transaction, after its own change. The incident is locked before its impacts are counted: of two
    last customers who confirm at once, the second to get here sees the first.
    """
    lock_incident(incident)
    if not incident.is_over or incident.closed_at is not None:
        return False
    if incident.impacts.exclude(state__in=(Impact.State.CONFIRMED, Impact.State.WITHDRAWN)).exists():
        return False
    if Promise.objects.owed().filter(impact__incident=incident).exists():
        return False
    incident.closed_at = incident.updated_at = at
    incident.save(update_fields=["closed_at", "updated_at"])
    record(Event.Kind.INCIDENT_CLOSED, by=by, at=at, incident=incident)
    return True


def hold_if_over(incident: Incident) -> None:
    """Lock an incident that is over, before its impact is: what follows may be the last thing that it waits for. One
    that is not over never closes by it, and nobody waits for a long matching."""
    if incident.is_over:
        lock_incident(incident)


def run_on(incident: Incident) -> None:
    """Customers made whole is the second clock: of an incident that was closed it runs again."""
    Incident.objects.filter(pk=incident.pk, closed_at__isnull=False).update(closed_at=None)


def _check_incident(incident: Incident, now: datetime) -> None:
    """Everything that must hold of one incident's own fields, as InvalidInput naming the field."""
    check_fields(incident)
    incident.reminders = check_reminders(incident.reminders)
    if incident.verify_for > LONGEST_VERIFYING:
        raise InvalidInput(_("Verifying takes seven days at most."), field="verify_for")
    if incident.status not in (
        incident.MAINTENANCE_STATUSES if incident.is_planned else incident.INCIDENT_STATUSES
    ) or (incident.is_over and not incident.resolved_at):
        raise InvalidInput(_("It cannot begin with this status."), field="status")
    if incident.is_planned != (incident.impact == Incident.Level.MAINTENANCE):
        raise InvalidInput(_("Pick an impact from the list."), field="impact")
    if len(incident.advice) > ADVICE_LENGTH:
        raise InvalidInput(_("Please keep this below %(most)d characters.") % {"most": ADVICE_LENGTH}, field="advice")
    if incident.is_planned and not (incident.scheduled_for and incident.scheduled_until):
        raise InvalidInput(_("A maintenance needs a planned start and end."), field="scheduled_for")
    if incident.scheduled_for and incident.scheduled_until and incident.scheduled_until < incident.scheduled_for:
        raise InvalidInput(_("The planned end lies before the start."), field="scheduled_until")
    if not incident.is_planned and incident.started_at > now:
        raise InvalidInput(_("It cannot have started in the future. Plan a maintenance instead."), field="started_at")


def _checked_scopes(incident: Incident, rules: Sequence[ScopeRule]) -> list[Scope]:
    scopes = [_checked_scope(incident, rule) for rule in rules]
    if sum(len(refs_of(scope)) for scope in scopes) > MAX_REFS:
        raise InvalidInput(_("Name at most %(count)s references.") % {"count": MAX_REFS}, field="refs")
    return scopes


def _terms_of(scope: Scope) -> tuple[object, ...]:
    times = (scope.starts_from, scope.starts_before)
    return (scope.component_id, scope.kind, scope.region, *times, refs_of(scope))


def _checked_scope(incident: Incident, rule: ScopeRule) -> Scope:
    columns: dict[str, Any] = dict(rule)
    scope = Scope(incident=incident, **columns)
    check_fields(scope)
    if scope.component and scope.component.page_id != incident.page_id:
        raise InvalidInput(_("Pick a component of this page."), field="component")
    if scope.starts_from and scope.starts_before and scope.starts_before <= scope.starts_from:
        raise InvalidInput(_("This span ends before it begins."), field="starts_before")
    return scope


def _record_change(incident: Incident, fields: list[str], *, rematch: bool, by: Actor, now: datetime) -> None:
    """The event of a correction, and of whom it touches when that is public and still matters."""
    matched = apply_scope(incident, at=now) if rematch and incident.is_published and not incident.is_over else None
    record(Event.Kind.INCIDENT_CHANGED, by=by, at=now, incident=incident, fields=fields)
    if matched:
        record_matched(incident, matched, by=by, at=now)


def _touch(incident: Incident, now: datetime) -> None:
    incident.updated_at = now
    incident.save(update_fields=["updated_at"])


def component_ids(incident: Incident) -> list[int]:
    """The keys of what it affects."""
    return list(incident.affected_components.order_by().values_list("component_id", flat=True))
