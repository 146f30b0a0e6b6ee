"""Connections as visitors and strangers use them, on real sockets."""

import threading
import time
from pathlib import Path

import pytest

from config.server.connection import HEAD_WITHIN, KEPT_FOR, LONGEST_HEAD, MOVES_WITHIN
from portal.documents import make_document
from portal.front import StormDoor
from portal.wire import Wire
from tests.config.server.running import running
from tests.portal.test_front import BODY, Quiet, Store

GET = b"GET / HTTP/1.1\r\nHost: testserver\r\n\r\n"
OTHER = b"GET /other HTTP/1.1\r\nHost: testserver\r\n\r\n"
LARGE = b"GET /large HTTP/1.1\r\nHost: testserver\r\n\r\n"
STATUS = b"HTTP/1.1 200 OK"


def echo(environ, start_response):
    """Says what it was asked, and what was sent along."""
    sent = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']} with ".encode() + sent]


@pytest.fixture
def store():
    documents = {"/": make_document(BODY, path="/"), "/large": make_document(bytes(8_000_000), path="/large")}
    return Store(**documents)


@pytest.fixture
def noted():
    return []


@pytest.fixture
def server(store, noted):
    door = StormDoor(echo, store, Quiet(Path()))
    with running(door, Wire(door, noted.append)) as server:
        yield server


def test_a_document_is_answered_without_a_thread(server, noted):
    heard = server.ask(GET)

    assert heard.startswith(STATUS)
    assert heard.endswith(BODY)
    assert [reply.path for reply in noted] == ["/"]


def test_one_connection_carries_both_kinds_in_turn(server):
    with server.connect() as line:
        for _ in range(3):
            line.send(GET)
            assert line.hear(until=BODY).startswith(STATUS)
            line.send(OTHER)
            assert line.hear(until=b"GET /other with ").startswith(STATUS)


def test_several_requests_at_once_are_answered_in_their_order(server):
    heard = server.ask(OTHER + GET + OTHER)

    assert heard.count(STATUS) == 3
    assert heard.index(b"with") < heard.index(BODY) < heard.rindex(b"with")


def test_a_request_may_come_in_pieces(server):
    with server.connect() as line:
        for number in range(len(GET)):
            line.send(GET[number : number + 1])
            time.sleep(0.002)
        assert line.hear(until=BODY).endswith(BODY)
        line.send(GET)
        assert line.hear(until=BODY).endswith(BODY)


def test_what_looks_like_a_request_inside_of_a_body_is_a_body(server, noted):
    with server.connect() as line:
        line.send(b"POST /sent HTTP/1.1\r\nHost: testserver\r\nContent-Length: %d\r\n\r\n" % len(GET))
        time.sleep(0.2)
        line.send(GET)
        heard = line.hear(until=b"POST /sent with " + GET)

    assert heard.count(STATUS) == 1
    assert noted == []


def test_what_looks_like_a_request_behind_half_a_head_is_a_head(server, noted):
    with server.connect() as line:
        line.send(b"POST /sent HTTP/1.1\r\nContent-Length: 0\r\nX: ")
        time.sleep(0.2)
        line.send(GET)
        heard = line.hear()

    assert b"POST /sent with " in heard
    assert noted == []


def test_what_comes_while_another_is_answered_waits_its_turn(store, noted):
    go = threading.Event()

    def slow(environ, start_response):
        go.wait(5)
        return echo(environ, start_response)

    door = StormDoor(slow, store, Quiet(Path()))
    with running(door, Wire(door, noted.append)) as server, server.connect() as line:
        line.send(OTHER)
        time.sleep(0.2)
        line.send(GET)
        assert line.hear() == b""
        go.set()
        heard = line.hear(until=BODY)

    assert heard.index(b"GET /other with ") < heard.index(BODY)


def test_a_connection_ends_when_the_visitor_says_so(server):
    with server.connect() as line:
        line.send(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        heard = line.hear(until=BODY)
        assert b"\r\nConnection: close\r\n" in heard
        assert line.is_ended()


def test_an_old_client_gets_its_answer_and_the_end(server):
    with server.connect() as line:
        line.send(GET.replace(b"HTTP/1.1", b"HTTP/1.0"))
        assert line.hear(until=BODY).endswith(BODY)
        assert line.is_ended()


def test_a_long_answer_arrives_whole_and_the_next_after_it(server):
    with server.connect() as line:
        line.send(LARGE)
        time.sleep(0.2)
        line.send(GET)
        heard = line.hear(until=BODY)

    assert heard.count(bytes(1000)) >= 8000
    assert heard.endswith(BODY)


@pytest.mark.parametrize("data", [b"\x16\x03\x01\x02\x00", b"GET\r\n\r\n", b"GET / HTTP/1.1\r\nHost : x\r\n\r\n"])
def test_nonsense_is_refused(server, data):
    with server.connect() as line:
        line.send(data)
        assert line.hear().startswith(b"HTTP/1.1 400")
        assert line.is_ended()


def test_two_lengths_are_refused(server):
    heard = server.ask(
        b"POST / HTTP/1.1\r\nHost: testserver\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    )

    assert heard.startswith(b"HTTP/1.1 400")


def test_headers_without_end_are_refused(server):
    with server.connect() as line:
        line.send(b"GET / HTTP/1.1\r\nHost: testserver\r\n")
        for _ in range(LONGEST_HEAD // 4000 + 2):
            line.send(b"X: " + b"x" * 4000 + b"\r\n")
            time.sleep(0.01)
        assert line.hear().startswith(b"HTTP/1.1 431")


def test_a_crowd_of_requests_on_one_connection_ends_it(server):
    with server.connect() as line:
        line.send(OTHER * 200)
        line.hear()
        assert line.is_ended()
    assert server.ask(GET).endswith(BODY)


def test_more_connections_than_may_be_are_turned_away(store, noted):
    door = StormDoor(echo, store, Quiet(Path()))
    with running(door, Wire(door, noted.append), most=2) as server, server.connect() as one, server.connect() as two:
        one.send(GET)
        two.send(GET)
        assert one.hear(until=BODY)
        assert two.hear(until=BODY)
        with server.connect() as three:
            assert three.is_ended()
        one.send(GET)
        assert one.hear(until=BODY)


# -- patience ---------------------------------------------------------------------------------------------------------


def test_a_silent_connection_ends_and_one_that_is_used_stays(server):
    with server.connect() as line:
        line.send(GET)
        line.hear(until=BODY)
        began = time.monotonic()
        server.look_after(began)
        server.look_after(began + KEPT_FOR - 1)
        line.send(GET)
        assert line.hear(until=BODY)

        server.look_after(began + KEPT_FOR + 1)
        line.send(GET)
        assert line.hear(until=BODY)

        server.look_after(began + KEPT_FOR + 2)
        server.look_after(began + 3 * KEPT_FOR)
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
        for one in (line, second, third):
            one.send(b"POST /sent HTTP/1.1\r\nHost: testserver\r\nContent-Length: 5\r\n\r\nab")
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


def test_an_answer_that_takes_long_is_waited_for(store, noted):
    go = threading.Event()

    def slow(environ, start_response):
        go.wait(5)
        return echo(environ, start_response)

    door = StormDoor(slow, store, Quiet(Path()))
    with running(door, Wire(door, noted.append)) as server, server.connect() as line:
        line.send(OTHER)
        time.sleep(0.1)
        now = time.monotonic()
        server.look_after(now)
        server.look_after(now + 10 * KEPT_FOR)
        go.set()
        assert b"GET /other" in line.hear()
