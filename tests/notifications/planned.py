"""Planned work at the parcel carrier: a new belt for the vans, in two days."""

from datetime import datetime, timedelta
from typing import Any

from incidents.actions.publishing.incidents import declare_incident, publish_incident
from incidents.actions.publishing.maintenances import cancel_maintenance, reschedule_maintenance
from incidents.clock import tick
from incidents.models import Incident
from tests.notifications.scene import NOW, Scene, make_subscription, tell

START = NOW + timedelta(days=2)
END = START + timedelta(hours=3)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def plan(scene: Scene, **fields: Any) -> Incident:
    """A new belt for the vans, told to Ana and Ben, who have parcels with them, and to a reader."""
    make_subscription(scene.page, "reader@example.org")
    work = declare_incident(
        scene.page,
        **{
            "name": "New belt",
            "kind": "maintenance",
            "by": scene.dara,
            "components": {scene.vans: "under_maintenance"},
            "scheduled_for": START,
            "scheduled_until": END,
            "now": NOW,
            **fields,
        },
    )
    publish_incident(work, body="We replace the belt.", by=scene.dara, now=NOW)
    tell(NOW)
    return work


def move(scene: Scene, work: Incident, *, now: datetime = NOW + HOUR) -> None:
    later = START + timedelta(days=7)
    reschedule_maintenance(
        work, scheduled_for=later, scheduled_until=later + HOUR, body="The belt is late.", by=scene.dara, now=now
    )


def live_through_planned_work(scene: Scene) -> None:
    """Each message that only planned work sends, to a customer and to a reader."""
    work = plan(scene, reminders=[60])
    tick(START - HOUR)
    tell(START - HOUR)
    move(scene, work, now=START - 59 * MINUTE)
    tell(START - 59 * MINUTE)
    cancel_maintenance(work, body="The old belt holds.", by=scene.dara, now=START - 58 * MINUTE)
    tell(START - 58 * MINUTE)
