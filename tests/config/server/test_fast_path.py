"""The fast lane: what it takes for a question, and that it answers as the door itself does."""

import gzip
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import httptools
import pytest
from django.conf import settings
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from config.server import fast_path as wires
from config.server.fast_path import MOST, DocumentRequest, FastPath, document_request_of, request_key_of, to_bytes
from portal.documents.document import FLEETING, Reply, make_document
from portal.publishing.edition import Edition
from portal.publishing.front import PublicFront
from tests.portal.publishing.test_front import BODY, Quiet, Store, passed_on

HOST = "testserver"


def request_head(path="/", method="GET", version="1.1", host=HOST, **headers):
    lines = [f"{method} {path} HTTP/{version}", *([f"Host: {host}"] if host else [])]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def read(request):
    request_key = request_key_of(request)
    return request_key and document_request_of(request_key)


# -- what is a question -----------------------------------------------------------------------------------------------


def test_a_browser_s_request_is_read():
    request = request_head(
        "/history?utm=mail",
        Connection="keep-alive",
        User_Agent="Mozilla/5.0 (Grüße)",
        Accept_Encoding="gzip, deflate, br",
        If_None_Match='W/"abc"',
        If_Modified_Since="Sun, 22 Nov 2026 10:00:00 GMT",
        Cookie="a=b; c=d",
        X_Forwarded_For="192.0.2.1",
    )

    assert read(request) == DocumentRequest(
        "GET", HOST, "/history", "gzip, deflate, br", 'W/"abc"', "Sun, 22 Nov 2026 10:00:00 GMT", closes=False
    )


@pytest.mark.parametrize(
    ("request_bytes", "closes"),
    [
        (request_head(), False),
        (request_head(Connection="Keep-Alive"), False),
        (request_head(Connection="close"), True),
        (request_head(version="1.0"), True),
        (request_head(version="1.0", Connection="close"), True),
    ],
)
def test_whether_the_connection_ends_is_read(request_bytes, closes):
    assert read(request_bytes).closes is closes


@pytest.mark.parametrize(
    "request_bytes",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(request_head()[:-1], id="half"),
        pytest.param(request_head()[:-2], id="headers without an end"),
        pytest.param(request_head() + b"x", id="more behind it"),
        pytest.param(request_head() + request_head(), id="two at once"),
        pytest.param(b"\r\n" + request_head(), id="an empty line before it"),
        pytest.param(request_head(method="POST"), id="another method"),
        pytest.param(request_head(method="get"), id="a method in small letters"),
        pytest.param(request_head(version="2.0"), id="another version"),
        pytest.param(request_head(version="1.0", Connection="keep-alive"), id="an old client that wants to stay"),
        pytest.param(request_head(host=""), id="no host"),
        pytest.param(request_head(Host="other"), id="two hosts"),
        pytest.param(request_head("http://testserver/"), id="an absolute address"),
        pytest.param(request_head("*"), id="no path"),
        pytest.param(request_head("/%68istory"), id="an escaped path"),
        pytest.param(request_head("/history#top"), id="a fragment"),
        pytest.param(request_head("/a b"), id="a space in the path"),
        pytest.param(request_head("/grüße"), id="a path that is not ASCII"),
        pytest.param(request_head(Content_Length="0"), id="a length"),
        pytest.param(request_head(content_length="5"), id="a length in small letters"),
        pytest.param(request_head(Transfer_Encoding="chunked"), id="a body in chunks"),
        pytest.param(request_head(Expect="100-continue"), id="it waits for a go"),
        pytest.param(request_head(Upgrade="websocket", Connection="Upgrade"), id="another protocol"),
        pytest.param(request_head(Connection="keep-alive, TE"), id="a list of options"),
        pytest.param(request_head(Accept_Encoding="gzip\r\nAccept-Encoding: br"), id="twice"),
        pytest.param(request_head().replace(b"Host:", b"Host :"), id="a space before the colon"),
        pytest.param(request_head().replace(b"Host:", b" Host:"), id="a line that goes on"),
        pytest.param(request_head().replace(b"\r\n", b"\n"), id="bare line feeds"),
        pytest.param(request_head(X="a\nContent-Length: 5"), id="a line feed in a value"),
        pytest.param(request_head(X="a\rb"), id="a carriage return in a value"),
        pytest.param(request_head(X="a\0b"), id="a null in a value"),
        pytest.param(request_head().replace(b"Host: ", b"no colon\r\nHost: "), id="a line without a colon"),
        pytest.param(request_head().replace(b"Host: ", b": nameless\r\nHost: "), id="a header without a name"),
    ],
)  # fmt: skip
def test_everything_else_is_left_to_the_parser(request_bytes):
    assert read(request_bytes) is None


class Seen:
    """What the web server's parser makes of the same bytes."""

    def __init__(self, request: bytes) -> None:
        self.url, self.headers, self.ends = b"", [], 0
        self.parser = httptools.HttpRequestParser(self)
        self.parser.feed_data(request)

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_message_complete(self) -> None:
        self.ends += 1


NAMES = st.sampled_from(
    [
        "Host",
        "host",
        "Accept-Encoding",
        "If-None-Match",
        "Connection",
        "Content-Length",
        "Transfer-Encoding",
        "X-A",
        "A ",
    ]
)
VALUES = st.one_of(
    st.sampled_from([HOST, "close", "keep-alive", "chunked", "0", "5", "gzip, br", '"x"', "", " ", "\t x \t"]),
    st.text(alphabet=st.characters(max_codepoint=255), max_size=12),
)
PIECES = st.sampled_from([" ", "\r\n", "\n", "\r", "GET / HTTP/1.1\r\n", "%41", "?", "#", "\0", ":", "x"])


@given(
    st.sampled_from(["GET", "HEAD", "POST", "get"]),
    st.lists(st.one_of(st.sampled_from(["/", "a", "incidents", ".."]), PIECES), max_size=4),
    st.sampled_from(["1.0", "1.1", "2.0", "1.1 "]),
    st.lists(st.tuples(NAMES, VALUES), max_size=5),
)
def test_what_it_reads_the_parser_reads_the_same(method, path, version, fields):
    lines = [f"{method} /{''.join(path)} HTTP/{version}", *(f"{name}: {value}" for name, value in fields)]
    request = "\r\n".join([*lines, "", ""]).encode("latin-1")

    document_request = read(request)

    if document_request is not None:
        parsing = Seen(request)
        request_headers = dict(parsing.headers)
        assert parsing.ends == 1
        assert parsing.parser.get_method().decode() == document_request.method
        assert httptools.parse_url(parsing.url).path.decode() == document_request.path
        assert request_headers[b"host"].decode("latin-1") == document_request.host
        assert request_headers.get(b"accept-encoding", b"").decode("latin-1") == document_request.accept_encoding
        assert request_headers.get(b"if-none-match", b"").decode("latin-1") == document_request.if_none_match
        assert parsing.parser.should_keep_alive() is not document_request.closes


# -- answers ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def store():
    return Store(**{"/": make_document(BODY, path="/"), "/small": make_document(b"{}", path="/small")})


@pytest.fixture
def door(store):
    return PublicFront(passed_on, store, Quiet(Path()))


@pytest.fixture
def replies():
    return []


@pytest.fixture
def fast_path(door, replies):
    return FastPath(door, replies.append)


def ask(door: PublicFront, path="/", method="GET", host=HOST, **headers: str) -> tuple[str, dict[str, str], bytes]:
    """One request by way of a thread."""
    reply: dict[str, Any] = {}

    def start(status, headers):
        reply.update(status=status, headers=headers)

    environ = {"PATH_INFO": path, "REQUEST_METHOD": method, "HTTP_HOST": host}
    environ |= {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    body = b"".join(door(environ, start))
    return reply["status"], dict(reply["headers"]), body


def answer_at_once(fast_path, request):
    document_request = fast_path.read(request)
    return None if document_request is None else fast_path.answer(document_request)


def parsed(answer: bytes) -> tuple[str, dict[str, str], bytes]:
    lines, _, body = answer.partition(b"\r\n\r\n")
    first, *rest = lines.decode("latin-1").split("\r\n")
    assert first.startswith("HTTP/1.1 ")
    return first.removeprefix("HTTP/1.1 "), dict(line.split(": ", 1) for line in rest), body


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", ["/", "/small"])
@pytest.mark.parametrize("encoding", ["", "gzip", "br", "gzip;q=0, br", "identity"])
@pytest.mark.parametrize("etag", ["", "*", "its own", '"another"'])
def test_it_answers_as_the_door_does(door, fast_path, method, path, encoding, etag):
    headers = {"Accept_Encoding": encoding} if encoding else {}
    if etag == "its own":
        etag = ask(door, path, **headers)[1]["ETag"]
    if etag:
        headers["If_None_Match"] = etag

    status, reply_headers, body = parsed(answer_at_once(fast_path, request_head(path, method, **headers)).payload)

    assert reply_headers.pop("Date").endswith("GMT")
    assert (status, reply_headers, body) == ask(door, path, method, **headers)


def test_each_answer_is_counted(fast_path, replies):
    for _ in range(3):
        answer_at_once(fast_path, request_head())

    assert [(reply.path, reply.status) for reply in replies] == [("/", "200 OK")] * 3


@pytest.mark.parametrize("path", ["/no-such-page", "//testserver/", "/admin/"])
def test_what_is_not_finished_is_left_to_the_door(fast_path, replies, path):
    assert answer_at_once(fast_path, request_head(path)) is None
    assert replies == []


def test_a_stranger_s_host_is_never_answered(fast_path, door, store):
    store._watcher = os.getpid()  # so that the database is not asked
    assert answer_at_once(fast_path, request_head(host="elsewhere.example")) is None
    assert ask(door, host="elsewhere.example")[0] == "404 Not Found"


def test_news_are_seen_at_once(fast_path, store):
    assert BODY in answer_at_once(fast_path, request_head()).payload
    news = {"/": make_document(b"<p>News</p>", path="/")}

    store.edition = Edition(newest=2, documents=news, public=news)

    assert b"News" in answer_at_once(fast_path, request_head()).payload


def test_the_date_moves_with_the_second(fast_path, monkeypatch):
    monkeypatch.setattr(wires.time, "time", lambda: 1_800_000_000)
    fast_path.tick()
    first = parsed(answer_at_once(fast_path, request_head()).payload)[1]["Date"]
    monkeypatch.setattr(wires.time, "time", lambda: 1_800_000_001)
    fast_path.tick()

    assert (first, parsed(answer_at_once(fast_path, request_head()).payload)[1]["Date"]) == (
        "Fri, 15 Jan 2027 08:00:00 GMT",
        "Fri, 15 Jan 2027 08:00:01 GMT",
    )


def test_a_document_that_turns_soon_may_not_be_kept(door, store):
    soon = timezone.now() + timedelta(seconds=10)
    store.edition.public["/"] = make_document(BODY, path="/", valid_until=soon)

    ready = answer_at_once(FastPath(door, lambda reply: None), request_head())

    assert parsed(ready.payload)[1]["Cache-Control"] == FLEETING


def test_who_wants_to_leave_is_told_so(fast_path):
    ready = answer_at_once(fast_path, request_head(Connection="close"))

    assert ready.closes
    assert parsed(ready.payload)[1]["Connection"] == "close"


def test_strangers_cannot_fill_the_memory(fast_path):
    for number in range(MOST + 10):
        answer_at_once(fast_path, request_head(If_None_Match=f'"{number}"', X=str(number)))

    assert len(fast_path._requests) <= MOST
    assert len(fast_path._replies) <= MOST
    assert fast_path.read(request_head(X="x" * wires.LONGEST)) is None


def test_all_who_get_the_same_share_its_bytes(fast_path):
    first = answer_at_once(fast_path, request_head(X="1", If_None_Match='"1"')).payload

    assert answer_at_once(fast_path, request_head(X="2", If_None_Match='"2"')).payload is first


def test_no_header_can_begin_another():
    with pytest.raises(ValueError, match="line break"):
        to_bytes(Reply("200 OK", [("X", "a\r\nSet-Cookie: b")], b"", "/"), "now")


# -- static files -----------------------------------------------------------------------------------------------------


@pytest.fixture
def static(tmp_path, settings):
    settings.STATIC_ROOT, settings.WHITENOISE_AUTOREFRESH, settings.WHITENOISE_USE_FINDERS = tmp_path, False, False
    (tmp_path / "a.12345678abcd.css").write_bytes(b"p{}" * 500)
    (tmp_path / "a.12345678abcd.css.gz").write_bytes(gzip.compress(b"p{}" * 500))
    (tmp_path / "large.bin").write_bytes(bytes(wires.LARGEST_FILE + 1))
    return tmp_path


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("encoding", ["", "gzip"])
@pytest.mark.parametrize("knows", [False, True])
def test_static_files_are_answered_as_django_does(static, door, client, method, encoding, knows):
    path = f"{settings.STATIC_URL}a.12345678abcd.css"
    headers = {"Accept-Encoding": encoding} if encoding else {}
    if knows:
        headers["If-Modified-Since"] = _headers_and_body(client.get(path, headers=headers))[0]["Last-Modified"]

    fast_path = FastPath(door, lambda reply: None)
    request = request_head(path, method, **{name.replace("-", "_"): value for name, value in headers.items()})
    status, reply_headers, body = parsed(answer_at_once(fast_path, request).payload)

    response = client.generic(method, path, headers=headers)
    django_headers, content = _headers_and_body(response)
    del reply_headers["Date"]
    assert status.startswith(str(response.status_code))
    assert reply_headers == django_headers
    assert body == (b"" if method == "HEAD" or knows else content)


def _headers_and_body(response):
    content = b"".join(response)
    response.close()
    return dict(response.headers), content


def test_large_files_and_strangers_hosts_are_left_to_django(static, door, replies):
    fast_path = FastPath(door, replies.append)

    assert answer_at_once(fast_path, request_head(f"{settings.STATIC_URL}large.bin")) is None
    assert (
        answer_at_once(fast_path, request_head(f"{settings.STATIC_URL}a.12345678abcd.css", host="elsewhere.example"))
        is None
    )
    assert answer_at_once(fast_path, request_head(f"{settings.STATIC_URL}../secret")) is None
    assert answer_at_once(fast_path, request_head(f"{settings.STATIC_URL}a.12345678abcd.css"))
    assert [reply.path for reply in replies] == ["/static/*"]


def test_a_file_is_held_once_however_it_is_asked_for(static, door):
    """Else a crowd of odd requests fills the memory."""
    fast_path = FastPath(door, lambda reply: None)
    path = f"{settings.STATIC_URL}a.12345678abcd.css"

    answers = [answer_at_once(fast_path, request_head(path, If_None_Match=f'"{number}"')) for number in range(9)]

    assert answers[0].payload.startswith(b"HTTP/1.1 200")
    assert len({id(answer.payload) for answer in answers}) == 1


def test_a_file_that_has_gone_meanwhile_is_left_to_django(static, door):
    fast_path = FastPath(door, lambda reply: None)
    (static / "a.12345678abcd.css").unlink()

    assert answer_at_once(fast_path, request_head(f"{settings.STATIC_URL}a.12345678abcd.css")) is None
