"""From the event loop to a WSGI application in a thread, and back."""

import threading
import time
from io import BytesIO
from pathlib import Path

import pytest

from config.server import gateway as gateways
from config.server.fast_path import FastPath
from portal.publishing.front import PublicFront
from tests.config.server.running import running
from tests.portal.publishing.test_front import Quiet, Store


@pytest.fixture
def serve():
    """Runs an application behind the server; the public front has nothing to say."""

    def start(application, threads=2):
        front = PublicFront(application, Store(), Quiet(Path()))
        return running(application, FastPath(front, lambda reply: None), threads=threads)

    return start


def request(path="/", method="GET", body=b"", **headers):
    lines = [f"{method} {path} HTTP/1.1", "Host: testserver", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def saying(environ_seen):
    def application(environ, start_response):
        environ_seen.update(environ, sent=environ["wsgi.input"].read())
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"done"]

    return application


def test_a_request_is_told_as_wsgi_tells_it(serve):
    environ_seen = {}
    body = b"a=1"
    with serve(saying(environ_seen)) as server:
        answer = server.ask(
            request("/gr%C3%BC%2Fn?q=%20", "POST", body, **{"Content-Length": 3, "Content-Type": "x/y", "X-One": "1"})
        )

    assert answer.endswith(b"\r\n\r\ndone")
    assert environ_seen["REQUEST_METHOD"] == "POST"
    assert environ_seen["PATH_INFO"] == "/grü/n".encode().decode("latin-1")
    assert environ_seen["QUERY_STRING"] == "q=%20"
    assert (environ_seen["CONTENT_LENGTH"], environ_seen["CONTENT_TYPE"], environ_seen["HTTP_X_ONE"]) == (
        "3",
        "x/y",
        "1",
    )
    assert (environ_seen["REMOTE_ADDR"], environ_seen["SERVER_PORT"]) == ("127.0.0.1", str(server.port))
    assert (environ_seen["wsgi.url_scheme"], environ_seen["SERVER_PROTOCOL"], environ_seen["sent"]) == (
        "http",
        "HTTP/1.1",
        body,
    )


def test_a_header_with_an_underscore_does_not_pass_for_another(serve):
    environ_seen = {}
    with serve(saying(environ_seen)) as server:
        server.ask(request(X_Forwarded_For="192.0.2.1", Content_Length="7"))

    assert "HTTP_X_FORWARDED_FOR" not in environ_seen
    assert "CONTENT_LENGTH" not in environ_seen


def test_headers_that_come_twice_are_joined(serve):
    environ_seen = {}
    with serve(saying(environ_seen)) as server:
        server.ask(request(**{"Cookie": "a=1\r\nCookie: b=2", "X-Forwarded-For": "192.0.2.1\r\nX-Forwarded-For: ::1"}))

    assert environ_seen["HTTP_COOKIE"] == "a=1; b=2"
    assert environ_seen["HTTP_X_FORWARDED_FOR"] == "192.0.2.1,::1"


def test_a_body_in_chunks_has_its_length(serve):
    environ_seen = {}
    with serve(saying(environ_seen)) as server:
        server.ask(request(method="POST", body=b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", **{"Transfer-Encoding": "chunked"}))

    assert (environ_seen["sent"], environ_seen["CONTENT_LENGTH"]) == (b"abcde", "5")


def test_whoever_waits_for_a_go_gets_it(serve):
    environ_seen = {}
    with serve(saying(environ_seen)) as server, server.connect() as line:
        line.send(request(method="POST", **{"Content-Length": 2, "Expect": "100-continue"}))
        assert line.hear(until=b"100 Continue")
        line.send(b"ab")
        assert line.hear(until=b"done")

    assert environ_seen["sent"] == b"ab"


def test_a_large_body_waits_on_disk(serve, monkeypatch):
    monkeypatch.setattr(gateways, "IN_MEMORY", 1000)
    environ_seen = {}
    body = bytes(range(256)) * 4000
    with serve(saying(environ_seen)) as server:
        server.ask(request(method="POST", body=body, **{"Content-Length": len(body)}))

    assert environ_seen["sent"] == body


@pytest.mark.parametrize(
    "large_request",
    [
        request(method="POST", **{"Content-Length": "2000"}),
        request(method="POST", body=b"7d0\r\n" + bytes(2000), **{"Transfer-Encoding": "chunked"}),
    ],
)
def test_a_body_beyond_all_measure_is_refused(serve, monkeypatch, large_request):
    monkeypatch.setattr(gateways, "MOST_BODY", 1000)
    environ_seen = {}
    with serve(saying(environ_seen)) as server:
        assert server.ask(large_request).startswith(b"HTTP/1.1 413")

    assert environ_seen == {}


def test_an_answer_known_in_whole_has_its_length_and_head_has_no_body(serve):
    with serve(saying({})) as server:
        full, bare = server.ask(request()), server.ask(request(method="HEAD"))

    assert b"content-length: 4\r\n" in full
    assert b"content-length: 4\r\n" in bare
    assert bare.endswith(b"\r\n\r\n")


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_an_answer_without_a_body_has_no_length(serve, status):
    def application(environ, start_response):
        start_response(status, [])
        return []

    with serve(application) as server:
        answer = server.ask(request())

    assert answer.startswith(f"HTTP/1.1 {status}".encode())
    assert b"content-length" not in answer
    assert b"chunked" not in answer


class Parts:
    """An answer in parts that knows whether it was closed."""

    def __init__(self, *parts, failing=False):
        self.components, self.failing, self.is_closed = parts, failing, False

    def __iter__(self):
        yield from self.components
        if self.failing:
            raise RuntimeError("broken")

    def close(self):
        self.is_closed = True


@pytest.mark.parametrize("failing", [False, True])
def test_an_answer_in_parts_is_passed_on_and_closed(serve, failing):
    parts = Parts(b"one", b"", b"two", b"three", failing=failing)

    def application(environ, start_response):
        start_response("200 OK", [])
        return parts

    with serve(application) as server:
        answer = server.ask(request())

    if failing:
        assert answer.startswith(b"HTTP/1.1 500")
    else:
        assert b"content-length: 11\r\n" in answer
        assert answer.endswith(b"\r\n\r\nonetwothree")
    assert parts.is_closed


def test_an_application_that_fails_is_a_500_and_the_next_is_answered(serve):
    def application(environ, start_response):
        if environ["PATH_INFO"] == "/bad":
            raise RuntimeError("broken")
        start_response("200 OK", [])
        return [b"fine"]

    with serve(application) as server:
        assert server.ask(request("/bad")).startswith(b"HTTP/1.1 500")
        assert server.ask(request("/good")).endswith(b"fine")


def test_a_header_of_the_application_s_cannot_begin_another(serve):
    def application(environ, start_response):
        start_response("200 OK", [("X", "a\r\nSet-Cookie: b=c")])
        return [b""]

    with serve(application) as server:
        answer = server.ask(request())

    assert b"Set-Cookie" not in answer
    assert not answer.startswith(b"HTTP/1.1 2")


def test_whoever_leaves_early_leaves_no_thread_behind(serve):
    went_on = threading.Event()

    def application(environ, start_response):
        time.sleep(0.3)
        start_response("200 OK", [])
        for _ in range(3):
            yield bytes(100_000)
        went_on.set()

    with serve(application, threads=1) as server:
        with server.connect() as line:
            line.send(request())
            time.sleep(0.1)
        assert went_on.wait(5)
        assert server.ask(request()).startswith(b"HTTP/1.1 200")


@pytest.mark.slow
def test_long_answers_that_nobody_takes_hold_no_thread(serve):
    parts = Parts(*[bytes(4_000_000)] * 5, b"end")

    def application(environ, start_response):
        start_response("200 OK", [])
        return parts if environ["PATH_INFO"] == "/large" else [b"fine"]

    with serve(application, threads=1) as server, server.connect() as line:
        line.send(request("/large"))
        time.sleep(0.3)
        assert server.ask(request()).endswith(b"fine")
        assert parts.is_closed
        answer = line.hear(until=b"end")
        assert answer.count(bytes(1000)) == 20_000


def test_an_old_client_is_sent_no_chunks(serve):
    def application(environ, start_response):
        start_response("200 OK", [])
        return [b"one", b"two"]

    with serve(application) as server:
        answer = server.ask(request().replace(b"HTTP/1.1", b"HTTP/1.0"))

    assert b"chunked" not in answer
    assert answer.endswith(b"\r\n\r\nonetwo")


def test_a_host_without_a_name_is_none(serve):
    """Django would write a traceback for every stranger's."""
    environ_seen = {}
    with serve(saying(environ_seen)) as server:
        server.ask(request().replace(b"Host: testserver", b"Host: "))

    assert "HTTP_HOST" not in environ_seen


def test_an_address_that_is_a_server_s_name_is_written_like_one():
    scope = {"server": ("::1", 8000), "method": "GET", "raw_path": b"/", "query_string": b"", "headers": []}
    scope |= {"http_version": "1.1", "scheme": "http", "client": ("::1", 1)}

    assert gateways.environ_of(scope, BytesIO(), 0)["SERVER_NAME"] == "[::1]"


def test_when_too_many_wait_the_next_is_told_so_but_for_probes(serve, monkeypatch):
    monkeypatch.setattr(gateways, "MOST_WAITING", 2)
    go = threading.Event()

    def application(environ, start_response):
        go.wait(5)
        start_response("200 OK", [])
        return [b"fine"]

    with serve(application, threads=1) as server, server.connect() as first, server.connect() as second:
        first.send(request())
        second.send(request())
        time.sleep(0.2)
        refusal = server.ask(request())
        with server.connect() as probe:
            probe.send(request("/healthz"))
            time.sleep(0.1)
            go.set()
            assert probe.hear(until=b"fine").startswith(b"HTTP/1.1 200")
        assert first.hear(until=b"fine").startswith(b"HTTP/1.1 200")
        assert second.hear(until=b"fine").startswith(b"HTTP/1.1 200")
        assert server.ask(request()).endswith(b"fine")

    assert refusal.startswith(b"HTTP/1.1 503")
    assert b"retry-after: 10" in refusal
