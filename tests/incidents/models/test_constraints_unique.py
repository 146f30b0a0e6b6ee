"""What there may be only one of: each is refused by the database itself."""

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models

from incidents.models import (
    AffectedComponent,
    CheckIn,
    Choice,
    Component,
    ComponentGroup,
    Customer,
    CustomerGroup,
    Holding,
    Impact,
    Incident,
    MaintenanceSeries,
    Membership,
    Offer,
    Page,
    Promise,
    Rating,
    ReadToken,
    Remedy,
    Report,
    ReportCount,
    StatusChange,
    Task,
    Translation,
    Update,
    User,
)
from incidents.models.translation import SUBJECTS
from tests.incidents.one_of_each import NOW, copy, make_one_of_each
from tests.make import make_component, make_customer, make_holding, make_page, make_user

# The constraint, the columns as SQLite names them, and what a second row has of its own.
REFUSED = [
    ("page_one_default", "incidents_page.is_default", Page, {"slug": "x", "public_id": "x"}),
    ("group_public_id_once", "incidents_componentgroup.public_id", ComponentGroup, {}),
    ("component_public_id_once", "incidents_component.public_id", Component, {}),
    ("user_email_once", "user_email_once", User, {"email": "ANA@example.org"}),
    ("membership_once", "incidents_membership.customer_id", Membership, {"role": "viewer"}),
    ("incident_public_id_once", "incidents_incident.public_id", Incident, {}),
    ("status_change_once_at_a_time", "incidents_statuschange.from_at", StatusChange, {"status": "operational"}),
    ("affected_component_once", "incidents_affectedcomponent.component_id", AffectedComponent, {}),
    ("impact_once_per_holding", "incidents_impact.holding_id", Impact, {"public_id": "x"}),
    ("check_in_once_per_round", "incidents_checkin.round", CheckIn, {}),
    ("choice_one_live_per_impact", "incidents_choice.impact_id", Choice, {"public_id": "x", "key": "x"}),
    (
        "choice_one_live_per_impact",
        "incidents_choice.impact_id",
        Choice,
        {"public_id": "x", "key": "x", "state": "fulfilled"},
    ),
    ("choice_key_once", "incidents_choice.key", Choice, {"public_id": "x", "state": "changed"}),
    ("task_one_per_choice", "incidents_task.choice_id", Task, {}),
    ("report_once_an_hour", "incidents_report.visitor", Report, {}),
    ("report_count_once", "incidents_reportcount.component_id", ReportCount, {"number": 2}),
    ("update_public_id_once", "incidents_update.public_id", Update, {}),
    ("translation_of_component_once", "incidents_translation.revision", Translation, {}),
]

# Refused in tests/incidents/actions/publishing/test_translate.py.
OF_TRANSLATIONS = {f"translation_of_{subject}_once" for subject in ("page", *SUBJECTS)}

APART = {"choice_one_live_per_extra", "page_domain_once", "maintenance_once_per_series_start", *OF_TRANSLATIONS}

COLUMNS = [
    (MaintenanceSeries, "public_id", {}),
    (Page, "public_id", {"slug": "x", "is_default": False}),
    (Page, "slug", {"public_id": "x", "is_default": False}),
    (Customer, "public_id", {"ref": "x"}),
    (Customer, "ref", {"public_id": "x"}),
    (CustomerGroup, "name", {}),
    (ReadToken, "token_hash", {}),
    (Holding, "public_id", {"ref": "x"}),
    (Holding, "ref", {"public_id": "x"}),
    (Remedy, "name", {}),
    (Offer, "public_id", {}),
    (Choice, "public_id", {"key": "x", "state": "changed"}),
    (Promise, "public_id", {}),
    (Rating, "impact_id", {}),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("constraint", "columns", "model", "fields"), REFUSED)
def test_the_database_refuses_a_second(
    constraint: str, columns: str, model: type[models.Model], fields: dict[str, object]
) -> None:
    make_one_of_each()

    with pytest.raises(IntegrityError, match=_as_told(constraint, columns)):
        copy(model, **fields)

    assert model.objects.count() == 1


@pytest.mark.django_db
def test_the_database_refuses_the_same_extra_twice() -> None:
    make_one_of_each()
    Choice.objects.update(is_extra=True)

    with pytest.raises(IntegrityError, match=_as_told("choice_one_live_per_extra", "incidents_choice.offer_id")):
        copy(Choice, public_id="x", key="x")


@pytest.mark.django_db
def test_the_database_refuses_the_same_domain_twice() -> None:
    make_page(domain="status.example.org")

    with pytest.raises(IntegrityError, match=_as_told("page_domain_once", "incidents_page.domain")):
        make_page(domain="status.example.org")


@pytest.mark.django_db
def test_the_database_refuses_the_same_window_of_a_series_twice() -> None:
    make_one_of_each()
    window = {"scheduled_for": NOW, "scheduled_until": NOW, "series": MaintenanceSeries.objects.get(), "occurs_at": NOW}
    Incident.objects.update(kind="maintenance", status="scheduled", impact="maintenance", **window)

    with pytest.raises(
        IntegrityError, match=_as_told("maintenance_once_per_series_start", "incidents_incident.occurs_at")
    ):
        copy(Incident, public_id="x")


@pytest.mark.django_db
@pytest.mark.parametrize(("model", "column", "fields"), COLUMNS)
def test_the_database_refuses_a_second_with_the_same(
    model: type[models.Model], column: str, fields: dict[str, object]
) -> None:
    make_one_of_each()

    with pytest.raises(IntegrityError, match=rf"{model._meta.db_table}[._]{column}"):
        copy(model, **fields)

    assert model.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (Page, {"slug": "x", "public_id": "x", "is_default": False}),
        (Choice, {"public_id": "x", "key": "x", "state": "changed"}),
        (Choice, {"public_id": "x", "key": "x", "state": "cancelled"}),
        (Choice, {"public_id": "x", "key": "x", "is_extra": True}),
        (CheckIn, {"round": 2}),
        (Task, {"kind": "follow_up"}),
        (Task, {"choice": None}),
        (Incident, {"public_id": "x", "resolved_at": NOW}),
    ],
)
def test_the_database_takes_a_second(model: type[models.Model], fields: dict[str, object]) -> None:
    make_one_of_each()

    copy(model, **fields)

    assert model.objects.count() == 2


@pytest.mark.django_db
def test_other_pages_people_and_things_may_have_the_same() -> None:
    make_one_of_each()
    page = make_page()
    component = make_component(page)

    copy(ComponentGroup, page=page)
    copy(Component, page=page, group=None)
    copy(Incident, page=page)
    copy(AffectedComponent, component=component)
    copy(Membership, user=make_user("Ben"))
    copy(Impact, public_id="x", holding=make_holding(make_customer()))


def test_no_unique_constraint_is_untested() -> None:
    unique = {
        constraint.name
        for model in apps.get_app_config("incidents").get_models()
        for constraint in model._meta.constraints
        if isinstance(constraint, models.UniqueConstraint)
    }

    assert {name for name, _, _, _ in REFUSED} | APART == unique


def _as_told(constraint: str, columns: str) -> str:
    """PostgreSQL names the constraint, SQLite its columns (or the index, for an expression)."""
    return constraint if connection.vendor == "postgresql" else columns
