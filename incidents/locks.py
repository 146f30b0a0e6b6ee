"""Rows that actions decide about, locked and read afresh.

Locked in this order, so that nobody waits in a circle: incident, impact, pools by number, then what hangs on them.
``no_key`` lets rows that point at a locked one (a choice, an event) be written meanwhile. SQLite has one writer.
"""

from incidents.models import Impact, Incident

_CHANGING = ("units", "state", "seen_at", "restored_at", "confirmed_at", "reopened_at")


def lock_incident(incident: Incident) -> None:
    """Lock the incident's row until the transaction ends, and read it again into this very instance.

    What the caller changed on the instance without an action is forgotten. A long matching never holds up a customer.
    """
    incident.refresh_from_db(
        from_queryset=Incident.objects.select_for_update(of=("self",), no_key=True).select_related("page")
    )


def lock_impact(impact: Impact) -> None:
    """Lock the impact's row until the transaction ends, and read what can change of it into this very instance.

    Whom and what it is about never changes: those relations stay as the caller loaded them.
    """
    impact.refresh_from_db(fields=_CHANGING, from_queryset=Impact.objects.select_for_update(of=("self",), no_key=True))
