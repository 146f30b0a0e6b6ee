"""The order in which rows are locked: incident, impact, pools by number. Whoever keeps it never meets a deadlock.

``no_key``: writing a row that points to a locked one (an event, a task) must not wait for that lock.
SQLite has one writer at a time, from the first statement of a transaction.
"""

from incidents.models import Impact, Incident


def lock_impact(pk: int) -> Impact:
    """The impact as it is now, with its incident, page, holding and customer, kept still until the commit."""
    return (
        Impact.objects.select_for_update(of=("self",), no_key=True)
        .select_related("incident__page", "holding", "customer")
        .get(pk=pk)
    )


def lock_incident(pk: int) -> Incident:
    """The incident as it is now, kept still until the commit."""
    return Incident.objects.select_for_update(of=("self",), no_key=True).select_related("page").get(pk=pk)
