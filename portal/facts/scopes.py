"""What an incident affects and whom it touches, as far as everybody may know it."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import CharField, DateTimeField, F, QuerySet, TextField, Value

from incidents.models import AffectedComponent, Incident, Scope


@dataclass(frozen=True)
class ScopeFacts:
    """One rule of whom an incident touches: never a reference, never the name of a hidden component. `is_partly`: it
    says more than is told here, so not all who are described are touched."""

    component_id: str
    component: str
    kind: str
    region: str
    starts_from: datetime | None
    starts_before: datetime | None
    is_partly: bool


class ScopeRow(NamedTuple):
    """A component that an incident affects, with its `status` there; or, without a status, one of its rules."""

    incident: int
    status: str
    position: int | None
    component: int | None
    row: int
    public_id: str | None
    name: str | None
    is_hidden: bool | None
    kind: str
    region: str
    starts_from: datetime | None
    starts_before: datetime | None
    refs: str

    @property
    def scope(self) -> ScopeFacts:
        is_public = not self.is_hidden
        return ScopeFacts(
            component_id=(self.public_id or "") if is_public else "",
            component=(self.name or "") if is_public else "",
            kind=self.kind,
            region=self.region,
            starts_from=self.starts_from,
            starts_before=self.starts_before,
            is_partly=bool(self.refs.strip()) or not is_public,
        )


def read_scope_rows(incidents: QuerySet[Incident]) -> tuple[list[ScopeRow], list[ScopeRow]]:
    """What visitors may see of what these affect, in the components' order, and the rules of all of them in theirs.

    One query for both: to read a page takes only so many.
    """
    incidents = incidents.order_by()
    word, text, moment = (Value("", CharField()), Value("", TextField()), Value(None, DateTimeField()))
    component = ("component__public_id", "component__name", "component__is_hidden")
    affected = AffectedComponent.objects.filter(incident__in=incidents, component__is_hidden=False).order_by()
    rules = Scope.objects.filter(incident__in=incidents).order_by()
    query = affected.values_list(
        "incident_id", "status", "component__position", "component_id", "pk", *component,
        word, word, moment, moment, text,
    ).union(
        rules.values_list(
            "incident_id", word, "component__position", "component_id", "pk", *component,
            F("kind"), F("region"), F("starts_from"), F("starts_before"), F("refs"),
        ),
        all=True,
    )  # fmt: skip
    rows = [ScopeRow(*row) for row in query]
    affected_rows = sorted((row for row in rows if row.status), key=lambda row: (row.position, row.component))
    return affected_rows, sorted((row for row in rows if not row.status), key=lambda row: row.row)
