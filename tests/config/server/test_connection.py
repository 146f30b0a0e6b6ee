"""Connections as visitors and strangers use them, on real sockets."""

import socket
import struct
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from config.server.connection import LONGEST_HEAD, MOST_IN_LINE
from config.server.fast_path import FastPath
from portal.publishing.front import PublicFront
from tests.config.server.running import GET, LARGE, OTHER, STATUS, echo, running
from tests.portal.publishing.test_front import BODY, Quiet


def test_a_document_is_answered_without_a_thread(server, replies):
    answer = server.ask(GET)

    assert answer.startswith(STATUS)
    assert answer.endswith(BODY)
    assert [reply.path for reply in replies] == ["/"]


def test_one_connection_carries_both_kinds_in_turn(server):
    with server.connect() as line:
        for _ in range(3):
            line.send(GET)
            assert line.hear(until=BODY).startswith(STATUS)
            line.send(OTHER)
            assert line.hear(until=b"GET /other with ").startswith(STATUS)


def test_several_requests_at_once_are_answered_in_their_order(server):
    answer = server.ask(OTHER + GET + OTHER)

    assert answer.count(STATUS) == 3
    assert answer.index(b"with") < answer.index(BODY) < answer.rindex(b"with")


def test_a_request_may_come_in_pieces(server):
    with server.connect() as line:
        for number in range(len(GET)):
            line.send(GET[number : number + 1])
            time.sleep(0.002)
        assert line.hear(until=BODY).endswith(BODY)
        line.send(GET)
        assert line.hear(until=BODY).endswith(BODY)


def test_what_looks_like_a_request_inside_of_a_body_is_a_body(server, replies):
    with server.connect() as line:
        line.send(b"POST /sent HTTP/1.1\r\nHost: testserver\r\nContent-Length: %d\r\n\r\n" % len(GET))
        time.sleep(0.2)
        line.send(GET)
        answer = line.hear(until=b"POST /sent with " + GET)

    assert answer.count(STATUS) == 1
    assert replies == []


def test_what_looks_like_a_request_behind_half_a_head_is_a_head(server, replies):
    with server.connect() as line:
        line.send(b"POST /sent HTTP/1.1\r\nContent-Length: 0\r\nX: ")
        time.sleep(0.2)
        line.send(GET)
        answer = line.hear()

    assert b"POST /sent with " in answer
    assert replies == []


def test_what_comes_while_another_is_answered_waits_its_turn(holding, go):
    with holding.connect() as line:
        line.send(OTHER)
        time.sleep(0.2)
        line.send(GET)
        assert line.hear() == b""
        go.set()
        answer = line.hear(until=BODY)

    assert answer.index(b"GET /other with ") < answer.index(BODY)


def test_a_connection_ends_when_the_visitor_says_so(server):
    with server.connect() as line:
        line.send(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        answer = line.hear(until=BODY)
        assert b"\r\nConnection: close\r\n" in answer
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
        answer = line.hear(until=BODY)

    assert answer.count(bytes(1000)) >= 8000
    assert answer.endswith(BODY)


@pytest.mark.parametrize("nonsense", [b"\x16\x03\x01\x02\x00", b"GET\r\n\r\n", b"GET / HTTP/1.1\r\nHost : x\r\n\r\n"])
def test_nonsense_is_refused(server, nonsense):
    with server.connect() as line:
        line.send(nonsense)
        assert line.hear().startswith(b"HTTP/1.1 400")
        assert line.is_ended()


def test_two_lengths_are_refused(server):
    answer = server.ask(
        b"POST / HTTP/1.1\r\nHost: testserver\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    )

    assert answer.startswith(b"HTTP/1.1 400")


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


def test_more_connections_than_may_be_are_turned_away(store, replies):
    door = PublicFront(echo, store, Quiet(Path()))
    with (
        running(door, FastPath(door, replies.append), most=2) as server,
        server.connect() as first,
        server.connect() as second,
    ):
        first.send(GET)
        second.send(OTHER)
        assert first.hear(until=BODY)
        assert second.hear(until=b"GET /other with ").startswith(STATUS)
        with server.connect() as third:
            assert third.is_ended()
        first.send(GET)
        assert first.hear(until=BODY)


UPGRADE = b"Connection: Upgrade\r\nUpgrade: h2c\r\n"


@pytest.mark.parametrize(
    "offer",
    [
        OTHER.replace(b"\r\n\r\n", b"\r\n" + UPGRADE + b"\r\n"),
        b"POST /sent HTTP/1.1\r\nHost: testserver\r\nContent-Length: 3\r\n" + UPGRADE + b"\r\nabc",
    ],
)
def test_what_stands_behind_an_offer_of_another_protocol_is_answered(server, offer):
    answer = server.ask(offer + OTHER + offer + GET)

    assert answer.count(STATUS) == 4
    assert answer.endswith(BODY)
    assert answer.count(b"POST /sent with abc") == 2 * offer.count(b"POST")


def test_the_body_behind_an_offer_of_another_protocol_is_a_body(server, replies):
    request_head = b"POST /sent HTTP/1.1\r\nHost: testserver\r\nContent-Length: %d\r\n" % len(GET) + UPGRADE + b"\r\n"
    with server.connect() as line:
        line.send(request_head)
        time.sleep(0.2)
        line.send(GET)
        assert line.hear(until=b"POST /sent with " + GET).count(STATUS) == 1
        line.send(request_head.replace(b"Upgrade\r\n", b"Upgrade, close\r\n", 1) + GET)
        assert line.hear(until=b"POST /sent with " + GET).count(STATUS) == 1
        assert line.is_ended()
    assert replies == []


@pytest.mark.parametrize(
    "refusable",
    [
        pytest.param(b"\0nonsense\r\n\r\n", id="nonsense"),
        pytest.param(b"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", id="a tunnel"),
        pytest.param(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", id="a broken body"),
        pytest.param(b"GET / HTTP/1.1\r\nX: " + b"x" * 4 * LONGEST_HEAD, id="a head without end"),
    ],
)
@pytest.mark.parametrize("before", [1, 3])
def test_a_refusal_does_not_pass_for_the_answer_to_those_before_it(holding, go, refusable, before):
    with holding.connect() as line:
        line.send(OTHER * before)
        time.sleep(0.1)
        for part in (refusable[:100_000], refusable[100_000:], GET):
            line.send(part)
            time.sleep(0.1)
        go.set()
        answer = line.hear()
        assert answer.count(b"HTTP/1.1 ") == answer.count(STATUS) == answer.count(b"GET /other with ") == before
        assert line.is_ended()


def test_a_crowd_on_one_connection_is_answered_as_far_as_it_may_wait(server):
    assert server.ask(OTHER * 200).count(b"GET /other with ") == MOST_IN_LINE + 1


def test_a_body_before_it_makes_no_head_too_long(server):
    with server.connect() as line:
        length = 3 * LONGEST_HEAD
        line.send(b"POST /sent HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % length + b"x" * length + OTHER[:20])
        time.sleep(0.2)
        line.send(OTHER[20:])
        assert line.hear(until=b"GET /other with ").count(STATUS) == 2


CHUNKED = b"POST /sent HTTP/1.1\r\nHost: testserver\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n"


def test_what_comes_behind_a_body_is_no_header(store, replies):
    received = {}

    def application(environ, start_response):
        received.update(environ)
        return echo(environ, start_response)

    door = PublicFront(application, store, Quiet(Path()))
    with running(door, FastPath(door, replies.append)) as server:
        answer = server.ask(CHUNKED + b"Host: elsewhere.example\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n" + GET)

    assert answer.endswith(BODY)
    assert received["HTTP_HOST"] == "testserver"
    assert "HTTP_X_FORWARDED_FOR" not in received


def test_what_comes_behind_a_body_comes_to_an_end(server):
    with server.connect() as line:
        line.send(CHUNKED)
        for _ in range(LONGEST_HEAD // 4000 + 2):
            line.send(b"X: " + b"x" * 4000 + b"\r\n")
            time.sleep(0.01)
        assert line.hear().startswith(b"HTTP/1.1 431")


@pytest.mark.parametrize("count", [1, 3])
def test_whoever_has_said_all_still_hears_the_answers(server, count):
    with server.connect() as line:
        line.send(OTHER * count)
        line.sock.shutdown(socket.SHUT_WR)
        assert line.hear(until=b"never said").count(b"GET /other with ") == count
        assert line.is_ended()


def test_whoever_leaves_in_the_middle_is_forgotten(server):
    with server.connect() as line:
        line.send(OTHER + OTHER[:10])
        time.sleep(0.1)
        line.sock.shutdown(socket.SHUT_WR)
        assert line.is_ended()


def test_whoever_leaves_with_requests_in_line_leaves_nothing_behind(slow_server, go, caplog):
    with slow_server as server:
        with server.connect() as line:
            line.send(OTHER + OTHER)
            time.sleep(0.1)
            line.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        time.sleep(0.1)
        go.set()
        assert b"GET /other with " in server.ask(OTHER)
        time.sleep(0.1)
        assert not list(server.server.server_state.tasks)
        assert not list(server.server.server_state.connections)
    assert not caplog.records


def test_whoever_leaves_answers_lying_is_given_no_thread(server):
    with ExitStack() as many:
        lines = [many.enter_context(server.connect()) for _ in range(4)]  # with two threads only
        for line in lines:
            line.send(LARGE)
            time.sleep(0.1)
            line.send(OTHER)
        time.sleep(0.2)
        assert b"GET /other with " in server.ask(OTHER)
        for line in lines:
            assert line.hear(until=b"GET /other with ").count(STATUS) == 2
