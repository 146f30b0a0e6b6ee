"""Servers on a core of their own, and wrk on another: rates, and what each answer costs its server.

On a machine that others use too, answers per second say little; answers per second of the server's own processor time
are what a whole core would give.
"""

import os
import re
import resource
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from threading import Thread
from typing import IO
from urllib.request import Request, urlopen

from config.environment import BASE_DIR

CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, LOAD_CORE = CORES[0], CORES[-1]
TICKS = os.sysconf("SC_CLK_TCK")
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
WRK = shutil.which("wrk")


@dataclass(frozen=True, slots=True)
class Load:
    """What wrk saw in one run, and the processor time that the server took for it."""

    rate: float
    per_cpu_second: float
    p99_ms: float
    failed: int
    requests: int


def load_both(server: "Server", paths: Sequence[str], seconds: int, meanwhile: Callable[[], None]) -> tuple[int, int]:
    """Requests and failures of a load on each of these addresses at once, while something else happens."""
    loads: list[Load] = []
    visitors = [
        Thread(target=lambda path=path: loads.append(server.load(path, connections=64, seconds=seconds)))
        for path in paths
    ]
    for visitor in visitors:
        visitor.start()
    meanwhile()
    for visitor in visitors:
        visitor.join()
    return sum(load.requests for load in loads), sum(load.failed for load in loads)


@dataclass(frozen=True, slots=True)
class Server:
    url: str
    process: subprocess.Popen[bytes]

    def get(self, path: str, **headers: str) -> tuple[Mapping[str, str], bytes]:
        request = Request(self.url + path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        with urlopen(request, timeout=30) as answer:
            return dict(answer.headers), answer.read()

    def load(
        self,
        path: str,
        *,
        connections: int,
        seconds: int,
        headers: Mapping[str, str] | None = None,
        by_many: bool = False,
    ) -> Load:
        """Ask for one address on so many connections at once; `by_many`: no two requests are alike."""
        flags = [part for name, value in (headers or {}).items() for part in ("-H", f"{name}: {value}")]
        if by_many:
            flags += ["-s", str(Path(__file__).with_name("visitors.lua"))]
        command = [str(WRK), "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "--latency", *flags]
        before = cpu_seconds(self.process.pid)
        run = subprocess.run(
            [*command, self.url + path],
            preexec_fn=_onto(LOAD_CORE),
            capture_output=True,
            text=True,
            check=True,
        )
        return _read(run.stdout, cpu_seconds(self.process.pid) - before)


def free_port() -> int:
    with closing(socket.socket()) as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextmanager
def serving(
    command: Sequence[str], port: int, path: str = "/", *, code: Path = BASE_DIR, **env: str
) -> Iterator[Server]:
    """Run a server on its core until the end of the block; it is ready when it answers `path`."""
    with TemporaryFile() as log:
        process = subprocess.Popen(
            command,
            env={**os.environ, **env},
            cwd=code,
            preexec_fn=_onto(SERVER_CORE),  # noqa: PLW1509 - one system call
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        server = Server(f"http://127.0.0.1:{port}", process)
        try:
            _wait_for(server, path, log)
            yield server
        finally:
            process.terminate()
            process.wait(20)


@contextmanager
def nginx(folder: Path, files: Mapping[str, tuple[bytes, Mapping[str, str]]], *, log: str = "off") -> Iterator[Server]:
    """nginx with these files, each in a place of its own with its headers, tuned for files that do not change."""
    port = free_port()
    places = []
    for name, (body, headers) in files.items():
        (folder / "files" / name).mkdir(parents=True, exist_ok=True)
        (folder / "files" / name / "index.html").write_bytes(body)
        file_headers = {header: value for header, value in headers.items() if header.lower() not in _ITS_OWN}
        places.append(f"location /{name}/ {{ {''.join(map(_add_header, file_headers.items()))}}}")
    temp_paths = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in _TEMPORARY)
    (folder / "nginx.conf").write_text(
        f"daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log; {_as_root()}"
        f"events {{ worker_connections 4096; }} http {{ access_log {log}; sendfile on; tcp_nopush on; {temp_paths}"
        f" keepalive_requests 1000000000; open_file_cache max=100; types {{ text/html html; }}"
        f" server {{ listen 127.0.0.1:{port}; root {folder}/files; {' '.join(places)} }} }}"
    )
    first = next(iter(files))
    command = [str(NGINX), "-e", f"{folder}/nginx.log", "-c", str(folder / "nginx.conf")]
    with serving(command, port, f"/{first}/") as server:
        yield server


_ITS_OWN = frozenset({"content-type", "content-length", "etag", "last-modified", "connection", "date", "server"})
_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def _add_header(pair: tuple[str, str]) -> str:
    return f'add_header {pair[0]} "{pair[1]}"; '


def _as_root() -> str:
    return "user root; " if os.geteuid() == 0 else ""


def _onto(core: int):
    return lambda: os.sched_setaffinity(0, {core})


def _wait_for(server: Server, path: str, log: IO[bytes]) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            server.get(path)
        except OSError as error:
            if time.monotonic() > deadline or server.process.poll() is not None:
                log.seek(0)
                raise SystemExit(f"{server.process.args} did not start:\n{log.read().decode()}") from error
            time.sleep(0.1)
        else:
            return


def cpu_seconds(pid: int) -> float:
    """Processor time of a process and all that it started."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        children = [
            int(child)
            for task in Path(f"/proc/{pid}/task").iterdir()
            for child in (task / "children").read_text().split()
        ]
    except OSError:  # it ended meanwhile
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS + sum(map(cpu_seconds, children))


def cpu_of_children() -> float:
    """Processor time of all processes that this one started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


def _read(text: str, cpu: float) -> Load:
    requests = int(_match_in(r"(\d+) requests in", text))
    amount, unit = re.search(r"99%\s+([\d.]+)(us|ms|s|m)", text).groups()
    errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    failed = sum(map(int, errors.groups())) if errors else 0
    bad_responses = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    return Load(
        rate=float(_match_in(r"Requests/sec:\s+([\d.]+)", text)),
        per_cpu_second=requests / max(cpu, 1 / TICKS),
        p99_ms=float(amount) * _UNITS[unit],
        failed=failed + (int(bad_responses[1]) if bad_responses else 0),
        requests=requests,
    )


def _match_in(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    if match is None:
        raise SystemExit(f"wrk said something else:\n{text}")
    return match[1]
