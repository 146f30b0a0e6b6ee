"""What was said and what happened cannot be rewritten, whoever asks."""

import pytest
from django.db import DatabaseError, connection, models, transaction
from django.utils import timezone

from incidents.models import Estimate, Event, StatusChange, Update
from incidents.triggers import install_guards
from tests.make import make_component, make_incident, make_page


def write_rows() -> None:
    incident = make_incident(make_page())
    Update.objects.create(incident=incident, status="investigating", body="a", body_html="<p>a</p>")
    Estimate.objects.create(incident=incident, stage="initial", restored_by=timezone.now())
    Event.objects.create(kind="incident.declared", incident=incident)
    component = make_component(incident.page)
    StatusChange.objects.create(component=component, status="major_outage", from_at=timezone.now())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("model", "change"),
    [
        (Update, {"body": "b"}),
        (Update, {"display_at": timezone.now()}),
        (Estimate, {"restored_by": timezone.now()}),
        (Estimate, {"reason": "b"}),
        (Event, {"data": {"b": 1}}),
        (Event, {"is_public": True}),
        (StatusChange, {"status": "operational"}),
        (StatusChange, {"from_at": timezone.now()}),
    ],
)
def test_changing_is_refused_by_the_database(model: type[models.Model], change: dict[str, object]) -> None:
    write_rows()
    before = model.objects.values().get()

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        model.objects.update(**change)

    assert model.objects.values().get() == before


@pytest.mark.django_db
@pytest.mark.parametrize("model", [Update, Estimate, Event, StatusChange])
def test_deleting_is_refused_by_the_database(model: type[models.Model]) -> None:
    write_rows()

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        model.objects.all().delete()

    assert model.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("model", [Update, Estimate, Event, StatusChange])
def test_adding_is_not(model: type[models.Model]) -> None:
    write_rows()
    write_rows()

    assert model.objects.count() == 2


@pytest.mark.django_db
def test_installing_the_guards_again_is_safe() -> None:
    write_rows()

    install_guards(connection)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Update.objects.update(body="b")


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite knows INSERT OR REPLACE")
@pytest.mark.parametrize(
    "table", ["incidents_update", "incidents_estimate", "incidents_event", "incidents_statuschange"]
)
def test_replacing_is_refused_by_the_database(table: str) -> None:
    write_rows()

    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
