"""How well recovery works, each figure defined once, computed from rows and never typed in.

=============  ====================================================================================================
customers      different customers with a standing impact (an impact that was withdrawn never counts)
impacts        standing impacts: one per holding
units          the units of those holdings when they were matched: passengers, parcels, seats
unreachable    those customers for whom we have no e-mail address
seen           impacts that their customer opened
chosen         impacts with a live or fulfilled choice; extras do not count
beaten, kept   promises done before, or by, the moment we named; ``honoured`` is both
broken         promises whose moment passed undone, also when they were done later
due            promises that are open and whose moment is still to come
asked          impacts whose customer was asked "is it fixed for you?"
confirmed      impacts whose customer said "yes" in the end
not_fixed      impacts whose customer said "no" or "partly" at least once, also when it was put right later
reopened       impacts that wait for a person now
unanswered     asked, restored, and no word yet: shown as such and never counted as satisfied
satisfaction   mean of 1–5 over those who rated; ``None`` without a rating
effort         mean of 1–7 (more is easier) over those who rated
=============  ====================================================================================================

"Reached" needs to know what was sent, which this package does not; see ``config.desk.board``.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Aggregate, Avg, Count, Q, QuerySet, Sum

from incidents.models import CheckIn, Choice, Impact, Incident, Promise, Rating


@dataclass(frozen=True, slots=True)
class Recovery:
    """The figures of one incident; the module's docstring defines them."""

    customers: int = 0
    impacts: int = 0
    units: int = 0
    unreachable: int = 0
    impacts_seen: int = 0
    impacts_chosen: int = 0
    promises_beaten: int = 0
    promises_kept: int = 0
    promises_broken: int = 0
    promises_due: int = 0
    impacts_asked: int = 0
    confirmed: int = 0
    not_fixed: int = 0
    reopened: int = 0
    unanswered: int = 0
    ratings: int = 0
    satisfaction: float | None = None
    effort: float | None = None

    @property
    def honoured(self) -> int:
        return self.promises_beaten + self.promises_kept

    @property
    def promises(self) -> int:
        return self.honoured + self.promises_broken + self.promises_due


def recovery(incident: Incident) -> Recovery:
    """The figures of one incident."""
    return recoveries([incident])[incident.pk]


def recoveries(incidents: Iterable[Incident]) -> Mapping[int, Recovery]:
    """The figures of each incident by its pk, in six queries however many there are."""
    pks = [incident.pk for incident in incidents]
    by_incident: dict[int, dict[str, Any]] = defaultdict(dict)
    for read in (_of_impacts, _of_unreachable, _of_choices, _of_promises, _of_check_ins, _of_ratings):
        for pk, figures in read(pks):
            by_incident[pk] |= figures
    return {pk: Recovery(**by_incident[pk]) for pk in pks}


Figures = Iterator[tuple[int, dict[str, Any]]]


def _of_impacts(pks: list[int]) -> Figures:
    state = Impact.State
    return _by_incident(
        Impact.objects.current().filter(incident__in=pks),
        "incident",
        customers=Count("customer", distinct=True),
        impacts=Count("id"),
        units=Sum("units"),
        impacts_seen=Count("id", filter=Q(seen_at__isnull=False)),
        confirmed=Count("id", filter=Q(state=state.CONFIRMED)),
        reopened=Count("id", filter=Q(state=state.REOPENED)),
    )


def _of_unreachable(pks: list[int]) -> Figures:
    """Apart, because a join inside the count above would touch every customer of a million."""
    silent = Impact.objects.current().filter(incident__in=pks, customer__email="")
    return _by_incident(silent, "incident", unreachable=Count("customer", distinct=True))


def _of_choices(pks: list[int]) -> Figures:
    live = [Choice.State.LIVE, Choice.State.FULFILLED]
    choices = _of_current_impacts(Choice.objects.filter(state__in=live, is_extra=False), pks)
    return _by_incident(choices, "impact__incident", impacts_chosen=Count("id"))


def _of_promises(pks: list[int]) -> Figures:
    state = Promise.State
    return _by_incident(
        _of_current_impacts(Promise.objects.exclude(state=state.WITHDRAWN), pks),
        "impact__incident",
        promises_beaten=Count("id", filter=Q(state=state.BEATEN)),
        promises_kept=Count("id", filter=Q(state=state.KEPT)),
        promises_broken=Count("id", filter=Q(state=state.BROKEN)),
        promises_due=Count("id", filter=Q(state=state.OPEN)),
    )


def _of_check_ins(pks: list[int]) -> Figures:
    said_no = Q(answer__in=[CheckIn.Answer.NO, CheckIn.Answer.PARTLY])
    silent = Q(answer="", impact__state=Impact.State.RESTORED)
    return _by_incident(
        _of_current_impacts(CheckIn.objects.all(), pks),
        "impact__incident",
        impacts_asked=Count("impact", distinct=True),
        not_fixed=Count("impact", distinct=True, filter=said_no),
        unanswered=Count("impact", distinct=True, filter=silent),
    )


def _of_ratings(pks: list[int]) -> Figures:
    return _by_incident(
        _of_current_impacts(Rating.objects.all(), pks),
        "impact__incident",
        ratings=Count("id"),
        satisfaction=Avg("satisfaction"),
        effort=Avg("effort"),
    )


def _of_current_impacts(rows: QuerySet[Any], pks: list[int]) -> QuerySet[Any]:
    return rows.filter(impact__incident__in=pks).exclude(impact__state=Impact.State.WITHDRAWN)


def _by_incident(rows: QuerySet[Any], incident: str, **figures: Aggregate) -> Figures:
    """The figures of each incident; the model's own order would split the groups, its field names the annotations."""
    annotations = {f"figure_{name}": figure for name, figure in figures.items()}
    for row in rows.order_by().values(incident).annotate(**annotations):
        yield row[incident], {name: row[f"figure_{name}"] for name in figures}
