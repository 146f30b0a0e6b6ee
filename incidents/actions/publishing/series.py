"""Planned work that comes back: planned once, announced window by window, changed, ended."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from incidents.actions.publishing.incidents import change_incident, declare_incident, publish_incident, set_components
from incidents.actions.publishing.maintenances import cancel_maintenance, reschedule_maintenance
from incidents.actions.publishing.series_texts import carry_texts, texts_of_series
from incidents.actions.publishing.translations import Wording, translate
from incidents.actor import CLOCK, Actor
from incidents.errors import InvalidInput, WrongState
from incidents.events import record
from incidents.models import Component, Event, Incident, MaintenanceSeries, Page, Translation, User
from incidents.recurrence import check_rule, check_windows, starts
from incidents.reminders import USUAL_OF_SERIES, check_reminders
from incidents.validation import check_fields

LONGEST_LEAD_IN = timedelta(days=366)
_MINUTES_MOST = 7 * 24 * 60


class Plan(TypedDict, total=False):
    """What a series is made of; see ``MaintenanceSeries``. Durations are minutes."""

    name: str
    rule: str
    first_start: datetime
    time_zone: str
    lasts_for: int
    body: str
    components: Sequence[Component]
    owner: User | None
    reminders: Sequence[int]
    verify_for: int
    announce_days: int
    most_ahead: int


@dataclass(frozen=True, slots=True)
class Adapted:
    """What became of the windows that were announced: ``kept_count`` were touched by people and stay as they are."""

    changed_count: int = 0
    cancelled_count: int = 0
    kept_count: int = 0


@transaction.atomic
def plan_series(page: Page, *, by: Actor, now: datetime | None = None, **plan: Unpack[Plan]) -> MaintenanceSeries:
    """Plan work that comes back. The clock announces its windows, soonest first. Raises InvalidInput."""
    now = now or timezone.now()
    components = plan.pop("components", ())
    usual: Plan = {"time_zone": page.time_zone, "reminders": USUAL_OF_SERIES}
    series = MaintenanceSeries(page=page, created_at=now, look_at=now, **(usual | plan))
    _check_series(series, components)
    if abs(series.first_start - now) > LONGEST_LEAD_IN:
        raise InvalidInput(_("The first start lies within a year of today."), field="first_start")
    series.save(force_insert=True)
    series.components.set(components)
    record(Event.Kind.SERIES_CHANGED, by=by, at=now, page=page, series=series.public_id, fields=sorted(plan))
    return series


@transaction.atomic
def change_series(
    series: MaintenanceSeries, *, by: Actor, now: datetime | None = None, **plan: Unpack[Plan]
) -> Adapted:
    """Plan it otherwise from now on. Announced windows that nobody touched follow: they change, or are cancelled when
    the rule knows them no more; what a person rescheduled or spoke on stays. The same again changes nothing.

    Raises WrongState once it has ended, InvalidInput.
    """
    now = now or timezone.now()
    series = _locked(series)
    if series.ended_at:
        raise WrongState(_("This has ended. Plan a new one."))
    components = plan.pop("components", None)
    fields = _changed_fields(series, plan, components)
    if not fields:
        return Adapted()
    for name, value in plan.items():
        setattr(series, name, value)
    maintained = list(series.components.all()) if components is None else components
    _check_series(series, maintained)
    series.look_at = now
    series.save()
    series.components.set(maintained)
    adapted = _adapt(series, maintained, now)
    record(Event.Kind.SERIES_CHANGED, by=by, at=now, page=series.page, series=series.public_id, fields=fields)
    return adapted


@transaction.atomic
def end_series(
    series: MaintenanceSeries, *, cancel_coming: bool, by: Actor, body: str = "", now: datetime | None = None
) -> Adapted:
    """No more windows are announced. With ``cancel_coming`` the announced ones that nobody touched are cancelled, with
    ``body`` as the reason; otherwise they stand. A second time changes nothing."""
    now = now or timezone.now()
    series = _locked(series)
    if series.ended_at:
        return Adapted()
    series.ended_at, series.look_at = now, None
    series.save(update_fields=["ended_at", "look_at"])
    coming, cancelled = _coming(series, now), 0
    if cancel_coming:
        cancelled = _cancel(_untouched(coming), body or _no_longer(series), by=by, now=now)
    record(Event.Kind.SERIES_CHANGED, by=by, at=now, page=series.page, series=series.public_id, fields=["ended_at"])
    return Adapted(cancelled_count=cancelled, kept_count=_coming(series, now).count())


@transaction.atomic
def translate_series(
    series: MaintenanceSeries, wordings: Sequence[Wording], *, by: Actor, now: datetime | None = None
) -> list[Translation]:
    """Write these translations of its title and text. Windows that are announced get them too, where they read the
    same and nobody translated them by themselves; see ``translate``."""
    now = now or timezone.now()
    series = _locked(series)
    translations = translate(series.page, wordings, by=by, now=now)
    if translations:
        carry_texts(series, _coming(series, now).select_related("page"), now=now)
    return translations


@transaction.atomic
def announce_occurrences(series: MaintenanceSeries, *, now: datetime | None = None) -> list[Incident]:
    """Publish the windows whose time has come to be announced; those made now. Repeating it, or two at once, makes
    none twice; a window whose start has passed is not made up afterwards."""
    now = now or timezone.now()
    series = _locked(series)
    if series.ended_at:
        return []
    announced_starts = list(series.occurrences.values_list("occurs_at", flat=True))
    coming = _coming(series, now)
    room = series.most_ahead - coming.count()
    ahead = timedelta(days=series.announce_days)
    due, next_start = _due(series, announced_starts, until=now + ahead, room=room, now=now)
    announced = [_announce(series, start, now) for start in due]
    series.look_at = _look_again(series, next_start, ahead, now)
    series.save(update_fields=["look_at"])
    return announced


def next_windows(series: MaintenanceSeries, *, now: datetime, count: int = 5) -> list[tuple[datetime, datetime]]:
    """The next windows by the rule, saved or not. Raises InvalidInput when there can be none."""
    _check_series(series, ())
    lasts = timedelta(minutes=series.lasts_for)
    return [(start, start + lasts) for start in islice(_starts(series, now), count)]


def _due(
    series: MaintenanceSeries, announced_starts: Iterable[datetime | None], *, until: datetime, room: int, now: datetime
) -> tuple[list[datetime], datetime | None]:
    """Which starts to announce now, and the first one after them."""
    taken_starts, due = set(announced_starts), list[datetime]()
    for start in _starts(series, now):
        if start in taken_starts:
            continue
        if start > until or len(due) >= room:
            return due, start
        due.append(start)
    return due, None


def _look_again(
    series: MaintenanceSeries, next_start: datetime | None, ahead: timedelta, now: datetime
) -> datetime | None:
    """When the next one is to be announced; while as many as may are ahead, when the first of them begins."""
    if next_start is None:
        return None
    coming = _coming(series, now)
    if coming.count() < series.most_ahead:
        return max(next_start - ahead, now)
    first = coming.order_by("scheduled_for").values_list("scheduled_for", flat=True).first()
    return max(first or now, next_start - ahead, now)


def _starts(series: MaintenanceSeries, now: datetime) -> Iterable[datetime]:
    return starts(series.rule, first=series.first_start, zone=series.time_zone, after=now)


def _announce(series: MaintenanceSeries, start: datetime, now: datetime) -> Incident:
    incident = declare_incident(
        series.page,
        name=series.name,
        by=CLOCK,
        kind=Incident.Kind.MAINTENANCE,
        components=_maintained(series.components.all()),
        owner=series.owner,
        scheduled_for=start,
        scheduled_until=start + timedelta(minutes=series.lasts_for),
        reminders=series.reminders,
        verify_for=series.verify_for,
        series=series,
        occurs_at=start,
        now=now,
    )
    publish_incident(incident, body=series.body, by=CLOCK, translations=texts_of_series(series), now=now)
    return incident


def _adapt(series: MaintenanceSeries, components: Sequence[Component], now: datetime) -> Adapted:
    """The announced windows follow what the series says now. The clock does it: a window stays untouched by people."""
    coming = _coming(series, now)
    untouched = list(_untouched(coming).select_related("page"))
    kept_count = coming.count() - len(untouched)
    last = max((window.occurs_at for window in untouched if window.occurs_at), default=now)
    starts_by_rule = set[datetime]()
    for start in _starts(series, now):
        if start > last:
            break
        starts_by_rule.add(start)
    dropped = [window for window in untouched if window.occurs_at not in starts_by_rule]
    remaining = [window for window in untouched if window.occurs_at in starts_by_rule]
    cancelled_count = _cancel(dropped, _no_longer(series), by=CLOCK, now=now)
    changed_count = sum(_follow(window, series, components, now) for window in remaining)
    carry_texts(series, remaining, now=now)
    return Adapted(changed_count, cancelled_count, kept_count)


def _follow(incident: Incident, series: MaintenanceSeries, components: Sequence[Component], now: datetime) -> bool:
    before = incident.events.count()
    plan: Any = {name: getattr(series, name) for name in ("name", "owner", "reminders", "verify_for")}
    change_incident(incident, by=CLOCK, now=now, **plan)
    set_components(incident, _maintained(components), by=CLOCK, now=now)
    start = incident.scheduled_for
    if start and incident.scheduled_until != (until := start + timedelta(minutes=series.lasts_for)):
        reschedule_maintenance(incident, scheduled_for=start, scheduled_until=until, body="", by=CLOCK, now=now)
    return incident.events.count() != before


def _cancel(incidents: Iterable[Incident], body: str, *, by: Actor, now: datetime) -> int:
    return len([cancel_maintenance(incident, body=body, by=by, now=now) for incident in incidents])


def _no_longer(series: MaintenanceSeries) -> str:
    with translation.override(series.page.language):
        return _("We plan this work otherwise now, so this window falls away.")


def _coming(series: MaintenanceSeries, now: datetime) -> QuerySet[Incident]:
    return Incident.objects.filter(series=series, status=Incident.Status.SCHEDULED, scheduled_for__gt=now)


def _untouched(incidents: QuerySet[Incident]) -> QuerySet[Incident]:
    """Those on which only the clock ever acted."""
    by_people = Event.objects.filter(incident=OuterRef("pk")).exclude(via=CLOCK.via)
    return incidents.filter(~Exists(by_people)).order_by("scheduled_for", "pk")


def _locked(series: MaintenanceSeries) -> MaintenanceSeries:
    locked = MaintenanceSeries.objects.select_for_update(of=("self",), no_key=True).select_related("page", "owner")
    return locked.get(pk=series.pk)


def _maintained(components: Iterable[Component]) -> dict[Component, str]:
    return dict.fromkeys(components, Component.Status.UNDER_MAINTENANCE.value)


def _changed_fields(series: MaintenanceSeries, plan: Plan, components: Sequence[Component] | None) -> list[str]:
    if "rule" in plan:
        plan["rule"] = check_rule(plan["rule"])
    if "reminders" in plan:
        plan["reminders"] = check_reminders(plan["reminders"])
    fields = [name for name, value in plan.items() if getattr(series, name) != value]
    if components is not None and {component.pk for component in components} != set(
        series.components.values_list("pk", flat=True)
    ):
        fields.append("components")
    return sorted(fields)


def _check_series(series: MaintenanceSeries, components: Iterable[Component]) -> None:
    """Everything that must hold of a series, as InvalidInput naming the field."""
    series.name, series.body = series.name.strip(), series.body.strip()
    series.rule = check_rule(series.rule)
    series.reminders = check_reminders(series.reminders)
    check_fields(series)
    if any(component.page_id != series.page_id for component in components):
        raise InvalidInput(_("Pick components of this page."), field="components")
    for field, least, most in _BOUNDS:
        if not least <= getattr(series, field) <= most:
            message = _("A number from %(least)d to %(most)d.") % {"least": least, "most": most}
            raise InvalidInput(message, field=field)
    lasts = timedelta(minutes=series.lasts_for)
    check_windows(series.rule, first=series.first_start, zone=series.time_zone, lasts=lasts)


_BOUNDS = (
    ("lasts_for", 1, _MINUTES_MOST),
    ("verify_for", 0, _MINUTES_MOST),
    ("announce_days", 1, 180),
    ("most_ahead", 1, 20),
)
