"""Rows that actions decide about, locked and read afresh.

Locked in this order, so that nobody waits in a circle: incident, impact, pools by number, then what hangs on them.
``no_key`` lets rows that point at a locked one (a choice, an event) be written meanwhile. SQLite has one writer.
"""

from incidents.models import Impact, Incident


def lock_incident(incident: Incident) -> None:
    """Lock the incident's row until the transaction ends, and read it again into this very instance.

    What the caller changed on the instance without an action is forgotten. A long matching never holds up a customer.
    """
    incident.refresh_from_db(
        from_queryset=Incident.objects.select_for_update(of=("self",), no_key=True).select_related("page")
    )


def lock_impact(pk: int) -> Impact:
    """Lock the impact's row until the transaction ends; it comes with its incident, page, holding and customer."""
    return (
        Impact.objects.select_for_update(of=("self",), no_key=True)
        .select_related("incident__page", "holding", "customer")
        .get(pk=pk)
    )
