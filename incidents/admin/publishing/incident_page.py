"""What the page of one incident shows, read in a fixed number of queries."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from django.db.models import Count, Q, QuerySet
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from incidents.models import Choice, Estimate, Event, Impact, Incident, Offer, Update
from incidents.queries.matching import Reach
from incidents.queries.metrics import Recovery, recovery
from incidents.queries.report_trend import reports_of
from incidents.reminders import write_reminders

NEWEST = 200

FIELD_WORDS: Mapping[str, str | LazyText] = {
    "name": gettext_lazy("title"),
    "impact": gettext_lazy("impact"),
    "owner": gettext_lazy("owner"),
    "started_at": gettext_lazy("start"),
    "next_update_due_at": gettext_lazy("next update"),
    "advice": gettext_lazy("what to do meanwhile"),
    "scheduled_for": gettext_lazy("planned start"),
    "scheduled_until": gettext_lazy("planned end"),
    "starts_by_itself": gettext_lazy("beginning by itself"),
    "ends_by_itself": gettext_lazy("ending by itself"),
    "verify_for": gettext_lazy("minutes to verify"),
    "reminders": gettext_lazy("reminders"),
    "components": gettext_lazy("components"),
    "scopes": gettext_lazy("rules of whom it touches"),
}
# Shown as the row that they wrote.
_TOLD_BY_ROW = (
    Event.Kind.INCIDENT_UPDATED,
    Event.Kind.ESTIMATE_PUBLISHED,
    Event.Kind.MAINTENANCE_RESCHEDULED,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline: an update, an estimate, or what else happened."""

    at: datetime
    author: str
    words: str = ""
    update: Update | None = None
    estimate: Estimate | None = None

    @property
    def status(self) -> str:
        """What an update said: work that was called off is *completed* for programs only."""
        if self.update is None:
            return ""
        was_called_off = self.update.incident.is_cancelled and self.update.status == Incident.Status.COMPLETED
        return "cancelled" if was_called_off else self.update.status


@dataclass(frozen=True, slots=True)
class IncidentPage:
    """All of one incident's page. ``offers`` carry ``chosen``: how many choose them now."""

    incident: Incident
    reach: Reach | None
    recovery: Recovery
    timeline: Sequence[Entry]
    estimates: Sequence[Estimate]
    offers: Sequence[Offer]
    components: Sequence[object]
    scopes: Sequence[object]
    reports: int


def read_incident(incident: Incident, reach: Reach | None) -> IncidentPage:
    estimates = list(incident.estimates.select_related("author"))
    return IncidentPage(
        incident=incident,
        reach=reach,
        recovery=recovery(incident),
        timeline=_timeline(incident, estimates),
        estimates=estimates,
        offers=list(_offers(incident)),
        components=list(incident.affected_components.select_related("component")),
        scopes=list(incident.scopes.select_related("component")),
        reports=reports_of(incident),
    )


def to_be_asked(incident: Incident) -> tuple[int, int]:
    """How many customers, and about how many holdings, resolving now would ask "is it fixed for you?"."""
    waiting = incident.impacts.filter(state__in=[Impact.State.OPEN, Impact.State.REOPENED])
    counts: dict[str, int] = waiting.order_by().aggregate(
        customers=Count("customer", distinct=True), holdings=Count("id")
    )
    return counts["customers"], counts["holdings"]


def _offers(incident: Incident) -> QuerySet[Offer]:
    live = Q(choices__state__in=[Choice.State.LIVE, Choice.State.FULFILLED])
    return incident.offers.select_related("pool", "remedy").annotate(chosen=Count("choices", filter=live))


def _timeline(incident: Incident, estimates: Sequence[Estimate]) -> list[Entry]:
    updates = incident.updates.select_related("author", "corrects")[:NEWEST]
    timeline = [
        *(Entry(at=update.display_at, author=_name(update.author), update=update) for update in updates),
        *(Entry(at=estimate.created_at, author=_name(estimate.author), estimate=estimate) for estimate in estimates),
        *_happened(incident),
    ]
    return sorted(timeline, key=attrgetter("at"), reverse=True)


def _happened(incident: Incident) -> Iterator[Entry]:
    """What happened to the incident as a whole; what happened to one customer stands with their impact."""
    events = incident.events.filter(impact=None).exclude(kind__in=_TOLD_BY_ROW)
    names = dict(incident.offers.values_list("public_id", "name"))
    for event in events.select_related("actor").order_by("-id")[:NEWEST]:
        yield Entry(at=event.happened_at, author=_name(event.actor), words=_words(event, names))


def _words(event: Event, offers: Mapping[str, str]) -> str:
    label = Event.Kind(event.kind).label
    detail = _detail(event, offers)
    return f"{label}: {detail}" if detail else str(label)


def _detail(event: Event, offers: Mapping[str, str]) -> str:
    if event.kind == Event.Kind.INCIDENT_CHANGED:
        return ", ".join(str(FIELD_WORDS.get(field, field)) for field in event.data.get("fields", ()))
    if event.kind == Event.Kind.MAINTENANCE_REMINDED:
        return _("%(lead)s before") % {"lead": write_reminders([event.data.get("lead", 0)])}
    if event.kind in (Event.Kind.IMPACTS_OPENED, Event.Kind.IMPACTS_WITHDRAWN):
        count = event.data.get("count", 0)
        return ngettext("%(count)d holding", "%(count)d holdings", count) % {"count": count}
    if event.kind == Event.Kind.INCIDENT_RESOLVED:
        count = event.data.get("restored", 0)
        return ngettext("asked about %(count)d holding", "asked about %(count)d holdings", count) % {"count": count}
    return offers.get(event.data.get("offer", ""), "")


def _name(person: object) -> str:
    return str(person) if person else str(_("Makegood"))
