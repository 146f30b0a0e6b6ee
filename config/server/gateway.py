"""From the web server's event loop to Django in threads, and back.

A request gets a thread when it has come in whole, and its answer goes out when that is whole: however slowly a stranger
sends or reads, only a connection is taken up. (The adapters on PyPI either read the body in the thread or never close
the response, on which Django relies.)
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Collection, Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from http import HTTPStatus
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from urllib.parse import unquote_to_bytes

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
HeaderLines = list[tuple[str, str]]

MOST_BODY = 100_000_000  # bytes; Django has stricter limits of its own for forms
IN_MEMORY = 256_000  # bytes of a body; more goes to a file
MOST_WAITING = 500  # requests that have come in and are not answered; more would wait for longer than people do


class Gateway:
    """An ASGI application for a WSGI one. `threads`: how many requests are worked on at once; the others wait.
    `probes`: paths that are never turned away, since they are to find out how busy this is."""

    def __init__(self, application: Application, threads: int, probes: Collection[str] = ()) -> None:
        self._application = application
        self._probes = probes
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="request")
        self._waiting = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if _announced(scope) > MOST_BODY:
            await _refuse(send, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        with SpooledTemporaryFile(max_size=IN_MEMORY) as body:
            size = await _take(receive, body)
            if size is None:  # they left
                return
            if size > MOST_BODY:
                await _refuse(send, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            elif self._waiting >= MOST_WAITING and scope["path"] not in self._probes:
                await _refuse(send, HTTPStatus.SERVICE_UNAVAILABLE)
            else:
                body.seek(0)
                await self._pass_on(environ_of(scope, body, size), send)

    async def _pass_on(self, environ: Environ, send: Send) -> None:
        self._waiting += 1
        try:
            work = partial(copy_context().run, self._work, environ)
            answer = await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1
        await answer.go_out(send)

    def _work(self, environ: Environ) -> "Answer":
        answer = Answer()
        parts = self._application(environ, answer.start)
        try:
            for part in parts:
                answer.write(part)
        finally:
            close = getattr(parts, "close", None)
            if close is not None:
                close()
        return answer


class Answer:
    """What a WSGI application answers, collected in its thread."""

    def __init__(self) -> None:
        self._head: Message | None = None
        self._parts: list[bytes] = []

    def start(self, status: str, headers: HeaderLines, exc_info: Any = None) -> Callable[[bytes], None]:
        lines = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        self._head = {"type": "http.response.start", "status": int(status.split(" ", 1)[0]), "headers": lines}
        return self.write

    def write(self, part: bytes) -> None:
        self._parts.append(part)

    async def go_out(self, send: Send) -> None:
        if self._head is None:
            raise RuntimeError("The application answered without a status.")
        body = b"".join(self._parts)
        self._tell_length(self._head, len(body))
        await send(self._head)
        await send({"type": "http.response.body", "body": body})

    def _tell_length(self, profile: Message, length: int) -> None:
        has_body = profile["status"] not in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}
        if has_body and all(name != b"content-length" for name, _value in profile["headers"]):
            profile["headers"].append((b"content-length", str(length).encode()))


async def _take(receive: Receive, body: IO[bytes]) -> int | None:
    """Read a request's body to its end, or to where it is too long. Its size; None when the other side left."""
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        part = message.get("body", b"")
        size += len(part)
        if size > MOST_BODY:
            return size
        body.write(part)
        if not message.get("more_body"):
            return size


def _announced(scope: Scope) -> int:
    length = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    return int(length) if length.isdigit() else 0


async def _refuse(send: Send, status: HTTPStatus) -> None:
    text = f"{status.description or status.phrase}.\n".encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(text)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"connection", b"close"),
    ]
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.append((b"retry-after", b"10"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text})


def environ_of(scope: Scope, body: IO[bytes], size: int) -> Environ:
    """A request as PEP 3333 describes it. A header with an underscore is left out: it would pass for the one with a
    hyphen, which a proxy in front has checked."""
    server, port = scope.get("server") or ("localhost", 80)
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": f"[{server}]" if ":" in server else server,  # Django takes it for a host's name
        "SERVER_PORT": str(port),
        "REMOTE_ADDR": (scope.get("client") or ("", 0))[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope["headers"]:
        if b"_" not in name:
            _add(environ, name.decode("latin-1").upper().replace("-", "_"), value.decode("latin-1"))
    if size:  # sent in chunks, it came without
        environ["CONTENT_LENGTH"] = str(size)
    if not environ.get("HTTP_HOST"):  # then it means whoever it has reached
        environ.pop("HTTP_HOST", None)
    return environ


def _add(environ: Environ, name: str, value: str) -> None:
    key = name if name in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{name}"
    if key not in environ:
        environ[key] = value
    else:
        environ[key] += ("; " if name == "COOKIE" else ",") + value
