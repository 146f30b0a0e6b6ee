"""The care for all connections, once a second and every few seconds."""

import asyncio
from contextlib import suppress

from config.server import lifespan
from config.server.lifespan import Watch


class Clock:
    """A wire that counts its seconds."""

    ticks = 0

    def tick(self) -> None:
        self.ticks += 1


class Kept:
    """A connection that counts how often it is looked after."""

    looks = 0

    def look_after(self, now: float) -> None:
        self.looks += 1


class Broken:
    """One that cannot be."""

    def look_after(self, now: float) -> None:
        raise RuntimeError("broken")


def test_one_broken_connection_ends_no_other_s_care_and_stops_no_clock(monkeypatch, caplog):
    real_sleep = asyncio.sleep
    monkeypatch.setattr(lifespan, "LOOK_EVERY", 0)
    monkeypatch.setattr(asyncio, "sleep", lambda seconds: real_sleep(0.01))
    watch = Watch(clock := Clock())
    watch.connections = connections = [Kept(), Broken(), Kept()]

    async def keep_for_a_while() -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(watch.keep(), 0.3)

    asyncio.run(keep_for_a_while())

    assert clock.ticks > 1
    assert all(connection.looks > 1 for connection in connections if isinstance(connection, Kept))
    assert "cannot be looked after" in caplog.text
