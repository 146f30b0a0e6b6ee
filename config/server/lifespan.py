"""What goes on beside the requests from the start of a web process to its end."""

import asyncio
import logging
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from config.server.connection import LOOK_EVERY, Connection
from config.server.gateway import Receive, Scope, Send

if TYPE_CHECKING:  # this is loaded before Django is set up
    from config.server.fast_path import FastPath


log = logging.getLogger(__name__)


class Watch:
    """Keeps the wire's second and looks after all connections."""

    def __init__(self, fast_path: "FastPath") -> None:
        self._fast_path = fast_path
        # uvicorn's own set of them.
        self.connections: Iterable[Connection] = ()

    async def keep(self) -> None:
        looked_at = time.monotonic()
        while True:
            await asyncio.sleep(1)
            self._fast_path.tick()
            now = time.monotonic()
            if now - looked_at >= LOOK_EVERY:
                looked_at = now
                self._look(now)

    def _look(self, now: float) -> None:
        """One that cannot be looked after must not end the others' care, nor stop the clock."""
        for connection in list(self.connections):
            try:
                connection.look_after(now)
            except Exception:
                log.exception("A connection cannot be looked after.")


async def live(fast_path: "FastPath", scope: Scope, receive: Receive, send: Send) -> None:
    """From the start of the process to its end (ASGI's lifespan); `state` is handed to each connection."""
    await receive()
    watch = Watch(fast_path)
    scope["state"].update(fast_path=fast_path, watch=watch)
    keeping = asyncio.create_task(watch.keep())
    await send({"type": "lifespan.startup.complete"})
    await receive()
    keeping.cancel()
    with suppress(asyncio.CancelledError):
        await keeping
    await send({"type": "lifespan.shutdown.complete"})
