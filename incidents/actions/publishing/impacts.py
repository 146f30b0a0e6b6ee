"""Whom an incident touches: opened, withdrawn, seen, restored."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max, Min
from django.utils import timezone
from django.utils.translation import gettext as _

from incidents.actions.publishing.matching import ask_check_ins, open_impacts, reopen_withdrawn, withdraw_untouched
from incidents.actor import Actor
from incidents.errors import WrongState
from incidents.events import record
from incidents.locks import lock_incident
from incidents.models import Event, Impact, Incident
from incidents.queries.matching import ruled_holdings


@dataclass(frozen=True, slots=True)
class Matched:
    """What applying a scope did; ``first`` is the least id among the impacts opened, None when there is none."""

    opened_count: int
    withdrawn_count: int
    first: int | None


@transaction.atomic
def match_impacts(incident: Incident, *, by: Actor, now: datetime | None = None) -> int:
    """Open an impact for each holding in scope that has none, and withdraw those that no rule touches any more.

    Returns how many were opened, those that a wider scope brought back included. Repeating it changes nothing.
    A draft touches nobody yet: 0. Raises WrongState once the service is restored.
    """
    now = now or timezone.now()
    lock_incident(incident)
    if not incident.is_published:
        return 0
    if incident.is_over:
        raise WrongState(_("The service is restored already; nobody new is affected."))
    matched = apply_scope(incident, at=now)
    record_matched(incident, matched, by=by, at=now)
    return matched.opened_count


@transaction.atomic
def mark_seen(impact: Impact, *, now: datetime | None = None) -> None:
    """Remember when a customer first looked at it. Later looks change nothing."""
    Impact.objects.filter(pk=impact.pk, seen_at__isnull=True).update(seen_at=now or timezone.now())


@transaction.atomic
def restore_impact(impact: Impact, *, by: Actor, now: datetime | None = None) -> Impact:
    """Staff mended what a customer reported as not fixed: restored again, and asked again, as the next round.

    Raises WrongState unless the impact is reopened, so a second call too.
    """
    now = now or timezone.now()
    impact.refresh_from_db(
        from_queryset=Impact.objects.select_for_update(of=("self",), no_key=True).select_related("incident__page")
    )
    if impact.state != Impact.State.REOPENED:
        raise WrongState(_("Only what a customer reported as not fixed can be restored again."))
    ask_check_ins(Impact.objects.filter(pk=impact.pk), at=now)
    impact.state = Impact.State.RESTORED
    impact.restored_at = now
    impact.save(update_fields=["state", "restored_at"])
    newest = impact.check_ins.aggregate(round=Max("round"))
    record(Event.Kind.IMPACT_RESTORED, by=by, at=now, impact=impact, round=newest["round"])
    return impact


def apply_scope(incident: Incident, *, at: datetime) -> Matched:
    """Make the incident's impacts what its scope says. Inside an action's transaction, the incident's row locked.

    Records nothing: ``record_matched`` does, after the action's own event.
    """
    newest: int = Impact.objects.aggregate(newest=Max("pk"))["newest"] or 0
    holdings = ruled_holdings(incident)
    withdrawn_count = withdraw_untouched(incident, holdings)
    reopened_count = reopen_withdrawn(incident, holdings, at=at)
    new_count = open_impacts(incident, holdings, at=at)
    first = _first(incident, newest, reopened_count, new_count, at)
    return Matched(opened_count=reopened_count + new_count, withdrawn_count=withdrawn_count, first=first)


def record_matched(incident: Incident, matched: Matched, *, by: Actor, at: datetime) -> None:
    """One event for what was opened, one for what was withdrawn; none for nothing."""
    if matched.opened_count:
        record(
            Event.Kind.IMPACTS_OPENED,
            by=by,
            at=at,
            incident=incident,
            count=matched.opened_count,
            first=matched.first,
            since=at.isoformat(),
        )
    if matched.withdrawn_count:
        record(Event.Kind.IMPACTS_WITHDRAWN, by=by, at=at, incident=incident, count=matched.withdrawn_count)


def restore_impacts(incident: Incident, *, at: datetime) -> int:
    """The service is back: ask everybody still affected, and call their impacts restored. Inside an action."""
    affected = Impact.objects.filter(incident=incident, state__in=(Impact.State.OPEN, Impact.State.REOPENED))
    ask_check_ins(affected, at=at)
    return affected.update(state=Impact.State.RESTORED, restored_at=at)


def _first(incident: Incident, newest: int, reopened_count: int, new_count: int, at: datetime) -> int | None:
    """Ids only rise, so what was written now lies beyond the newest id of before; what returned may lie anywhere."""
    impacts = Impact.objects.filter(incident=incident)
    if reopened_count:
        least: dict[str, int | None] = impacts.filter(opened_at=at).aggregate(first=Min("pk"))
        return least["first"]
    if new_count:
        return impacts.filter(pk__gt=newest).order_by("pk").values_list("pk", flat=True).first()
    return None
