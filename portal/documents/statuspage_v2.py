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
        yield _sheet(name, facts, api, fill)


def _sheet(
    name: str, facts: PageFacts, api: Callable[[], "Api"], fill: Callable[["Api"], Mapping[str, object]]
) -> DocumentSpec:
    def draw(now: datetime) -> RenderedDocument:
        body = {"page": api().page(), **fill(api())}
        return RenderedDocument(json.dumps(body, ensure_ascii=False, separators=(",", ":")))

    path = f"{facts.profile.root}{ROOT}{name}.json"
    return DocumentSpec(path, facts.profile, (facts,), draw, content_type=JSON, is_open=True)


class Api:
    """One page's facts in Statuspage's shapes."""

    def __init__(self, facts: PageFacts) -> None:
        self._facts = facts
        self._zone = ZoneInfo(facts.profile.zone)
        self._rows = {component.public_id: self._part(component) for component in facts.components}
        self._known: dict[int, dict[str, object]] = {}  # several documents list the same disruptions

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
        known = {group.public_id for group in groups}
        top: list[ComponentFacts | GroupFacts] = [
            *(component for component in self._facts.components if component.group_id not in known),
            *groups,
        ]
        rows: Rows = []
        for one in sorted(top, key=lambda one: one.position):
            if isinstance(one, ComponentFacts):
                rows.append(self._rows[one.public_id])
            else:
                rows.append(self._group(one, members[one.public_id]))
                rows.extend(self._rows[component.public_id] for component in members[one.public_id])
        return rows

    def incidents(self, statuses: Iterable[str] | None = None, most: int | None = MOST) -> Rows:
        return self._disruptions(False, statuses, most)

    def maintenances(self) -> Rows:
        return self._disruptions(True, None, MOST)

    def standing(self, statuses: Iterable[str]) -> Rows:
        """Maintenances that are not over, soonest first, as Statuspage lists them."""
        return self._disruptions(True, statuses, None)[::-1]

    def _disruptions(self, is_planned: bool, statuses: Iterable[str] | None, most: int | None) -> Rows:
        """Newest first."""
        wanted = frozenset(statuses or Incident.Status.values)
        found = (one for one in self._facts.incidents if one.is_planned == is_planned and one.status in wanted)
        return [self._incident(one) for one in islice(found, most)]

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

    def _part(self, component: ComponentFacts) -> dict[str, object]:
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

    def _incident(self, one: IncidentFacts) -> dict[str, object]:
        if one.key not in self._known:
            self._known[one.key] = self._written(one)
        return self._known[one.key]

    def _written(self, one: IncidentFacts) -> dict[str, object]:
        """An incident; a maintenance has its window besides. Created means published: drafts are our own."""
        row: dict[str, object] = {
            "id": one.public_id,
            "name": one.name,
            "status": one.status,
            "created_at": self._time(one.published_at),
            "updated_at": self._time(one.updated_at),
            "monitoring_at": self._time(one.monitoring_at),
            "resolved_at": self._time(one.resolved_at),
            "impact": one.impact,
            "shortlink": one.shortlink or self._facts.profile.absolute(f"incidents/{one.public_id}"),
            "started_at": self._time(one.started_at),
            "page_id": self._facts.public_id,
            "incident_updates": [self._update(said, one) for said in one.updates],
            "components": [
                self._rows[component.public_id] for component in one.affected if component.public_id in self._rows
            ],
            "reminder_intervals": None,
        }
        if one.is_planned:
            row["scheduled_for"] = self._time(one.scheduled_for)
            row["scheduled_until"] = self._time(one.scheduled_until)
        return row

    def _update(self, said: UpdateFacts, one: IncidentFacts) -> dict[str, object]:
        return {
            "id": said.public_id,
            "status": said.status,
            "body": said.body,
            "incident_id": one.public_id,
            "created_at": self._time(said.created_at),
            "updated_at": self._time(said.updated_at),
            "display_at": self._time(said.at),
            "affected_components": _moves(said),
            "deliver_notifications": said.is_sent,
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


def _moves(said: UpdateFacts) -> Rows | None:
    if said.changes is None:
        return None
    return [
        {"code": move.code, "name": move.name, "old_status": move.before or None, "new_status": move.after or None}
        for move in said.changes
    ]


DOCUMENTS: Mapping[str, Callable[[Api], Mapping[str, object]]] = {
    "status": lambda api: {"status": api.status()},
    "summary": lambda api: {
        "components": api.components(),
        "incidents": api.incidents(UNRESOLVED, None),
        "scheduled_maintenances": api.standing({"scheduled", *ACTIVE}),
        "status": api.status(),
    },
    "components": lambda api: {"components": api.components()},
    "incidents": lambda api: {"incidents": api.incidents()},
    "incidents/unresolved": lambda api: {"incidents": api.incidents(UNRESOLVED, None)},
    "incidents/resolved": lambda api: {"incidents": api.incidents(Incident.OVER)},
    "scheduled-maintenances": lambda api: {"scheduled_maintenances": api.maintenances()},
    "scheduled-maintenances/upcoming": lambda api: {"scheduled_maintenances": api.standing({"scheduled"})},
    "scheduled-maintenances/active": lambda api: {"scheduled_maintenances": api.standing(ACTIVE)},
}
