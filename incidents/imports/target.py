"""The page that an import writes to, with what it already has."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from django.db import DataError, IntegrityError
from django.utils.translation import gettext as _

from incidents.actions.intake.rows import IncidentRow
from incidents.imports.fields import described
from incidents.imports.report import ImportReport
from incidents.models import Component, ComponentGroup, Incident, Page

# What a database says about one row, as opposed to about itself: the others may still go in.
REFUSALS = (IntegrityError, DataError)

_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Target:
    """``groups`` and ``components`` by public id; in a dry run those that would be created are among them, unsaved."""

    page: Page
    dry_run: bool
    groups: dict[str, ComponentGroup] = field(default_factory=dict)
    components: dict[str, Component] = field(default_factory=dict)
    _newest_at: dict[tuple[str, str], datetime] = field(default_factory=dict)

    @classmethod
    def load(cls, page: Page, *, dry_run: bool) -> Self:
        if page._state.adding:  # a dry run's page, in memory only
            return cls(page, dry_run)
        components = page.components.select_related("group")
        return cls(
            page,
            dry_run,
            groups={group.public_id: group for group in page.groups.all()},
            components={component.public_id: component for component in components},
        )

    def has_seen(self, kind: str, public_id: str, updated_at: datetime | None) -> bool:
        """Whether this run already met this record, at least as new: several files may hold the same one."""
        key, moment = (kind, public_id), updated_at or _LONG_AGO
        if key in self._newest_at and moment <= self._newest_at[key]:
            return True
        self._newest_at[key] = moment
        return False

    def stored_incidents(self, public_ids: Iterable[str]) -> dict[str, Incident]:
        """Those that are here, with all that is compared, in three queries."""
        if self.page._state.adding:
            return {}
        incidents = self.page.incidents.filter(public_id__in=public_ids)
        fetched = incidents.prefetch_related("updates", "affected_components")
        return {incident.public_id: incident for incident in fetched}

    def affected(self, row: IncidentRow, report: ImportReport) -> dict[int, str]:
        """The incident's components that the page has, by their ids in the database; others are noted."""
        for code in row.affected.keys() - self.components.keys():
            absent = _("The component %(code)s, which incidents name, is not on the page.")
            report.note(absent % {"code": described(code)})
        statuses: dict[Any, str] = {self.components[c].pk: s for c, s in row.affected.items() if c in self.components}
        return statuses


def database_refused(error: Exception) -> str:
    why = str(error).strip().partition("\n")[0]
    return _("the database refused it: %(why)s") % {"why": why}
