from pathlib import Path

import pytest
from django.db import connection
from django_q.models import OrmQ, Schedule
from pytest_django import Settings

from config import heartbeat
from config.processes.preparation import AlreadyRunning, ensure_schedules, only_one, pending_migrations, prepare_static


def _schedules() -> list[tuple[str | None, str, str | None, int | None]]:
    return sorted(Schedule.objects.values_list("name", "func", "cluster", "minutes"))


@pytest.mark.django_db
def test_the_clock_runs_each_minute_in_the_urgent_lane(settings: Settings) -> None:
    ensure_schedules()

    beats = [(f"beat {name}", "config.heartbeat.beat", name, 1) for name in heartbeat.clusters()]
    assert _schedules() == [
        *beats,
        ("sweep", "notifications.tasks.sweep", settings.LANES["urgent"], 1),
        ("tick", "notifications.tasks.tick", settings.LANES["urgent"], 1),
    ]


@pytest.mark.django_db
def test_a_second_start_leaves_the_schedules_as_they_are() -> None:
    ensure_schedules()
    before = list(Schedule.objects.order_by("pk").values_list("pk", "name", "next_run"))

    ensure_schedules()

    assert list(Schedule.objects.order_by("pk").values_list("pk", "name", "next_run")) == before


@pytest.mark.django_db
def test_moving_to_another_shape_moves_the_schedules(settings: Settings) -> None:
    settings.LANES = {"urgent": "one", "bulk": "one"}
    ensure_schedules()

    settings.LANES = {"urgent": "one", "bulk": "two"}
    ensure_schedules()

    assert [(name, cluster) for name, _, cluster, _ in _schedules()] == [
        ("beat one", "one"),
        ("beat two", "two"),
        ("sweep", "one"),
        ("tick", "one"),
    ]


@pytest.mark.django_db
def test_nothing_is_pending_after_migrating() -> None:
    assert pending_migrations() == []


@pytest.mark.django_db
def test_the_queue_has_its_index() -> None:
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, OrmQ._meta.db_table)

    assert constraints["config_ormq_key_lock"]["columns"] == ["key", "lock"]


def test_only_one_holds_the_folder(tmp_path: Path) -> None:
    with only_one(tmp_path), pytest.raises(AlreadyRunning, match=r"^\d+$"), only_one(tmp_path):
        pass


def test_an_end_in_order_is_told_from_a_cut(tmp_path: Path) -> None:
    with only_one(tmp_path) as first:
        pass
    with only_one(tmp_path) as after_order:
        pass
    (tmp_path / "up.lock").write_text("4711")
    with only_one(tmp_path) as after_cut:
        pass

    assert (first, after_order, after_cut) == (False, False, True)


def test_static_files_are_collected_only_when_they_changed(tmp_path: Path, settings: Settings) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "a.css").write_text("a{}")
    settings.STATICFILES_DIRS = [source]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.DATA_DIR = tmp_path
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "config.staticfiles.StaticFilesStorage"}}

    first, second = prepare_static(), prepare_static()
    (source / "a.css").write_text("a{color:red}")
    third, after = prepare_static(), prepare_static()

    assert (first, second, third, after) == (True, False, True, False)
    assert {path.suffix for path in settings.STATIC_ROOT.iterdir()} <= {".css", ".gz", ".json"}
