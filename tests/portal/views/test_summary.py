"""What of one's own is touched: for those who are signed in, on our own pages, and for nobody else."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.http import HttpResponse
from django.utils import timezone, translation

from config.middleware import SignedInMiddleware
from incidents.models import Holding, Impact, Incident
from portal.personal.affected_counts import count_touched, in_words
from tests.incidents.choosing import make_choosing_scene
from tests.make import make_customer, make_holding, make_impact, make_incident, make_membership
from tests.portal.personal.test_sign_in import sign_in
from tests.portal.visiting import browser, press

pytestmark = pytest.mark.django_db

ADDRESS = "/my/summary.json"
HOUR = timedelta(hours=1)
LATER = timezone.now() + timedelta(days=1)


@pytest.fixture
def it():
    return make_choosing_scene()


def hit(it, kind, number=1, **fields):
    """More things of Ana's that the incident touches."""
    return [
        make_impact(it.incident, make_holding(it.impact.customer, kind=kind, label="Thing"), **fields)
        for _ in range(number)
    ]


def test_it_counts_what_is_mine_and_does_not_work(it):
    hit(it, "order", 2)
    hit(it, "order", 1, state="restored")
    hit(it, "order", 1, state="withdrawn")
    hit(it, "parcel", 1, state="reopened")

    assert count_touched(it.ana) == {"order": 3, "parcel": 1}
    assert count_touched(it.ben) == {"order": 1}


def test_planned_work_ahead_and_drafts_touch_nothing_yet(it):
    window = {"scheduled_for": LATER, "scheduled_until": LATER + HOUR}
    ahead = make_incident(it.page, kind="maintenance", impact="maintenance", status="scheduled", **window)
    for incident in (ahead, make_incident(it.page, published_at=None)):
        make_impact(incident, make_holding(it.impact.customer, kind="parcel", label="Parcel"))

    assert count_touched(it.ana) == {"order": 1}


def test_what_two_incidents_touch_counts_once(it):
    make_impact(make_incident(it.page), it.impact.holding)

    assert sum(count_touched(it.ana).values()) == 1


def test_it_takes_one_query_however_much_is_touched(it, django_assert_num_queries):
    hit(it, "order", 5)
    second = make_customer("Ana's firm")
    make_membership(it.ana, second)

    with django_assert_num_queries(1):
        count_touched(it.ana)


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({}, ""),
        ({"order": 1}, "One of your orders is affected"),
        ({"order": 2}, "2 of your orders are affected"),
        ({"booking": 3}, "3 of your bookings are affected"),
        ({"other": 1}, "One of your things is affected"),
        ({"order": 2, "parcel": 1}, "3 of your things are affected"),
    ],
)
def test_it_is_said_in_words(counts, words):
    assert in_words(counts) == words


def test_every_kind_of_thing_has_its_words():
    sentences = {in_words({kind: 2}) for kind in Holding.Kind.values}

    assert len(sentences) == len(Holding.Kind.values)


def test_those_who_are_signed_in_hear_how_many_and_where(it):
    hit(it, "order")

    assert browser(it.ana).get(ADDRESS).json() == {
        "affected": 2,
        "kinds": {"order": 2},
        "sentence": "2 of your orders are affected",
        "url": "/my/",
    }


def test_it_speaks_the_language_of_the_page_that_asks(it):
    with translation.override("de"):
        german = in_words(count_touched(it.ana))

    assert browser(it.ana).get(f"{ADDRESS}?language=de").json()["sentence"] == german
    assert browser(it.ana).get(f"{ADDRESS}?language=../x").status_code == 200


def test_when_nothing_is_touched_nothing_is_said(it):
    Incident.objects.update(status="resolved", resolved_at=it.incident.started_at)
    Impact.objects.update(state="confirmed", restored_at=it.incident.started_at, confirmed_at=it.incident.started_at)

    assert browser(it.ana).get(ADDRESS).json() == {"affected": 0, "kinds": {}, "sentence": "", "url": "/my/"}


def test_strangers_get_nothing_and_no_cache_may_keep_it(it):
    for client, status in ((browser(), 204), (browser(it.ana), 200)):
        response = client.get(ADDRESS)
        assert response.status_code == status
        assert response["Cache-Control"] == "private, no-store"
        assert "Cookie" in response["Vary"]
        assert response["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "Access-Control-Allow-Origin" not in response
        assert "noindex" in response["X-Robots-Tag"]


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_page_of_another_origin_gets_nothing(it, site):
    response = browser(it.ana).get(ADDRESS, headers={"Sec-Fetch-Site": site})

    assert (response.status_code, response.content) == (403, b"")


# -- the cookie that says that somebody is signed in ------------------------------------------------------------------


def test_signing_in_leaves_a_mark_for_scripts_and_signing_out_takes_it_away():
    make_customer("Ana", email="ana@example.org")
    client = sign_in("ana@example.org")

    mark, session = client.cookies["signed_in"], client.cookies["sessionid"]
    assert (mark.value, mark["httponly"], mark["samesite"]) == ("1", "", "Lax")
    assert abs(int(mark["max-age"]) - int(session["max-age"])) <= 1

    client.get("/account/logout/")
    press(client, "/account/logout/")
    assert client.cookies["signed_in"].value == ""


def test_a_mark_without_a_session_is_taken_away_when_it_is_found_out(it):
    client = browser()
    client.cookies["signed_in"] = "1"

    client.get(ADDRESS)

    assert client.cookies["signed_in"].value == ""


def test_strangers_get_no_mark():
    client = browser()

    client.get("/account/login/code/")

    assert "signed_in" not in client.cookies


def test_without_a_database_the_answer_goes_out_as_it_is(it, monkeypatch):
    request = browser(it.ana).get("/my/").wsgi_request

    def refuse(*_all):
        raise OperationalError("no connection")

    monkeypatch.setattr(SignedInMiddleware, "_tell", refuse)

    assert SignedInMiddleware(lambda request: HttpResponse("as it is"))(request).content == b"as it is"
