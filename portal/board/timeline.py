"""One incident at a moment: what was said, what was estimated and what became of it, when we speak next.

Pure: every function takes the moment and asks neither the clock nor the database. Each view names, in `valid_until`,
the next moment at which it would read differently.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from incidents.models import Component
from portal.facts.page import AffectedFacts, EstimateFacts, IncidentFacts, UpdateFacts


@dataclass(frozen=True)
class EstimateView:
    """One estimate as it stands at a moment.

    `state`: current (lies ahead, or "not known yet"), missed (it passed before the service was back), met (the service
    was back in time), superseded (revised before it passed). Only one estimate of an open incident is ever current.
    """

    state: str
    stage: str
    restored_by: datetime | None
    reason: str
    source: str
    said_at: datetime
    translated: tuple[str, ...] = ()


def estimates_at(incident: IncidentFacts, now: datetime) -> tuple[EstimateView, ...]:
    """All estimates of an incident, newest first, each with its state; a past one is never current."""
    ends = (None, *(estimate.at for estimate in incident.estimates))
    return tuple(
        EstimateView(_state(estimate, until, incident, now), estimate.stage, *_words(estimate), estimate.translated)
        for estimate, until in zip(incident.estimates, ends, strict=False)
    )


def _words(estimate: EstimateFacts) -> tuple[datetime | None, str, str, datetime]:
    return estimate.restored_by, estimate.reason, estimate.source, estimate.at


def _state(estimate: EstimateFacts, revised_at: datetime | None, incident: IncidentFacts, now: datetime) -> str:
    ended_at = incident.resolved_at if incident.is_over else None
    if estimate.restored_by is None:
        return "superseded" if revised_at or ended_at else "current"
    if estimate.restored_by < min(moment for moment in (revised_at, ended_at, now) if moment):
        return "missed"
    if revised_at:
        return "superseded"
    if ended_at:
        return "met"
    return "current" if estimate.restored_by > now else "missed"


@dataclass(frozen=True)
class UpdateView:
    """One update. `turned`: the components whose status this update changed. `corrects_at`: when the one that it
    corrects was said; `corrected_at`: when it was itself corrected."""

    public_id: str
    status: str
    html: str
    at: datetime
    turned: tuple[AffectedFacts, ...] = ()
    corrects_at: datetime | None = None
    corrected_at: datetime | None = None
    translated: tuple[str, ...] = ()
    amended_at: datetime | None = None


@dataclass(frozen=True)
class IncidentView:
    """One incident or maintenance at a moment, its timeline newest first."""

    facts: IncidentFacts
    estimates: tuple[EstimateView, ...]
    next_update_at: datetime | None
    is_update_late: bool
    is_window_past: bool
    valid_until: datetime | None

    @cached_property
    def updates(self) -> tuple[UpdateView, ...]:
        """Put together when somebody reads them: lists show the newest words only."""
        return _timeline(self.facts)

    @property
    def latest(self) -> UpdateView | None:
        return self.updates[0] if self.updates else None

    @property
    def estimate(self) -> EstimateView | None:
        """The newest estimate, current or not."""
        return self.estimates[0] if self.estimates else None

    @property
    def duration(self) -> timedelta | None:
        """How long it lasted, once it is over."""
        if not self.facts.is_over or self.facts.resolved_at is None:
            return None
        return max(self.facts.resolved_at - self.facts.shown_at, timedelta())


def incident_at(incident: IncidentFacts, now: datetime) -> IncidentView:
    due = None if incident.is_over else incident.next_update_due_at
    return IncidentView(
        facts=incident,
        estimates=estimates_at(incident, now),
        next_update_at=due,
        is_update_late=due is not None and due <= now,
        is_window_past=incident.scheduled_until is not None and incident.scheduled_until <= now,
        valid_until=_first_after(now, _turns(incident)),
    )


def _turns(incident: IncidentFacts) -> Iterable[datetime | None]:
    """The moments at which an open incident reads differently by itself."""
    if incident.is_over:
        return ()
    estimate = incident.estimates[0].restored_by if incident.estimates else None
    return (estimate, incident.next_update_due_at, incident.scheduled_for, incident.scheduled_until)


def _first_after(now: datetime, moments: Iterable[datetime | None]) -> datetime | None:
    return min((moment for moment in moments if moment is not None and moment > now), default=None)


def _timeline(incident: IncidentFacts) -> tuple[UpdateView, ...]:
    """Newest first; what each update changed is seen by reading them from the oldest."""
    said_at = {update.key: update.at for update in incident.updates}
    corrected_at = {update.corrects: update.at for update in incident.updates if update.corrects}
    statuses: dict[str, str] = {}
    views = [
        UpdateView(
            public_id=update.public_id,
            status=incident.word_for(update.status),
            html=update.html,
            at=update.at,
            turned=_turned(update, statuses),
            corrects_at=said_at.get(update.corrects) if update.corrects else None,
            corrected_at=corrected_at.get(update.key),
            translated=update.translated,
            amended_at=update.amended_at,
        )
        for update in reversed(incident.updates)
    ]
    return tuple(reversed(views))


def _turned(update: UpdateFacts, statuses: dict[str, str]) -> tuple[AffectedFacts, ...]:
    """The components that changed with this update; `statuses` is what the older ones left behind, and is moved on."""
    best = Component.Status.OPERATIONAL.value
    turned = tuple(
        component for component in update.affected or () if component.status != statuses.get(component.public_id, best)
    )
    statuses.update({component.public_id: component.status for component in turned})
    return turned
