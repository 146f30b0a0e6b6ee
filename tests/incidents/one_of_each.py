"""One valid row of each of the domain's tables, and copies of it that differ in a few fields."""

from datetime import UTC, datetime
from typing import Any

from django.db import models, transaction

from incidents.models import (
    CheckIn,
    Choice,
    CustomerGroup,
    Estimate,
    MaintenanceSeries,
    Promise,
    Rating,
    ReadToken,
    Report,
    ReportCount,
    Scope,
    StatusChange,
    Task,
    Translation,
    Update,
)
from tests.make import (
    make_component,
    make_customer,
    make_group,
    make_holding,
    make_impact,
    make_incident,
    make_membership,
    make_offer,
    make_page,
    make_pool,
    make_remedy,
    make_user,
)

NOW = datetime(2026, 3, 2, 14, 2, tzinfo=UTC)


def make_one_of_each() -> None:
    page = make_page(slug="main", is_default=True)
    component = make_component(page, group=make_group(page))
    user, customer = make_user("Ana"), make_customer("Ana")
    make_membership(user, customer)
    incident = make_incident(page, components=(component,), started_at=NOW)
    impact = make_impact(incident, make_holding(customer, component))
    remedy = make_remedy(name="Credit")
    offer = make_offer(incident, remedy=remedy, pool=make_pool(page, capacity=2))
    choice = Choice.objects.create(
        impact=impact, offer=offer, offer_version=1, pool=offer.pool, via="account", key="k", chosen_by_name="Ana"
    )
    promise = Promise.objects.create(impact=impact, choice=choice, text="We credit you", due_at=NOW)
    Task.objects.create(kind="fulfil", impact=impact, choice=choice, promise=promise, title="Credit Ana")
    MaintenanceSeries.objects.create(
        page=page, name="Nightly", rule="FREQ=DAILY", first_start=NOW, time_zone="UTC", lasts_for=60, body="a"
    )
    Scope.objects.create(incident=incident)
    StatusChange.objects.create(component=component, status="major_outage", from_at=NOW)
    CustomerGroup.objects.create(name="Wholesale")
    ReadToken.objects.create(page=page, name="Calendar", token_hash="a")
    Update.objects.create(incident=incident, status="investigating", body="a", body_html="<p>a</p>")
    Estimate.objects.create(incident=incident, stage="initial", restored_by=NOW)
    Translation.objects.create(page=page, component=component, language="de", field="name", text="Züge")
    Report.objects.create(component=component, hour=NOW, visitor="x")
    ReportCount.objects.create(component=component, since=NOW, number=1)
    CheckIn.objects.create(impact=impact)
    Rating.objects.create(impact=impact, satisfaction=3, effort=4)


def copy(model: type[models.Model], **changes: Any) -> models.Model:
    """Write a second row like the first, but for these fields. In a savepoint, so that a refusal is only that."""
    row = model.objects.order_by("pk").first()
    row.pk = None
    row._state.adding = True
    for field, value in changes.items():
        setattr(row, field, value)
    with transaction.atomic():
        row.save(force_insert=True)
    return row
