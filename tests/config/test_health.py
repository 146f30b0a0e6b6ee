import time

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from config import heartbeat
from portal.documents.document import security_headers


def test_alive_answers_without_a_database_and_for_any_host(client: Client) -> None:
    response = client.get("/healthz", headers={"host": "10.1.2.3"})

    assert (response.status_code, response.json()) == (200, {"status": "alive"})
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.django_db
@pytest.mark.parametrize("probe", ["/healthz", "/readyz", "/metrics"])
def test_probes_carry_the_security_headers_that_every_answer_has(client: Client, probe: str) -> None:
    response = client.get(probe, headers={"host": "10.1.2.3"})

    assert {name: response.headers.get(name) for name, _value in security_headers()} == dict(security_headers())


@pytest.mark.django_db
def test_ready_when_tables_are_current_and_the_queue_has_just_worked(client: Client) -> None:
    for cluster in heartbeat.clusters():
        heartbeat.beat(cluster)

    response = client.get("/readyz")

    assert (response.status_code, response.json()) == (200, {"status": "ready"})


@pytest.mark.django_db
def test_not_ready_before_the_queue_has_done_anything(client: Client) -> None:
    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json() == {
        "status": "not ready",
        "reasons": [f"The queue {name} has done no work yet." for name in heartbeat.clusters()],
    }


@pytest.mark.django_db
def test_not_ready_when_the_queue_fell_silent(client: Client) -> None:
    with time_machine.travel("2026-11-22T12:00:00Z", tick=False):
        for cluster in heartbeat.clusters():
            cache.set(f"heartbeat:{cluster}", time.time() - 1000)

        response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["reasons"][0] == f"The queue {heartbeat.clusters()[0]} has done no work for 1000 s."


@pytest.mark.django_db
def test_not_ready_before_the_last_migration(client: Client) -> None:
    MigrationRecorder.Migration.objects.filter(app="config").delete()

    response = client.get("/readyz")

    assert (response.status_code, response.json()["reasons"]) == (503, ["1 migrations have not been applied."])


def test_not_ready_without_a_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: MigrationRecorder) -> None:
        raise DatabaseError("password of the database: hunter2")

    monkeypatch.setattr(MigrationRecorder, "migration_qs", property(refuse))

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["reasons"] == ["The database does not answer, or has no tables yet."]


@pytest.mark.django_db
def test_every_answer_carries_the_strict_policy(client: Client) -> None:
    headers = client.get("/account/login/").headers

    assert {part.strip() for part in headers["Content-Security-Policy"].split(";")} == {
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    }
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Permissions-Policy"].startswith("camera=()")


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["password/change/", "password/reset/", "password/set/", "signup/", "email/"])
def test_nobody_can_make_a_password_or_an_account(client: Client, page: str) -> None:
    assert client.get(f"/account/{page}").status_code == 404


def test_a_lock_outlasts_every_task_that_may_stand_before_it() -> None:
    q = settings.Q_CLUSTER

    rounds = -(-(q["queue_limit"] + q["bulk"]) // q["workers"]) + 1

    assert q["retry"] > q["timeout"] * rounds
    assert (q["queue_limit"], q["bulk"], q["ack_failures"], q["catch_up"]) == (q["workers"], 1, True, False)
