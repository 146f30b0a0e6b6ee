"""The public front: finished documents from memory, everything else to Django."""

import gzip
import io
import json
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import brotli
import pytest
from django.db import connection

from portal.documents.document import FLEETING, FRESH, JSON, make_document
from portal.publishing.access_log import PASSED, AccessLog
from portal.publishing.edition import Edition
from portal.publishing.front import PublicFront, answer, turn_away
from portal.publishing.store import Published
from tests import make
from tests.portal.page_documents import publish, say_page_changed

BODY = b"<!doctype html><title>Everything works</title>" * 40


class Store(Published):
    """Documents without a database and without a thread."""

    def __init__(self, **documents):
        super().__init__()
        self.edition = Edition(newest=1, documents=documents, public=documents)

    def watch(self):
        pass


@pytest.fixture
def store():
    return Store(**{"/": make_document(BODY, path="/")})


@pytest.fixture
def document(store):
    return store.find("/")


class Quiet(AccessLog):
    """Counts without a thread."""

    def watch(self):
        pass


def passed_on(environ, start_response):
    start_response("418 I'm a teapot", [])
    return [environ["PATH_INFO"].encode()]


def ask(store, path="/", method="GET", counted=None, **headers):
    """One request: status, headers, body."""
    return ask_through(PublicFront(passed_on, store, counted or Quiet(Path())), path, method, **headers)


def ask_through(front, path="/", method="GET", **headers):
    seen = {}

    def start_response(status, headers):
        seen.update(status=status, headers=dict(headers))

    environ = {"PATH_INFO": path, "REQUEST_METHOD": method, "wsgi.input": io.BytesIO()}
    environ |= {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    body = b"".join(front(environ, start_response))
    return seen["status"], seen["headers"], body


def test_a_document_is_answered(store, document):
    status, headers, body = ask(store)

    assert (status, body) == ("200 OK", BODY)
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["Content-Length"] == str(len(BODY))
    assert headers["ETag"] == document.plain.etag
    assert headers["Cache-Control"] == FRESH
    assert headers["Vary"] == "Accept-Encoding"
    assert "Content-Encoding" not in headers
    assert "Set-Cookie" not in headers


def test_every_other_path_is_passed_on(store):
    assert ask(store, "/my/") == ("418 I'm a teapot", {}, b"/my/")


@pytest.mark.parametrize(
    ("accepted", "encoding", "unpack"),
    [("gzip, deflate", "gzip", gzip.decompress), ("gzip, deflate, br, zstd", "br", brotli.decompress)],
)
def test_who_takes_an_encoding_gets_it(store, document, accepted, encoding, unpack):
    _status, headers, body = ask(store, accept_encoding=accepted)

    assert unpack(body) == BODY
    assert headers["Content-Encoding"] == encoding
    assert headers["Content-Length"] == str(len(body))
    assert headers["ETag"] == document.variant(encoding).etag != document.plain.etag
    assert headers["Vary"] == "Accept-Encoding"


def test_who_takes_none_gets_it_plain(store):
    _status, headers, body = ask(store, accept_encoding="identity")

    assert (body, headers.get("Content-Encoding")) == (BODY, None)


def test_each_encoding_is_made_once(store, document):
    ask(store, accept_encoding="br")
    first = document.variant("br")
    ask(store, accept_encoding="br")

    assert document.variant("br") is first


def test_what_packing_does_not_make_smaller_stays_plain():
    badge = make_document(b"ok")

    status, headers, body = ask(Store(**{"/badge.json": badge}), "/badge.json", accept_encoding="br")

    assert (status, body, headers["ETag"]) == ("200 OK", b"ok", badge.plain.etag)
    assert "Content-Encoding" not in headers


@pytest.mark.parametrize("known", ["{etag}", "W/{etag}", '"other", {etag}', "*"])
def test_who_knows_it_already_gets_304(store, document, known):
    status, headers, body = ask(store, if_none_match=known.format(etag=document.plain.etag))

    assert (status, body) == ("304 Not Modified", b"")
    assert headers["ETag"] == document.plain.etag
    assert headers["Cache-Control"] == FRESH
    assert headers["Vary"] == "Accept-Encoding"
    assert {"Content-Type", "Content-Length", "Content-Encoding"}.isdisjoint(headers)


def test_each_encoding_has_its_own_etag(store, document):
    etag = document.variant("gzip").etag

    assert ask(store, if_none_match=etag)[0] == "200 OK"
    assert ask(store, if_none_match=etag, accept_encoding="br")[0] == "200 OK"
    assert ask(store, if_none_match=etag, accept_encoding="gzip")[0] == "304 Not Modified"


def test_head_has_the_headers_of_get_and_no_body(store):
    get, profile = ask(store), ask(store, method="HEAD")

    assert profile == (get[0], get[1], b"")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_every_other_method_is_refused(store, method):
    status, headers, body = ask(store, method=method)

    assert (status, headers["Allow"], body) == ("405 Method Not Allowed", "GET, HEAD", b"")


def test_the_same_bytes_have_the_same_etag_in_every_process():
    assert make_document(BODY).variant("br").etag == make_document(BODY).variant("br").etag
    assert make_document(BODY).plain.etag != make_document(BODY + b" ").plain.etag


def test_shortly_before_it_turns_nobody_may_keep_it(monkeypatch):
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    turning = make_document(BODY, valid_until=noon)

    monkeypatch.setattr(time, "time", lambda: noon.timestamp() - 60)
    early = dict(answer(turning, "GET")[1])
    monkeypatch.setattr(time, "time", lambda: noon.timestamp() - 40)
    late = dict(answer(turning, "GET", if_none_match=turning.plain.etag)[1])

    assert (early["Cache-Control"], late["Cache-Control"]) == (FRESH, FLEETING)


def test_every_answer_is_counted(store):
    counted = Quiet(Path())

    ask(store, counted=counted)
    ask(store, "/", "POST", counted=counted)
    ask(store, "/my/", counted=counted)
    counted.count()

    assert counted.counts == {("/", "200 OK"): 1, ("/", "405 Method Not Allowed"): 1, (PASSED, "418 I'm a teapot"): 1}


def test_the_thread_that_looks_starts_once_and_with_the_first_request(monkeypatch):
    store = Published()
    started = []
    monkeypatch.setattr(store, "_look_forever", lambda: started.append(True))

    ask(store, "/my/")
    ask(store, "/my/")

    assert started == [True]


def test_while_the_database_is_away_one_request_at_a_time_may_wait_for_it(store):
    store.is_cut_off = True
    seen = []

    def waiting(environ, start_response):
        start_response("500 Internal Server Error", [])
        seen.append(ask_door("/my/"))
        seen.append(ask_door("/static/css/site.css"))
        return [b""]

    def application(environ, start_response):
        return next(turns)(environ, start_response)

    turns = iter([waiting, passed_on, passed_on])
    ask_door = partial(ask_through, PublicFront(application, store, Quiet(Path())))

    first = ask_door("/my/")

    assert [status for status, _headers, _body in (first, *seen)] == [
        "500 Internal Server Error",
        "503 Service Unavailable",
        "418 I'm a teapot",
    ]
    assert ask_door("/my/")[0] == "418 I'm a teapot"


def test_who_is_turned_away_hears_when_to_come_back():
    status, headers, body, *_request = turn_away("/my/")

    assert (status, dict(headers)["Retry-After"], dict(headers)["Cache-Control"]) == (
        "503 Service Unavailable",
        "10",
        "no-store",
    )
    assert b"We cannot reach our records right now" in body
    assert dict(headers)["Content-Length"] == str(len(body))


def test_a_program_that_is_turned_away_gets_json():
    _status, headers, body, *_request = turn_away("/api/v1/holdings")

    assert (dict(headers)["Content-Type"], json.loads(body)) == (JSON, {"error": "Temporarily unavailable"})


@pytest.mark.django_db
def test_the_first_visitor_of_a_process_waits_for_the_first_look():
    page = make.make_page(is_default=True)
    say_page_changed(page)
    store = Published()
    store.watch = lambda: None

    assert ask(store, "/my/")[0] == "418 I'm a teapot"
    assert not store.edition.is_known
    assert ask(store, "/history")[0] == "200 OK"


@pytest.mark.django_db
def test_no_database_is_asked(django_assert_num_queries):
    store = publish(make.make_page(is_default=True))
    store.watch = lambda: None

    with django_assert_num_queries(0), connection.execute_wrapper(_refuse):
        status, _headers, _body = ask(store, "/history")

    assert status == "200 OK"


def _refuse(*_call):
    raise AssertionError("the public path asked the database")


@pytest.mark.django_db
def test_django_s_own_answer_carries_the_same_headers(client):
    store = publish(make.make_page(is_default=True))
    store.watch = lambda: None

    _status, headers, body = ask(store)
    response = client.get("/")

    assert response.content == body
    by_middleware = {"Content-Language": "en", "Vary": "Accept-Encoding, Accept-Language"}
    assert dict(response.headers) == headers | by_middleware


@pytest.mark.django_db
def test_no_header_is_missing_that_other_answers_carry(client):
    _status, headers, _body = ask(Store(**{"/": make_document(BODY)}))
    other = client.get("/no-such-page").headers

    named = {"Content-Security-Policy", "Permissions-Policy", "Referrer-Policy", "X-Content-Type-Options"}
    named |= {"Cross-Origin-Opener-Policy"}
    assert {name: headers[name] for name in named} == {name: other[name] for name in named}
