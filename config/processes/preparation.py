"""What has to be true before the first request: one start at a time, tables, static files, schedules."""

import fcntl
import hashlib
import os
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TextIO

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django_q.models import Schedule

from config import heartbeat
from incidents.actions.access.roles import ensure_roles

# Any fixed number; every Makegood on one PostgreSQL database uses the same.
MIGRATION_LOCK = 6_254_123


class AlreadyRunning(RuntimeError):
    """Another `up` holds this folder; the message says which process."""


class PortTaken(RuntimeError):
    """Somebody else listens on the port."""


@contextmanager
def only_one(data_dir: Path) -> Iterator[bool]:
    """Hold the folder for one supervisor; yields whether the last one ended without saying so.

    Raises AlreadyRunning. The lock is the kernel's, so a killed supervisor never leaves it behind.
    """
    with (data_dir / "up.lock").open("a+", encoding="ascii") as lock:
        lock.seek(0)
        last = lock.read().strip()
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(last) from error
        _write(lock, str(os.getpid()))
        yield bool(last)
        _write(lock, "")


def _write(lock: TextIO, text: str) -> None:
    lock.seek(0)
    lock.truncate()
    lock.write(text)
    lock.flush()


def ensure_port_free(host: str, port: int) -> None:
    """Raise PortTaken if somebody listens; asked here because the web server would share the port with them."""
    family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with closing(socket.socket(family, kind, proto)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen()
        except OSError as error:
            raise PortTaken(f"{host}:{port}: {error.strerror}") from error


@contextmanager
def _migration_lock() -> Iterator[None]:
    """Two hosts that start at once migrate one after the other; SQLite's file lock has the same effect by itself."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATION_LOCK])


def pending_migrations() -> list[str]:
    """Migrations that the code has and the database has not, in order."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def prepare_database() -> int:
    """Bring tables up to date; returns how many migrations that took."""
    with _migration_lock():
        pending = pending_migrations()
        if pending:
            call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
    ensure_schedules()
    ensure_roles()
    return len(pending)


def ensure_schedules() -> None:
    """The clock's rows, once each, whatever the shape was before."""
    minutely = {
        "sweep": ("notifications.tasks.sweep", "", settings.LANES["urgent"]),
        "tick": ("notifications.tasks.tick", "", settings.LANES["urgent"]),
        **{f"beat {name}": ("config.heartbeat.beat", repr((name,)), name) for name in heartbeat.clusters()},
    }
    for name, (func, args, cluster) in minutely.items():
        schedule = {"func": func, "args": args, "cluster": cluster, "schedule_type": Schedule.MINUTES, "minutes": 1}
        Schedule.objects.update_or_create(name=name, defaults=schedule | {"repeats": -1})
    Schedule.objects.filter(func="config.heartbeat.beat").exclude(name__in=minutely).delete()


def prepare_static() -> bool:
    """Collect static files unless nothing changed since the last time; returns whether it did."""
    mark = settings.DATA_DIR / "static.mark"
    current = _static_fingerprint()
    is_there = (Path(settings.STATIC_ROOT) / "staticfiles.json").exists()
    if is_there and mark.exists() and mark.read_text(encoding="ascii") == current:
        return False
    call_command("collectstatic", interactive=False, verbosity=0)
    mark.write_text(current, encoding="ascii")
    return True


def _static_fingerprint() -> str:
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list(["CVS", ".*", "*~"]):
            status = os.stat(storage.path(path))
            digest.update(f"{path}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
