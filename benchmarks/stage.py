"""A page for visitors: components in groups, a year of incidents, one of them open. Written row by row in bulk."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import product

from django.utils import timezone

from incidents import events
from incidents.actor import CLOCK
from incidents.models import AffectedComponent, Component, ComponentGroup, Estimate, Event, Incident, Page, Update

PER_GROUP = 12
WORDS = (
    "We see that some of you cannot sign in. We look into it, and write again within the hour.",
    "The cause is a power supply in one of our two data centres. Our engineers are on the way to replace it.",
    "The part is replaced, and everything works again. We watch it for some hours before we call it done.",
    "It has worked since. We are sorry for the morning that this cost you, and tell you by Friday what we change.",
)
STATUSES = ("investigating", "identified", "monitoring", "resolved")


def set_stage(*, components: int, incidents: int, slug: str = "storm", languages: Sequence[str] = ()) -> Page:
    """The site's default page with so many components and incidents of four updates each; the newest is open."""
    now = timezone.now().replace(microsecond=0)
    page = Page.objects.create(
        slug=slug,
        name="Northwind Energy",
        is_default=True,
        support_email="help@example.org",
        languages=list(languages),
    )
    parts = _make_components(page, components)
    incident_rows = _make_incidents(page, parts, incidents, now)
    _make_updates(incident_rows, now)
    last = incident_rows[0]
    Estimate.objects.create(incident=last, stage="initial", restored_by=now + timedelta(days=1), reason="Parts")
    Component.objects.filter(pk=parts[0].pk).update(status=Component.Status.MAJOR_OUTAGE)
    events.record(Event.Kind.PAGE_CHANGED, by=CLOCK, at=now, page=page)
    return page


def _make_components(page: Page, count: int) -> list[Component]:
    groups = ComponentGroup.objects.bulk_create(
        ComponentGroup(page=page, name=f"Region {number}", position=number) for number in range(-(-count // PER_GROUP))
    )
    return Component.objects.bulk_create(
        Component(page=page, group=groups[number // PER_GROUP], name=f"Service {number}", position=number)
        for number in range(count)
    )


def _make_incidents(page: Page, parts: list[Component], count: int, now: datetime) -> list[Incident]:
    """One every nine hours, the newest first and open."""
    drafts = []
    for number in range(count):
        starts_at = now - timedelta(hours=1 + 9 * number)
        is_over = number > 0
        drafts.append(
            Incident(
                page=page,
                name=f"Some of you cannot sign in ({number})",
                status=Incident.Status.RESOLVED if is_over else Incident.Status.IDENTIFIED,
                impact=Incident.Level.MAJOR,
                started_at=starts_at,
                published_at=starts_at,
                resolved_at=starts_at + timedelta(hours=2) if is_over else None,
                updated_at=starts_at,
            )
        )
    incident_rows = Incident.objects.bulk_create(drafts, batch_size=500)
    AffectedComponent.objects.bulk_create(
        [
            AffectedComponent(
                incident=incident, component=parts[number % len(parts)], status=Component.Status.MAJOR_OUTAGE
            )
            for number, incident in enumerate(incident_rows)
        ],
        batch_size=500,
    )
    return incident_rows


def _make_updates(incident_rows: list[Incident], now: datetime) -> None:
    updates = (
        Update(
            incident=incident,
            status=status,
            body=words,
            body_html=f"<p>{words}</p>",
            display_at=incident.started_at + timedelta(minutes=30 * step),
            created_at=incident.started_at + timedelta(minutes=30 * step),
        )
        for incident, (step, (status, words)) in product(incident_rows, enumerate(zip(STATUSES, WORDS, strict=True)))
        if incident.resolved_at or step < 2
    )
    Update.objects.bulk_create(updates, batch_size=500)
