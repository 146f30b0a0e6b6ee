"""What is planned about an incident, and how it stands because of that."""

from dataclasses import dataclass
from datetime import datetime

from incidents.models import Incident

# Plain words, asked for tens of thousands of times by one edition.
MAINTENANCE = Incident.Kind.MAINTENANCE.value
SCHEDULED = Incident.Status.SCHEDULED.value


@dataclass(frozen=True)
class Planning:
    """How planned work runs. `reminders`: minutes before the start; `rule`: by which it comes back; `former`: the
    windows that it had before, oldest first."""

    cancelled_at: datetime | None = None
    reminders: tuple[int, ...] = ()
    rule: str = ""
    former: tuple[tuple[datetime, datetime], ...] = ()

    @property
    def last_window(self) -> tuple[datetime, datetime] | None:
        return self.former[-1] if self.former else None


UNPLANNED = Planning()


def planning_of(incident: Incident) -> Planning:
    """Of an incident that brings its series along."""
    if not incident.is_planned:
        return UNPLANNED
    return Planning(
        cancelled_at=incident.cancelled_at,
        reminders=tuple(incident.reminders),
        rule=incident.series.rule if incident.series else "",
        former=tuple((_moment(start), _moment(until)) for start, until in incident.former_windows),
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


class IncidentTimes:
    """How an incident stands, from its own fields; no field of its own."""

    kind: str
    status: str
    started_at: datetime
    resolved_at: datetime | None
    scheduled_for: datetime | None
    planning: Planning

    @property
    def is_over(self) -> bool:
        return self.status in Incident.OVER

    @property
    def is_planned(self) -> bool:
        return self.kind == MAINTENANCE

    @property
    def is_ahead(self) -> bool:
        """Planned, and not begun."""
        return self.status == SCHEDULED

    @property
    def is_withdrawn(self) -> bool:
        """Planned, and called off. Statuspage has no word for it: what was completed before it began was called off."""
        return self.planning.cancelled_at is not None or (self.is_over and self._never_began)

    @property
    def status_word(self) -> str:
        """Its status, in the word that a visitor reads."""
        return "cancelled" if self.is_withdrawn else self.status

    @property
    def shown_at(self) -> datetime:
        """Where it stands in the history: its start, for planned work the planned one; its end, if it never began."""
        return self.resolved_at if self._never_began and self.resolved_at else self.begins_at

    @property
    def begins_at(self) -> datetime:
        """Its start, for planned work the planned one, whatever became of it."""
        return self.scheduled_for or self.started_at

    def word_for(self, status: str) -> str:
        """What an update said: to programs *completed*, to people what it was."""
        was_called_off = self.planning.cancelled_at is not None and status == Incident.Status.COMPLETED.value
        return "cancelled" if was_called_off else status

    @property
    def _never_began(self) -> bool:
        return bool(self.scheduled_for and self.resolved_at and self.resolved_at < self.scheduled_for)
