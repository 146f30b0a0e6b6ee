"""The web server on a free port with an application for tests behind it, and raw sockets to talk to it."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn

from config.server.fast_path import FastPath
from config.server.gateway import Gateway, Receive, Scope, Send
from config.server.lifespan import live
from config.server.options import OPTIONS

GET = b"GET / HTTP/1.1\r\nHost: testserver\r\n\r\n"
OTHER = b"GET /other HTTP/1.1\r\nHost: testserver\r\n\r\n"
LARGE = b"GET /large HTTP/1.1\r\nHost: testserver\r\n\r\n"
STATUS = b"HTTP/1.1 200 OK"


def echo(environ, start_response):
    """Says what it was asked, and what was sent along."""
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']} with ".encode() + body]


@dataclass
class Running:
    """One server, in a thread of the test's process."""

    port: int
    server: uvicorn.Server
    loop: asyncio.AbstractEventLoop | None = None

    @contextmanager
    def connect(self) -> Iterator["Line"]:
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as sock:
            yield Line(sock)

    def ask(self, request: bytes) -> bytes:
        """All that comes back on a connection of its own until it is silent or ends."""
        with self.connect() as line:
            line.send(request)
            return line.hear()

    def look_after(self, now: float) -> None:
        """As the watch does every few seconds, at this moment."""
        finished = threading.Event()

        def look() -> None:
            for connection in list(self.server.server_state.connections):
                connection.look_after(now)
            finished.set()

        self.loop.call_soon_threadsafe(look)
        assert finished.wait(5)


class Line:
    """A connection as a stranger may use it."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock

    def send(self, request: bytes) -> None:
        self.sock.sendall(request)

    def hear(self, *, until: bytes = b"", silent_for: float = 0.4) -> bytes:
        """What comes in until this was said, or nothing comes any more."""
        answer = b""
        self.sock.settimeout(10 if until else silent_for)
        while not until or until not in answer:
            try:
                part = self.sock.recv(65536)
            except (TimeoutError, ConnectionResetError):
                break
            if not part:
                break
            answer += part
        return answer

    def is_ended(self, within: float = 3.0) -> bool:
        self.sock.settimeout(within)
        try:
            while self.sock.recv(65536):
                pass
        except TimeoutError:
            return False
        except ConnectionResetError:
            return True
        return True


@contextmanager
def running(
    application: Callable[..., Any], fast_path: FastPath, *, threads: int = 2, most: int = 100
) -> Iterator[Running]:
    gateway = Gateway(application, threads, probes={"/healthz"})
    loops: list[Any] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            loops.append(asyncio.get_running_loop())
            await live(fast_path, scope, receive, send)
        else:
            await gateway(scope, receive, send)

    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        options = OPTIONS | {"timeout_graceful_shutdown": 2}
        config = uvicorn.Config(app, log_level="critical", limit_concurrency=most, **options)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, daemon=True)
        thread.start()
        _wait_until(lambda: server.started or not thread.is_alive())
        try:
            yield Running(sock.getsockname()[1], server, loop=loops[0])
        finally:
            server.should_exit = True
            thread.join(10)
            assert not thread.is_alive()


def _wait_until(is_so: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)
