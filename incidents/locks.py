"""Rows that actions decide about, locked and read afresh."""

from incidents.models import Incident


def lock_incident(incident: Incident) -> None:
    """Lock the incident's row until the transaction ends, and read it again into this very instance.

    What the caller changed on the instance without an action is forgotten. The lock lets rows that point at it be
    written meanwhile (a choice, an event), so that a long matching holds up no customer. SQLite has one writer.
    """
    incident.refresh_from_db(
        from_queryset=Incident.objects.select_for_update(of=("self",), no_key=True).select_related("page")
    )
