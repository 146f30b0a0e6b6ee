"""What the files say, judged and typed: the rows that the import's actions write."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from incidents.models import Incident


@dataclass(frozen=True, slots=True)
class PageRow:
    public_id: str
    name: str
    url: str
    time_zone: str
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class GroupRow:
    public_id: str
    name: str
    description: str
    position: int
    created_at: datetime | None
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class ComponentRow:
    """``group`` is the public id of its group, empty without one."""

    public_id: str
    name: str
    description: str
    position: int
    status: str
    group: str
    showcase: bool
    only_show_if_degraded: bool
    start_date: date | None
    created_at: datetime | None
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class UpdateRow:
    public_id: str
    status: str
    body: str
    affected_components: list[dict[str, str | None]] | None
    deliver_notifications: bool
    display_at: datetime
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """``updates`` newest first; ``affected`` maps public ids of components to their status in this incident."""

    public_id: str
    kind: Incident.Kind
    name: str
    status: str
    impact: str
    shortlink: str
    started_at: datetime
    monitoring_at: datetime | None
    resolved_at: datetime | None
    scheduled_for: datetime | None
    scheduled_until: datetime | None
    created_at: datetime
    updated_at: datetime
    updates: tuple[UpdateRow, ...]
    affected: Mapping[str, str]

    @property
    def is_over(self) -> bool:
        return self.status in Incident.OVER
