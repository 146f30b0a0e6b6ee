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
    customers = {ref: (pk, at) for pk, ref, at in _rows_of(groups)}
    pairs = {(customers[ref][0], group) for ref, group_ids in groups.items() for group in group_ids}
    through, link_ids = CustomerGroup.customers.through, dict[tuple[int, int], int]()
    rows = through._default_manager.filter(customer__in=[pk for pk, _at in customers.values()])
    for pk, customer, group in rows.values_list("pk", "customer_id", "customergroup_id"):
        link_ids[customer, group] = pk
    added, removed = pairs - link_ids.keys(), link_ids.keys() - pairs
    through._default_manager.filter(pk__in=[link_ids[pair] for pair in removed]).delete()
    through._default_manager.bulk_create(
        [through(customer_id=customer, customergroup_id=group) for customer, group in sorted(added)],
        ignore_conflicts=True,  # somebody else may have put them there meanwhile
    )
    _tell(added, removed, by, now)
    regrouped = {customer for customer, _group in added | removed}
    unwritten = [pk for pk, at in customers.values() if pk in regrouped and at != now]
    Customer.objects.filter(pk__in=unwritten).update(updated_at=now)
    return len(unwritten)


def _rows_of(groups: Mapping[str, Iterable[int]]) -> Iterable[tuple[int, str, datetime]]:
    return Customer.objects.filter(ref__in=list(groups)).values_list("pk", "ref", "updated_at")


def _tell(added: Pairs, removed: Pairs, by: Actor, now: datetime) -> None:
    """One event for each group that has others in it now."""
    counts: dict[int, dict[str, int]] = defaultdict(lambda: {"added": 0, "removed": 0})
    for pairs, key in ((added, "added"), (removed, "removed")):
        for _customer, group in pairs:
            counts[group][key] += 1
    for group, imported in sorted(counts.items()):
        record(Event.Kind.CUSTOMER_GROUP_CHANGED, by=by, at=now, group=group, imported=imported)
