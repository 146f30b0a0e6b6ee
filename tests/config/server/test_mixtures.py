"""Any mixture of requests on one connection, cut anywhere, is answered like each of them on a connection of its own."""

import random
import time
from pathlib import Path

import pytest

from config.server.fast_path import FastPath
from portal.documents.document import make_document
from portal.publishing.front import PublicFront
from tests.config.server.running import running
from tests.portal.publishing.test_front import BODY, Quiet, Store

HOST = b"Host: testserver\r\n"
INNER = b"GET / HTTP/1.1\r\n" + HOST + b"\r\n"  # what must not be answered where it is a body
OFFER = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n"
CHUNKS = b"%x\r\n" % len(INNER) + INNER + b"\r\n3;a=b\r\nabc\r\n0\r\n"


def ask(line, *headers, body=b""):
    return line + b" HTTP/1.1\r\n" + HOST + b"".join(headers) + b"\r\n" + body


def length(body):
    return b"Content-Length: %d\r\n" % len(body)


STAYING = [
    INNER,
    ask(b"GET /second?a=b", b"Accept-Encoding: gzip\r\n"),
    ask(b"HEAD /"),
    ask(b"HEAD /second", b"If-None-Match: *\r\n"),
    ask(b"GET /", b"If-None-Match: *\r\n", b"Connection: keep-alive\r\n"),
    ask(b"POST /", length(b"abc"), body=b"abc"),
    ask(b"GET /other"),
    ask(b"HEAD /other"),
    ask(b"GET /sec%6fnd"),
    ask(b"GET http://testserver/second"),
    ask(b"GET /", length(b"ab"), body=b"ab"),
    ask(b"HEAD /", length(INNER), body=INNER),
    ask(b"POST /sent", length(INNER), body=INNER),
    ask(b"POST /sent", length(b"x" * 100_000), body=b"x" * 100_000),
    ask(b"POST /sent", b"Transfer-Encoding: chunked\r\n", body=CHUNKS + b"\r\n"),
    ask(b"POST /sent", b"Transfer-Encoding: chunked\r\n", body=CHUNKS + b"Host: elsewhere\r\nX-Number: 9\r\n\r\n"),
    ask(b"POST /sent", length(INNER), b"Expect: 100-continue\r\n", body=INNER),
    ask(b"GET /", OFFER),
    ask(b"GET /other", OFFER),
    ask(b"POST /sent", OFFER, length(INNER), body=INNER),
    ask(b"POST /sent", OFFER, b"Transfer-Encoding: chunked\r\n", body=CHUNKS + b"\r\n"),
    b"\r\n" + INNER,
]
ENDING = [
    ask(b"GET /", b"Connection: close\r\n"),
    ask(b"GET /other", b"Connection: close\r\n"),
    ask(b"POST /sent", b"Connection: close\r\n", length(INNER), body=INNER),
    ask(b"POST /sent", b"Connection: close, Upgrade\r\nUpgrade: h2c\r\n", length(INNER), body=INNER),
    INNER.replace(b"/1.1", b"/1.0"),
    ask(b"GET /other", b"Connection: keep-alive\r\n").replace(b"/1.1", b"/1.0"),
]
BROKEN = [
    b"\0\r\n\r\n",
    ask(b"GET /", b"X : y\r\n"),
    ask(b"CONNECT elsewhere:443"),
    ask(b"POST /sent", length(INNER), b"Transfer-Encoding: chunked\r\n", body=INNER),
    ask(b"POST /sent", b"Transfer-Encoding: chunked\r\n", body=b"x\r\n" + INNER),
]


def echo(environ, start_response):
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "text/plain")])
    host, number = environ.get("HTTP_HOST"), environ.get("HTTP_X_NUMBER")
    return [f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']} {host} {number} with ".encode(), body]


@pytest.fixture(scope="module")
def server():
    documents = {"/": make_document(BODY, path="/"), "/second": make_document(b"second " * 99, path="/second")}
    front = PublicFront(echo, Store(**documents), Quiet(Path()))
    with running(front, FastPath(front, lambda reply: None), threads=3) as server:
        yield server


def numbered(request: bytes, number: int) -> bytes:
    return request.replace(HOST, HOST + b"X-Number: %d\r\n" % number, 1)


def read_answers(stream: bytes, requests: list[bytes]) -> list[tuple[bytes, frozenset[bytes], bytes]]:
    """Each without its date and those that only say that the client may go on."""
    answers = []
    for request in requests:
        while stream.startswith(b"HTTP/1.1 100"):
            stream = stream.partition(b"\r\n\r\n")[2]
        if not stream:
            break
        answer_head, _, stream = stream.partition(b"\r\n\r\n")
        status, *lines = answer_head.split(b"\r\n")
        headers = dict(line.lower().split(b": ", 1) for line in lines)
        headers.pop(b"date", None)
        has_body = not request.lstrip().startswith(b"HEAD") and b" 304 " not in status
        size = int(headers[b"content-length"]) if has_body else 0
        answers.append((status, frozenset(headers.items()), stream[:size]))
        assert len(stream) >= size, "an answer ends too early"
        stream = stream[size:]
    assert stream == b"", "more answers than requests"
    return answers


def send_cut(line, stream: bytes, dice: random.Random) -> None:
    cuts = sorted(dice.randrange(len(stream)) for _ in range(dice.choice([0, 1, 2, 5, 12])))
    for begin, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        try:
            line.send(stream[begin:end])
        except OSError:  # it has ended already
            return
        time.sleep(dice.choice([0, 0.001, 0.004]))


@pytest.mark.parametrize("seed", range(12))
def test_any_mixture_is_answered_like_each_alone(server, seed):
    dice = random.Random(seed)
    for _ in range(6):
        requests = [*dice.choices(STAYING, k=dice.randint(1, 7)), dice.choice(ENDING)]
        requests = [numbered(request, number) for number, request in enumerate(requests)]
        alone = []
        for request in requests:
            with server.connect() as line:
                line.send(request.replace(b" HTTP/1.1\r\n", b" HTTP/1.1\r\nX-A: b\r\n", 1))
                line.sock.shutdown(1)
                alone += read_answers(line.hear(until=b"never said"), [request])
        with server.connect() as line:
            send_cut(line, b"".join(requests), dice)
            mixed = read_answers(line.hear(until=b"never said"), requests)

        assert [without_end(answer) for answer in mixed] == [without_end(answer) for answer in alone]


@pytest.mark.parametrize("seed", range(8))
def test_a_broken_request_changes_no_answer_before_it(server, seed):
    dice = random.Random(seed)
    requests = [numbered(request, number) for number, request in enumerate(dice.choices(STAYING, k=dice.randint(0, 6)))]
    with server.connect() as line:
        send_cut(line, b"".join([*requests, dice.choice(BROKEN)]), dice)
        answers = read_answers(line.hear(until=b"never said"), [*requests, b"broken"])

    statuses = [status for status, _headers, _body in answers]
    assert len(statuses) >= len(requests)
    assert statuses[len(requests) :] in ([], [b"HTTP/1.1 400 Bad Request"])
    assert all(b" 400 " not in status for status in statuses[: len(requests)])


def without_end(answer: tuple[bytes, frozenset[bytes], bytes]) -> tuple[bytes, frozenset[bytes], bytes]:
    status, headers, body = answer
    return status, headers - {(b"connection", b"close")}, body
