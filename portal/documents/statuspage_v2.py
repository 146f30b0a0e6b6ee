"""The public API of Statuspage, version 2, to the letter: what every tool that a company already has can read.

Pure: facts of a page in, JSON out. Every key is always there, in the documented order; unknown is null, lists are
never null but for an update's `affected_components`. Times have milliseconds and the page's own offset.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache
from itertools import islice
from zoneinfo import ZoneInfo

from incidents.models import Incident
from portal.board.board import page_status, worst
from portal.documents.document import JSON
from portal.documents.spec import DocumentSpec, RenderedDocument
from portal.facts.page import ComponentFacts, GroupFacts, IncidentFacts, PageFacts, UpdateFacts

Rows = list[dict[str, object]]

ROOT = "api/v2/"
MOST = 50  # rows, of the documents that hold the past
UNRESOLVED = frozenset({"investigating", "identified", "monitoring"})
ACTIVE = frozenset({"in_progress", "verifying"})


def api_documents(facts: PageFacts) -> Iterator[DocumentSpec]:
    """All documents of the API. They name the moment of the page's last change, so that each is new with each event."""
    api = cache(lambda: Api(facts))
    for name, fill in DOCUMENTS.items():
        yield _document(name, facts, api, fill)


def _document(
    name: str, facts: PageFacts, api: Callable[[], "Api"], fill: Callable[["Api"], Mapping[str, object]]
) -> DocumentSpec:
    def render(now: datetime) -> RenderedDocument:
        body = {"page": api().page(), **fill(api())}
        return RenderedDocument(json.dumps(body, ensure_ascii=False, separators=(",", ":")))

    path = f"{facts.profile.root}{ROOT}{name}.json"
    return DocumentSpec(path, facts.profile, (facts,), render, content_type=JSON, is_open=True)


class Api:
    """One page's facts in Statuspage's shapes."""

    def __init__(self, facts: PageFacts) -> None:
        self._facts = facts
        self._zone = ZoneInfo(facts.profile.zone)
        self._rows = {component.public_id: self._component(component) for component in facts.components}
        self._incidents: dict[int, dict[str, object]] = {}  # several documents list the same ones

    def page(self) -> dict[str, object]:
        profile = self._facts.profile
        return {
            "id": self._facts.public_id,
            "name": profile.name,
            "url": profile.absolute(),
            "time_zone": profile.zone,
            "updated_at": self._time(self._facts.updated_at),
        }

    def status(self) -> dict[str, str]:
        overall = page_status(self._facts)
        return {"indicator": overall.indicator, "description": overall.description}

    def components(self) -> Rows:
        """In the page's order; a group is followed by what is in it, and left out when that is nothing."""
        members: dict[str, list[ComponentFacts]] = defaultdict(list)
        for component in self._facts.components:
            members[component.group_id].append(component)
        groups = [group for group in self._facts.groups if members[group.public_id]]
        group_ids = {group.public_id for group in groups}
        top: list[ComponentFacts | GroupFacts] = [
            *(component for component in self._facts.components if component.group_id not in group_ids),
            *groups,
        ]
        rows: Rows = []
        for row in sorted(top, key=lambda row: row.position):
            if isinstance(row, ComponentFacts):
                rows.append(self._rows[row.public_id])
            else:
                rows.append(self._group(row, members[row.public_id]))
                rows.extend(self._rows[component.public_id] for component in members[row.public_id])
        return rows

    def incidents(self, statuses: Iterable[str] | None = None, most: int | None = MOST) -> Rows:
        return self._list(False, statuses, most)

    def maintenances(self) -> Rows:
        return self._list(True, None, MOST)

    def current(self, statuses: Iterable[str]) -> Rows:
        """Maintenances that are not over, soonest first, as Statuspage lists them."""
        return self._list(True, statuses, None)[::-1]

    def _list(self, is_planned: bool, statuses: Iterable[str] | None, most: int | None) -> Rows:
        """Newest first."""
        statuses = frozenset(statuses or Incident.Status.values)
        incidents = (
            incident
            for incident in self._facts.incidents
            if incident.is_planned == is_planned and incident.status in statuses
        )
        return [self._incident(incident) for incident in islice(incidents, most)]

    def _group(self, group: GroupFacts, members: list[ComponentFacts]) -> dict[str, object]:
        return {
            "id": group.public_id,
            "name": group.name,
            "status": worst(component.status for component in members),
            "created_at": self._time(group.created_at),
            "updated_at": self._time(group.updated_at),
            "position": group.position,
            "description": group.description or None,
            "showcase": False,
            "start_date": None,
            "group_id": None,
            "page_id": self._facts.public_id,
            "group": True,
            "only_show_if_degraded": False,
            "components": [component.public_id for component in members],
        }

    def _component(self, component: ComponentFacts) -> dict[str, object]:
        return {
            "id": component.public_id,
            "name": component.name,
            "status": component.status,
            "created_at": self._time(component.created_at),
            "updated_at": self._time(component.updated_at),
            "position": component.position,
            "description": component.description or None,
            "showcase": component.showcase,
            "start_date": component.start_date.isoformat() if component.start_date else None,
            "group_id": component.group_id or None,
            "page_id": self._facts.public_id,
            "group": False,
            "only_show_if_degraded": component.only_if_degraded,
        }

    def _incident(self, incident: IncidentFacts) -> dict[str, object]:
        if incident.key not in self._incidents:
            self._incidents[incident.key] = self._incident_row(incident)
        return self._incidents[incident.key]

    def _incident_row(self, incident: IncidentFacts) -> dict[str, object]:
        """An incident; a maintenance has its window besides. Created means published: drafts are our own."""
        row: dict[str, object] = {
            "id": incident.public_id,
            "name": incident.name,
            "status": incident.status,
            "created_at": self._time(incident.published_at),
            "updated_at": self._time(incident.updated_at),
            "monitoring_at": self._time(incident.monitoring_at),
            "resolved_at": self._time(incident.resolved_at),
            "impact": incident.impact,
            "shortlink": incident.shortlink or self._facts.profile.absolute(f"incidents/{incident.public_id}"),
            "started_at": self._time(incident.started_at),
            "page_id": self._facts.public_id,
            "incident_updates": [self._update(update, incident) for update in incident.updates],
            "components": [
                self._rows[component.public_id] for component in incident.affected if component.public_id in self._rows
            ],
            "reminder_intervals": None,
        }
        if incident.is_planned:
            row["scheduled_for"] = self._time(incident.scheduled_for)
            row["scheduled_until"] = self._time(incident.scheduled_until)
        return row

    def _update(self, update: UpdateFacts, incident: IncidentFacts) -> dict[str, object]:
        return {
            "id": update.public_id,
            "status": update.status,
            "body": update.body,
            "incident_id": incident.public_id,
            "created_at": self._time(update.created_at),
            "updated_at": self._time(update.updated_at),
            "display_at": self._time(update.at),
            "affected_components": _changes(update),
            "deliver_notifications": update.is_sent,
            "custom_tweet": None,
            "tweet_id": None,
        }

    def _time(self, moment: datetime | None) -> str | None:
        """ "2026-11-22T12:00:00.000Z", with an offset where the page's zone is not UTC."""
        if moment is None:
            return None
        local = moment.astimezone(self._zone)
        text = local.isoformat(timespec="milliseconds")
        return text.removesuffix("+00:00") + "Z" if local.tzname() == "UTC" else text


def _changes(update: UpdateFacts) -> Rows | None:
    if update.changes is None:
        return None
    return [
        {
            "code": change.code,
            "name": change.name,
            "old_status": change.before or None,
            "new_status": change.after or None,
        }
        for change in update.changes
    ]


DOCUMENTS: Mapping[str, Callable[[Api], Mapping[str, object]]] = {
    "status": lambda api: {"status": api.status()},
    "summary": lambda api: {
        "components": api.components(),
        "incidents": api.incidents(UNRESOLVED, None),
        "scheduled_maintenances": api.current({"scheduled", *ACTIVE}),
        "status": api.status(),
    },
    "components": lambda api: {"components": api.components()},
    "incidents": lambda api: {"incidents": api.incidents()},
    "incidents/unresolved": lambda api: {"incidents": api.incidents(UNRESOLVED, None)},
    "incidents/resolved": lambda api: {"incidents": api.incidents(Incident.OVER)},
    "scheduled-maintenances": lambda api: {"scheduled_maintenances": api.maintenances()},
    "scheduled-maintenances/upcoming": lambda api: {"scheduled_maintenances": api.current({"scheduled"})},
    "scheduled-maintenances/active": lambda api: {"scheduled_maintenances": api.current(ACTIVE)},
}
