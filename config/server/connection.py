"""One visitor's connection: the fast path for what is finished, uvicorn's protocol for everything else."""

import asyncio
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import httptools
from uvicorn._types import ASGI3Application, ASGIReceiveCallable, ASGISendCallable
from uvicorn._types import Scope as AnyScope
from uvicorn.config import Config
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

if TYPE_CHECKING:  # uvicorn loads this before the application, and so before Django is set up
    from config.server.fast_path import DocumentRequest, FastPath

LOOK_EVERY = 5.0  # seconds
HEAD_WITHIN = 15.0  # seconds from the first byte of a request to the end of its headers
MOVES_WITHIN = 30.0  # seconds without a byte in the middle of a request or of an answer
KEPT_FOR = 75  # seconds that a connection may be silent between two requests: browsers ask every 30
LONGEST_HEAD = 65_536  # bytes; also of what stands behind a body, or between its chunks
MOST_IN_LINE = 16  # requests that may wait behind the one that is being answered

BAD = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
TOO_LONG = b"HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Connection(HttpToolsProtocol):
    """uvicorn makes one for each. It answers a request that comes in whole between two others by itself if the wire
    knows what to; the parser never sees it."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._fast_path: FastPath = app_state["fast_path"]
        self._last = b""  # the last plain question
        self._question: DocumentRequest
        app_state["watch"].connections = self.connections
        self._most, self.limit_concurrency = self.limit_concurrency, None  # uvicorn would turn probes away too
        self._answering: RequestResponseCycle | None = None  # `cycle` is the last that was asked for
        self._is_midway = False  # the parser has seen a part of a request
        self._is_in_head = False
        self._is_refused = False
        self._head_began = 0.0
        self._pending = 0  # bytes since the last piece of a request
        self._is_heard = True
        self._silent_since = time.monotonic()
        self._left_lying = 0
        self._lying_since = self._silent_since

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's own
        super().connection_made(transport)
        if self._most is not None and len(self.connections) > self._most:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._unset_keepalive_if_required()
        if self._answering is not None:  # uvicorn tells only the last
            self._answering.disconnected = True
            self._answering.message_event.set()
        super().connection_lost(exc)

    def eof_received(self) -> bool:  # type: ignore[override] # uvicorn's own hangs up on those who wait
        """Whoever has said all there is to say may still listen."""
        if self._is_midway or self._answering is None or self._answering.response_complete:
            return False
        self.cycle.keep_alive = False
        return True

    def data_received(self, chunk: bytes) -> None:
        self._is_heard = True
        is_between = not self._is_midway and (self.cycle is None or self.cycle.response_complete)
        if is_between and not self.flow.write_paused and self._answer_at_once(chunk):
            return
        self._feed(chunk)

    def _answer_at_once(self, chunk: bytes) -> bool:
        if chunk != self._last:  # browsers send the same again and again
            document_request = self._fast_path.read(chunk)
            if document_request is None:
                return False
            self._last, self._question = chunk, document_request
        ready = self._fast_path.answer(self._question)
        if ready is None:
            return False
        if self.timeout_keep_alive_task is not None:
            self._unset_keepalive_if_required()
        self.transport.write(ready.payload)
        if ready.closes:
            self.transport.close()
        return True

    # -- what the parser sees -----------------------------------------------------------------------------------------

    def _feed(self, chunk: bytes) -> None:
        self._unset_keepalive_if_required()
        self._pending += len(chunk)
        while chunk and not self._is_refused:
            try:
                self.parser.feed_data(chunk)
                chunk = b""
            except httptools.HttpParserUpgrade as offered:
                chunk = self._without_offer() + chunk[offered.args[0] :]
            except httptools.HttpParserError:
                self._refuse(BAD)
        if self._is_midway and self._pending > LONGEST_HEAD:
            self._refuse(TOO_LONG)

    def _without_offer(self) -> bytes:
        """The head once more without its offer of another protocol, since none is spoken here: the parser takes what
        stands behind such an offer for that protocol, not for the body that it is."""
        lines = [b"%s %s HTTP/%s" % (self.parser.get_method(), self.url, self.parser.get_http_version().encode())]
        for name, value in self.headers:
            options = value.split(b",") if name == b"connection" else []
            hop_options = b",".join(option for option in options if option.strip().lower() != b"upgrade")
            if name != b"upgrade":
                lines.append(name + b": " + (hop_options if options else value))
        self.parser = httptools.HttpRequestParser(self)  # the other may wait for an end
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        return b"\r\n".join([*lines, b"", b""])

    def _refuse(self, answer: bytes) -> None:
        """Read nothing more. Those before it are answered first: this must not pass for the answer to one of them."""
        is_in_body = self._is_midway and not self._is_in_head
        self._is_refused, self._is_midway, self._is_in_head = True, False, False
        if is_in_body and self.pipeline:
            self.pipeline.popleft()
            last = self.pipeline[0][0] if self.pipeline else self._answering
        else:
            last = None if is_in_body else self.cycle
        if last is None or last.response_complete:
            self.transport.write(answer)
            self.transport.close()
        else:
            self.cycle = last
            self.cycle.keep_alive = False
            self.flow.resume_reading()  # to throw it away: what lies unread at the end costs them the answers

    def on_message_begin(self) -> None:
        self._is_midway = self._is_in_head = True
        self._head_began, self._pending = time.monotonic(), 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """What comes behind a body is left out: it would pass for a header, and no proxy in front has checked it."""
        if self._is_in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if len(self.pipeline) >= MOST_IN_LINE or self.parser.get_method() == b"CONNECT":
            raise ValueError
        if self.parser.should_upgrade():  # it comes once more
            return
        super().on_headers_complete()
        self._is_in_head, self._pending = False, 0

    def on_body(self, body: bytes) -> None:
        self._pending = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        if self._is_in_head:
            return
        self._is_midway = False
        super().on_message_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._answering = cycle
        # Who leaves answers lying is not worth a thread's work yet.
        super()._start_asgi_task(cycle, partial(_when_taken, self.flow, app) if self.flow.write_paused else app)

    # -- patience -----------------------------------------------------------------------------------------------------

    def look_after(self, now: float) -> None:
        """Every few seconds: end what keeps a connection and does nothing with it."""
        if self._is_heard:
            self._is_heard, self._silent_since = False, now
        silent = now - self._silent_since
        if self._leaves_lying(now):
            self.transport.abort()
        elif self.flow.read_paused:  # they wait for us
            self._head_began = self._silent_since = now
        elif self._is_in_head:
            if now - self._head_began > HEAD_WITHIN:
                self.transport.abort()
        elif self._is_midway:
            if silent > MOVES_WITHIN:
                self.transport.abort()
        elif (self.cycle is None or self.cycle.response_complete) and silent > KEPT_FOR:
            self.transport.close()

    def _leaves_lying(self, now: float) -> bool:
        """Whether nothing of an answer was taken for too long."""
        lying = self.transport.get_write_buffer_size()
        if lying == 0 or lying != self._left_lying:
            self._left_lying, self._lying_since = lying, now
        return lying > 0 and now - self._lying_since > MOVES_WITHIN


async def _when_taken(
    flow: FlowControl, app: ASGI3Application, scope: AnyScope, receive: ASGIReceiveCallable, send: ASGISendCallable
) -> None:
    await flow.drain()
    await app(scope, receive, send)
