"""Which holdings an incident touches: a queryset, never row by row (actions.publishing.matching writes)."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from incidents.models import Holding, Impact, Incident, Scope


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom an incident touches: distinct customers, holdings, their units, customers with an e-mail address, and the
    holdings for which matching would open an impact that does not stand yet."""

    customers: int
    holdings: int
    units: int
    reachable: int
    new: int


def holdings_in_scope(incident: Incident) -> QuerySet[Holding]:
    """The active holdings that an incident touches, unordered.

    An incident's rules are joined by *or*, the parts of a rule by *and*; without a rule it touches every holding of its
    components. A rule without a component means any affected one, unless it names references: those count wherever they
    are. What ended before the incident began (for a maintenance: before its window) is not touched.
    """
    return ruled_holdings(incident).filter(is_active=True)


def ruled_holdings(incident: Incident) -> QuerySet[Holding]:
    """What the rules touch, whether active or cancelled meanwhile. Reads the rules now, the holdings when asked."""
    affected = list(incident.affected_components.order_by().values_list("component_id", flat=True))
    scopes = list(incident.scopes.all()) or [Scope(incident=incident)]
    rules = Q()
    for scope in scopes:
        rules |= _rule(scope, affected)
    began_at = (incident.scheduled_for or incident.started_at) if incident.is_planned else incident.started_at
    not_over = Q(ends_at__isnull=True) | Q(ends_at__gte=began_at)
    return Holding.objects.filter(rules, not_over).order_by()


def dry_run(incident: Incident) -> Reach:
    """Whom matching would touch now. Writes, reserves and sends nothing; works on drafts, which match nothing yet."""
    impact = Impact.objects.current().filter(incident=incident, holding=OuterRef("pk"))
    counts: dict[str, Any] = holdings_in_scope(incident).aggregate(
        customers=Count("customer", distinct=True),
        holdings=Count("pk"),
        units=Coalesce(Sum("quantity"), 0),
        reachable=Count("customer", distinct=True, filter=~Q(customer__email="")),
        new=Count("pk", filter=~Exists(impact)),
    )
    return Reach(**counts)


def _rule(scope: Scope, affected: list[int]) -> Q:
    refs = refs_of(scope)
    terms: dict[str, Any] = {
        "component": scope.component_id,
        "component__in": affected if scope.component_id is None and not refs else None,
        "kind": scope.kind or None,
        "region": scope.region or None,
        "starts_at__gte": scope.starts_from,
        "starts_at__lt": scope.starts_before,
        "ref__in": refs or None,
    }
    return Q(**{part: value for part, value in terms.items() if value is not None})


def refs_of(scope: Scope) -> list[str]:
    """The references that a rule names, one per line, each once."""
    return list(dict.fromkeys(ref for line in scope.refs.splitlines() if (ref := line.strip())))
