"""The public face of two revisions, in turn: ``python -m benchmarks.revisions OLD [NEW]``; NEW is the working tree.

Each serves the same demo from a port of its own. One client asks one server, then the other, round by round, over one
connection; who goes first alternates and the first round does not count. Compared are medians of the processor time
that an answer costs its server, and of the time that it takes. Ends with 1 where the first is outside of 0.95 to 1.05.
"""

import argparse
import socket
import statistics
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.servers import Server, cpu_seconds, free_port, serving
from tests.unchanged.checkouts import WORKING_TREE, Checkout, check_out, copy_data

ALLOWED = (0.95, 1.05)
PATH = "/"
# The gateway writes no log, and nothing else runs beside it.
QUIET = {"ACCESS_LOG": "off", "MAKEGOOD_ROLE": "web"}
# Requests that are on their way at once: processor time is read in hundredths of a second, so there have to be many.
BATCH = 50


@dataclass
class Measured:
    """Of one revision and one kind of answer, a figure for each round."""

    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)


def kinds(server: Server) -> dict[str, Mapping[str, str]]:
    """Headers of a request for each kind of answer."""
    headers, _body = server.get(PATH)
    etag = {name.lower(): value for name, value in headers.items()}["etag"]
    return {"plain": {}, "gzip": {"Accept-Encoding": "gzip"}, "304": {"If-None-Match": etag}}


def ask(server: Server, headers: Mapping[str, str], count: int) -> tuple[float, float]:
    """Processor and wall seconds of so many requests over one connection."""
    host, port = server.url.removeprefix("http://").split(":")
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    request = f"GET {PATH} HTTP/1.1\r\nHost: {host}:{port}\r\n{head}\r\n".encode()
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        length = _answer_length(connection, request)
        cpu, start = cpu_seconds(server.process.pid), time.perf_counter()
        for _ in range(count // BATCH):
            connection.sendall(request * BATCH)
            _receive(connection, length * BATCH)
        return cpu_seconds(server.process.pid) - cpu, time.perf_counter() - start


def _answer_length(connection: socket.socket, request: bytes) -> int:
    """Of a whole answer; those that follow on the same connection are as long."""
    connection.sendall(request)
    received = connection.recv(65_536)
    while b"\r\n\r\n" not in received:
        received += connection.recv(65_536)
    head, _end, body = received.partition(b"\r\n\r\n")
    lengths = [int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    size = 0 if b" 304 " in head[:16] else lengths[0]
    _receive(connection, size - len(body))
    return len(head) + 4 + size


def _receive(connection: socket.socket, size: int) -> None:
    while size > 0:
        part = connection.recv(min(size, 1_048_576))
        if not part:
            raise SystemExit("The server closed the connection.")
        size -= len(part)


@contextmanager
def web(side: Checkout, data_dir: Path) -> Iterator[Server]:
    port = free_port()
    env = side.environment(data_dir) | QUIET
    command = [sys.executable, "-m", "config.server", "--port", str(port), "--log-level", "error"]
    with serving(command, port, code=side.code, **env) as server:
        yield server


def prepare(old: Checkout, new: Checkout) -> None:
    """One demo for both, migrated by the new code for itself."""
    old.run("demo", old.folder / "data")
    copy_data(old.folder / "data", new.folder / "data")
    for side in (old, new):
        side.run("migrate", side.folder / "data")
        side.run("static", side.folder / "data")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("old", metavar="OLD")
    parser.add_argument("new", metavar="NEW", nargs="?", default=WORKING_TREE)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--requests", type=int, default=4000, help="of a round, for each kind of answer")
    options = parser.parse_args()
    with TemporaryDirectory(prefix="makegood-revisions-") as work, ExitStack() as stack:
        sides = [check_out("old", options.old, Path(work)), check_out("new", options.new, Path(work))]
        prepare(*sides)
        servers = [stack.enter_context(web(side, side.folder / "data")) for side in sides]
        time.sleep(2)  # until both have their copies on disk
        print(f"OLD {sides[0].revision}, NEW {sides[1].revision}; target {ALLOWED[0]} to {ALLOWED[1]}")
        ratios = [compare(kind, servers, options) for kind in kinds(servers[0])]
    return 0 if all(ALLOWED[0] <= ratio <= ALLOWED[1] for ratio in ratios) else 1


def compare(kind: str, servers: list[Server], options: argparse.Namespace) -> float:
    """Print a line; returns how many times the old one's processor time the new one takes."""
    measured = [Measured(), Measured()]
    headers = [kinds(server)[kind] for server in servers]
    for number in range(options.rounds + 1):
        for side in (0, 1) if number % 2 else (1, 0):
            cpu, wall = ask(servers[side], headers[side], options.requests)
            if number:
                measured[side].cpu.append(cpu / options.requests)
                measured[side].wall.append(wall / options.requests)
    cpu, wall = ([statistics.median(getattr(figures, name)) for figures in measured] for name in ("cpu", "wall"))
    print(
        f"{kind:>6}: {cpu[0] * 1e6:6.1f} → {cpu[1] * 1e6:6.1f} µs of a core, ratio {cpu[1] / cpu[0]:.3f};"
        f" {wall[0] * 1e6:6.1f} → {wall[1] * 1e6:6.1f} µs, ratio {wall[1] / wall[0]:.3f}",
        flush=True,
    )
    return cpu[1] / cpu[0]


if __name__ == "__main__":
    sys.exit(main())
