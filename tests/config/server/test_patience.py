"""How long a connection is waited for."""

import time

from config.server.connection import HEAD_WITHIN, KEPT_FOR, MOVES_WITHIN
from tests.config.server.running import GET, LARGE, OTHER
from tests.portal.publishing.test_front import BODY


def test_a_silent_connection_ends_and_one_that_is_used_stays(server):
    with server.connect() as line:
        line.send(GET)
        line.hear(until=BODY)
        start = time.monotonic()
        server.look_after(start)
        server.look_after(start + KEPT_FOR - 1)
        line.send(GET)
        assert line.hear(until=BODY)

        server.look_after(start + KEPT_FOR + 1)
        line.send(GET)
        assert line.hear(until=BODY)

        server.look_after(start + KEPT_FOR + 2)
        server.look_after(start + 3 * KEPT_FOR)
        assert line.is_ended()


def test_whoever_never_asks_is_not_waited_for(server):
    with server.connect() as line:
        time.sleep(0.1)
        server.look_after(time.monotonic())
        server.look_after(time.monotonic() + KEPT_FOR + 1)
        assert line.is_ended()


def test_headers_that_trickle_in_end_the_connection(server):
    with server.connect() as line:
        line.send(GET[:10])
        time.sleep(0.1)
        server.look_after(time.monotonic() + HEAD_WITHIN - 1)
        line.send(GET[10:12])
        time.sleep(0.1)
        server.look_after(time.monotonic() + HEAD_WITHIN + 1)
        assert line.is_ended()


def test_a_body_that_stops_coming_ends_the_connection_and_takes_no_thread(server):
    with server.connect() as line, server.connect() as second, server.connect() as third:
        for connection in (line, second, third):
            connection.send(b"POST /sent HTTP/1.1\r\nHost: testserver\r\nContent-Length: 5\r\n\r\nab")
        time.sleep(0.1)
        assert b"GET /other" in server.ask(OTHER)  # with two threads only

        now = time.monotonic()
        server.look_after(now)
        server.look_after(now + MOVES_WITHIN + 1)
        assert line.is_ended()


def test_an_answer_that_nobody_takes_ends_the_connection(server):
    with server.connect() as line:
        for _ in range(3):
            line.send(LARGE)
            time.sleep(0.1)
        now = time.monotonic()
        server.look_after(now)
        server.look_after(now + MOVES_WITHIN + 1)
        assert line.is_ended(within=10)
        assert not list(server.server.server_state.connections)


def test_an_answer_that_takes_long_is_waited_for(holding, go):
    with holding.connect() as line:
        line.send(OTHER)
        time.sleep(0.1)
        now = time.monotonic()
        holding.look_after(now)
        holding.look_after(now + 10 * KEPT_FOR)
        go.set()
        assert b"GET /other" in line.hear()
