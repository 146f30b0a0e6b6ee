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

    part_id: str
    part: str
    kind: str
    region: str
    starts_from: datetime | None
    starts_before: datetime | None
    is_partly: bool


class Touch(NamedTuple):
    """A component that an incident affects, with its `status` there; or, without a status, one of its rules."""

    incident: int
    status: str
    position: int | None
    component: int | None
    row: int
    part_id: str | None
    part: str | None
    is_hidden: bool | None
    kind: str
    region: str
    starts_from: datetime | None
    starts_before: datetime | None
    refs: str

    @property
    def whom(self) -> ScopeFacts:
        is_told = not self.is_hidden
        return ScopeFacts(
            part_id=(self.part_id or "") if is_told else "",
            part=(self.part or "") if is_told else "",
            kind=self.kind,
            region=self.region,
            starts_from=self.starts_from,
            starts_before=self.starts_before,
            is_partly=bool(self.refs.strip()) or not is_told,
        )


def read_touch(incidents: QuerySet[Incident]) -> tuple[list[Touch], list[Touch]]:
    """What visitors may see of what these affect, in the components' order, and the rules of all of them in theirs.

    One query for both: to read a page takes only so many.
    """
    some = incidents.order_by()
    word, text, moment = (Value("", CharField()), Value("", TextField()), Value(None, DateTimeField()))
    part = ("component__public_id", "component__name", "component__is_hidden")
    affected = AffectedComponent.objects.filter(incident__in=some, component__is_hidden=False).order_by()
    rules = Scope.objects.filter(incident__in=some).order_by()
    both = affected.values_list(
        "incident_id", "status", "component__position", "component_id", "pk", *part, word, word, moment, moment, text
    ).union(
        rules.values_list(
            "incident_id", word, "component__position", "component_id", "pk", *part,
            F("kind"), F("region"), F("starts_from"), F("starts_before"), F("refs"),
        ),
        all=True,
    )  # fmt: skip
    found = [Touch(*row) for row in both]
    parts = sorted((one for one in found if one.status), key=lambda one: (one.position, one.component))
    return parts, sorted((one for one in found if not one.status), key=lambda one: one.row)
