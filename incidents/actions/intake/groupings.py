"""Which groups many customers are in, written at once: part of bringing in what customers have."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from incidents.actor import Actor
from incidents.events import record
from incidents.models import Customer, CustomerGroup, Event

Pairs = set[tuple[int, int]]


def regroup(groups: Mapping[str, Iterable[int]], *, by: Actor, now: datetime) -> int:
    """Put each of these customers (by reference) into exactly these groups (primary keys), inside an action's
    transaction. How many of them were moved whom this moment has not written otherwise; they count as changed.
    """
    if not groups:
        return 0
    known = {ref: (pk, at) for pk, ref, at in _rows_of(groups)}
    wanted = {(known[ref][0], group) for ref, some in groups.items() for group in some}
    stands, standing = CustomerGroup.customers.through, dict[tuple[int, int], int]()
    rows = stands._default_manager.filter(customer__in=[pk for pk, _at in known.values()])
    for pk, customer, group in rows.values_list("pk", "customer_id", "customergroup_id"):
        standing[customer, group] = pk
    added, gone = wanted - standing.keys(), standing.keys() - wanted
    stands._default_manager.filter(pk__in=[standing[pair] for pair in gone]).delete()
    stands._default_manager.bulk_create(
        [stands(customer_id=customer, customergroup_id=group) for customer, group in sorted(added)],
        ignore_conflicts=True,  # somebody else may have put them there meanwhile
    )
    _tell(added, gone, by, now)
    moved = {customer for customer, _group in added | gone}
    otherwise = [pk for pk, at in known.values() if pk in moved and at != now]
    Customer.objects.filter(pk__in=otherwise).update(updated_at=now)
    return len(otherwise)


def _rows_of(groups: Mapping[str, Iterable[int]]) -> Iterable[tuple[int, str, datetime]]:
    return Customer.objects.filter(ref__in=list(groups)).values_list("pk", "ref", "updated_at")


def _tell(added: Pairs, gone: Pairs, by: Actor, now: datetime) -> None:
    """One event for each group that has others in it now."""
    counts: dict[int, dict[str, int]] = defaultdict(lambda: {"added": 0, "removed": 0})
    for pairs, what in ((added, "added"), (gone, "removed")):
        for _customer, group in pairs:
            counts[group][what] += 1
    for group, imported in sorted(counts.items()):
        record(Event.Kind.CUSTOMER_GROUP_CHANGED, by=by, at=now, group=group, imported=imported)
