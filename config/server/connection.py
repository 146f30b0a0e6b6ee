"""One visitor's connection: the fast lane for what is finished, uvicorn's protocol for everything else."""

import asyncio
import time
from typing import TYPE_CHECKING, Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

if TYPE_CHECKING:  # uvicorn loads this before the application, and so before Django is set up
    from portal.wire import Question, Wire

LOOK_EVERY = 5.0  # seconds
HEAD_WITHIN = 15.0  # seconds from the first byte of a request to the end of its headers
MOVES_WITHIN = 30.0  # seconds without a byte in the middle of a request or of an answer
KEPT_FOR = 75  # seconds that a connection may be silent between two requests: browsers ask every 30
LONGEST_HEAD = 65_536  # bytes
MOST_IN_LINE = 16  # requests that may wait behind the one that is being answered

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
        self._wire: Wire = app_state["wire"]
        self._last = b""  # the last plain question
        self._question: Question
        app_state["watch"].connections = self.connections
        self._is_midway = False  # the parser has seen a part of a request
        self._is_in_head = False
        self._head_began = 0.0
        self._head_size = 0
        self._is_heard = True
        self._silent_since = time.monotonic()
        self._left_lying = 0
        self._lying_since = self._silent_since

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's own
        super().connection_made(transport)
        if self.limit_concurrency is not None and len(self.connections) > self.limit_concurrency:
            transport.abort()

    def data_received(self, data: bytes) -> None:
        self._is_heard = True
        is_between = not self._is_midway and (self.cycle is None or self.cycle.response_complete)
        if is_between and not self.flow.write_paused and self._answer_at_once(data):
            return
        super().data_received(data)
        if self._is_in_head:
            self._head_size += len(data)
            if self._head_size > LONGEST_HEAD:
                self.transport.write(TOO_LONG)
                self.transport.close()

    def _answer_at_once(self, data: bytes) -> bool:
        if data != self._last:  # browsers send the same again and again
            question = self._wire.read(data)
            if question is None:
                return False
            self._last, self._question = data, question
        ready = self._wire.answer(self._question)
        if ready is None:
            return False
        if self.timeout_keep_alive_task is not None:
            self._unset_keepalive_if_required()
        self.transport.write(ready.data)
        if ready.closes:
            self.transport.close()
        return True

    # -- what the parser sees -----------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        self._is_midway = self._is_in_head = True
        self._head_began, self._head_size = time.monotonic(), 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._is_in_head = False
        if len(self.pipeline) >= MOST_IN_LINE or self.transport.is_closing():
            self.transport.close()
            return
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._is_midway = False
        super().on_message_complete()

    # -- patience -----------------------------------------------------------------------------------------------------

    def look_after(self, now: float) -> None:
        """Every few seconds: end what keeps a connection and does nothing with it."""
        if self._is_heard:
            self._is_heard, self._silent_since = False, now
        silent = now - self._silent_since
        if self._leaves_lying(now):
            self.transport.abort()
        elif self._is_in_head:
            if now - self._head_began > HEAD_WITHIN:
                self.transport.abort()
        elif self._is_midway:
            if silent > MOVES_WITHIN and not self.flow.read_paused:
                self.transport.abort()
        elif (self.cycle is None or self.cycle.response_complete) and silent > KEPT_FOR:
            self.transport.close()

    def _leaves_lying(self, now: float) -> bool:
        """Whether nothing of an answer was taken for too long."""
        lying = self.transport.get_write_buffer_size()
        if lying == 0 or lying != self._left_lying:
            self._left_lying, self._lying_since = lying, now
        return lying > 0 and now - self._lying_since > MOVES_WITHIN
