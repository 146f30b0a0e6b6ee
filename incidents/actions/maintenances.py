"""A planned disruption begins. It ends, like any other, by ``resolve_incident``."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from incidents.actions.updates import post_update
from incidents.actor import Actor
from incidents.errors import WrongState
from incidents.locks import lock_incident
from incidents.models import Incident, Update


@transaction.atomic
def start_maintenance(incident: Incident, *, body: str, by: Actor, now: datetime | None = None) -> Update:
    """The planned work begins: its components are under maintenance from now on.

    Raises WrongState unless it is published and still only scheduled, so a second call too.
    """
    now = now or timezone.now()
    lock_incident(incident)
    if incident.status != Incident.Status.SCHEDULED:
        raise WrongState(_("This maintenance has begun already."))
    return post_update(incident, body=body, by=by, status=Incident.Status.IN_PROGRESS, now=now)
