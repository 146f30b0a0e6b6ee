"""An installation beside the test: its own folder, database and queue, for tests that start real processes.

SQLite in memory cannot be shared by processes, so the embedded shape gets a file; PostgreSQL gets a database.
"""

import os
import shutil
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from config.environment import BASE_DIR
from config.settings import ENVIRONMENT


@dataclass(frozen=True)
class Installation:
    """Where one Makegood lives and the environment that its processes need."""

    data_dir: Path
    env: dict[str, str] = field(repr=False)

    @property
    def clusters(self) -> list[str]:
        """The queue clusters that this installation runs."""
        prefix = self.env["REDIS_PREFIX"]
        return [prefix, f"{prefix}-bulk"] if ENVIRONMENT.redis_url else [prefix]

    def command(self, *args: str) -> list[str]:
        return [sys.executable, str(BASE_DIR / "manage.py"), *args]

    def run(self, *args: str, timeout: float = 120, **env: str) -> subprocess.CompletedProcess[str]:
        """Run `manage.py` to its end; the caller judges the exit code."""
        return subprocess.run(
            self.command(*args),
            env=self.env | env,
            cwd=BASE_DIR,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def start(self, *args: str, log: Path | None = None, **env: str) -> subprocess.Popen[str]:
        """Start `manage.py` in a session of its own; what it prints goes to a file, which cannot fill up."""
        out = (log or self.data_dir / f"{args[0]}.out").open("w")
        with closing(out):
            return subprocess.Popen(
                self.command(*args),
                env=self.env | env,
                cwd=BASE_DIR,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )

    def python(self, code: str, *, timeout: float = 120) -> str:
        """Run a few lines of Python inside this installation and return what they print."""
        done = self.run("shell", "--no-imports", "-c", code, timeout=timeout)
        assert done.returncode == 0, done.stderr
        return done.stdout


def free_port() -> int:
    with closing(socket.socket()) as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def process_env(data_dir: Path, database_url: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return kept | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATA_DIR": str(data_dir),
        "DATABASE_URL": database_url,
        "REDIS_URL": ENVIRONMENT.redis_url,
        # One Redis serves all that run side by side; none may take another's tasks.
        "REDIS_PREFIX": f"test-{uuid.uuid4().hex[:12]}",
        "SECRET_KEY": "only-for-tests-" * 3,
        "PYTHONUNBUFFERED": "1",
    }


@contextmanager
def migrated_template(folder: Path) -> Iterator[Installation]:
    """Migrate once per session; each installation starts from a copy of the file or of the database."""
    if not ENVIRONMENT.is_postgres:
        yield _migrated(Installation(folder, process_env(folder, "")))
        return
    with _database("template0") as url:
        yield _migrated(Installation(folder, process_env(folder, url)))


@contextmanager
def copied_installation(template: Installation, folder: Path) -> Iterator[Installation]:
    data_dir = folder / "data"
    shutil.copytree(template.data_dir, data_dir)
    if not ENVIRONMENT.is_postgres:
        yield Installation(data_dir, process_env(data_dir, ""))
        return
    with _database(urlsplit(template.env["DATABASE_URL"]).path[1:]) as url:
        yield Installation(data_dir, process_env(data_dir, url))


def _migrated(made: Installation) -> Installation:
    for command in ("migrate", "createcachetable"):
        done = made.run(command, "--verbosity=0")
        assert done.returncode == 0, done.stdout + done.stderr
    return made


@contextmanager
def _database(template: str) -> Iterator[str]:
    name = f"test_mg_{uuid.uuid4().hex[:12]}"
    server = urlsplit(ENVIRONMENT.database_url)
    with psycopg.connect(server._replace(path="/postgres").geturl(), autocommit=True) as connection:
        made = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        connection.execute(made)
        try:
            yield server._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
