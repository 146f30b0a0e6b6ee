"""A PostgreSQL server of one's own, on a port and in a folder that go away: one that may be stopped."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from benchmarks.servers import free_port

FOLDERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name))
BIN = Path(FOLDERS[-1]) if FOLDERS else None


@dataclass
class Postgres:
    folder: Path
    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def stop(self) -> None:
        """At once, as if somebody had pulled the plug: every connection is gone."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(30)


@contextmanager
def own_postgres() -> Iterator[Postgres]:
    """Running until it is stopped or the block ends. Call it only where BIN was found."""
    with TemporaryDirectory(prefix="makegood-pg-") as name:
        folder, port = Path(name), free_port()
        owner = _as_postgres(folder)
        command = [*owner, f"{BIN}/initdb", "-D", f"{folder}/data", "-U", "postgres", "-A", "trust", "-E", "UTF8"]
        subprocess.run([*command, "--locale=C.UTF-8"], check=True, capture_output=True)
        flags = ["-D", f"{folder}/data", "-p", str(port), "-k", str(folder), "-c", "listen_addresses=127.0.0.1"]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen([*owner, f"{BIN}/postgres", *flags], stdout=log, stderr=log)
        server = Postgres(folder, port, process)
        try:
            _wait_for(server)
            yield server
        finally:
            if process.poll() is None:
                server.stop()


def _as_postgres(folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return []
    shutil.chown(folder, "postgres")
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]


def _wait_for(server: Postgres) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(server.url, connect_timeout=3).close()
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline or server.process.poll() is not None:
                raise SystemExit(f"PostgreSQL did not start: {(server.folder / 'log').read_text()}") from error
            time.sleep(0.1)
        else:
            return
