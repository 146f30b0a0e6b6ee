"""Every document of a page, whatever kinds there will be, for every kind of visitor and each visibility."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import resolve, reverse
from django.utils import timezone

from incidents.actions.access.readers import make_read_token, renew_link, revoke_read_token
from incidents.actions.publishing.catalogue import save_page
from incidents.actor import CLOCK
from incidents.addresses import secret_of
from incidents.links import sign_impact
from incidents.models import CustomerGroup, Logo, Page, ReadToken
from portal.publishing.access_log import Passed, _line_of_passed
from portal.publishing.store import Published
from portal.urls_public import FEEDS
from portal.views import status
from tests.incidents.admin.scene import make_staff
from tests.make import (
    make_component,
    make_customer,
    make_group,
    make_holding,
    make_impact,
    make_incident,
    make_membership,
    make_page,
    make_user,
)
from tests.portal.page_documents import add_update, publish
from tests.portal.publishing.test_sites import knock

pytestmark = pytest.mark.django_db

LOGO = b'<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><path d="M0 0h9"/></svg>'


def make_private(visibility: str, **fields) -> Page:
    """A page with something on it for every kind of document to tell, in two languages, with colours and a logo."""
    make_page(is_default=True, name="For all")
    page = make_page(slug="inner", name="Inner circle", visibility=visibility, languages=["de"], **fields)
    page.accent_light, page.logo_kind, page.logo_width, page.logo_height = "#1d3f72", "svg", 10, 10
    page.save()
    Logo.objects.create(page=page, content=LOGO)
    trains = make_component(page, group=make_group(page), name="Secret trains")
    add_update(make_incident(page, components=(trains,), name="Secret trouble"))
    return page


def addresses_of(store: Published, page: Page, *, for_people: bool) -> list[str]:
    """Of every document that the page has, those for people or those for programs."""
    specs = [spec for spec in store.edition.specs.values() if spec.profile.slug == page.slug]
    assert len(specs) > 20
    return [spec.path for spec in specs if (resolve(spec.path).func is status.document) == for_people]


def statuses(client: Client, paths: list[str], **headers: str) -> set[int]:
    return {client.get(path, headers=headers).status_code for path in paths}


def seat(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def people():
    """Cleo is signed in and nobody's, Ana acts for a customer of the group, Dara is on the staff, Noah has no role."""
    group, company = CustomerGroup.objects.create(name="Wholesale"), make_customer("Grand Hotel")
    group.customers.add(company)
    ana = make_user("Ana")
    make_membership(ana, company, role="viewer")
    staff = make_staff("Dara", "communicator")
    return {
        "group": group,
        "ana": ana,
        "cleo": make_user("Cleo"),
        "dara": staff,
        "noah": make_user("Noah", is_staff=True),
    }


READERS = {
    "signed_in": {"ana": 200, "cleo": 200, "dara": 200, "noah": 200},
    "groups": {"ana": 200, "cleo": 404, "dara": 200, "noah": 404},
}


@pytest.mark.parametrize("visibility", ["signed_in", "groups", "link"])
def test_no_document_passes_the_storm_door(tmp_path, visibility):
    page = make_private(visibility)
    store = publish(page)
    paths = [*addresses_of(store, page, for_people=True), *addresses_of(store, page, for_people=False)]

    assert [path for path in paths if knock(store, tmp_path, path) is not None] == []
    assert "Inner circle" not in str([document.plain.body for document in store.edition.public.values()])


@pytest.mark.parametrize("visibility", READERS)
@pytest.mark.parametrize("name", ["ana", "cleo", "dara", "noah"])
def test_every_document_opens_for_its_readers_only(people, visibility, name):
    page = make_private(visibility)
    page.customer_groups.add(people["group"])
    store = publish(page)
    paths = [*addresses_of(store, page, for_people=True), *addresses_of(store, page, for_people=False)]

    assert statuses(seat(people[name]), paths) == {READERS[visibility][name]}


@pytest.mark.parametrize("visibility", READERS)
def test_who_is_not_signed_in_may_sign_in_and_programs_find_nothing(client, visibility):
    page = make_private(visibility)
    store = publish(page)

    assert statuses(client, addresses_of(store, page, for_people=True)) == {302}
    assert statuses(client, addresses_of(store, page, for_people=False)) == {404}


@pytest.mark.parametrize("visibility", ["signed_in", "groups", "link"])
def test_no_answer_for_a_reader_may_be_kept_or_indexed_or_read_by_other_sites(people, visibility):
    page = make_private(visibility)
    page.customer_groups.add(people["group"])
    store = publish(page)
    paths = [*addresses_of(store, page, for_people=True), *addresses_of(store, page, for_people=False)]
    reader = seat(people["ana"])

    answers = [reader.get(path) for path in paths]

    assert {answer.headers["Cache-Control"] for answer in answers} == {"private, no-cache"}
    assert {answer.headers["X-Robots-Tag"] for answer in answers} == {"noindex, nofollow"}
    assert {answer.headers.get("Access-Control-Allow-Origin") for answer in answers} == {None}
    assert all({"Cookie", "Authorization"} <= set(answer.headers["Vary"].split(", ")) for answer in answers)


def test_to_a_stranger_it_is_as_if_there_were_no_such_page(people):
    publish(make_private("groups"))
    stranger = seat(people["cleo"])

    there = [stranger.get(path) for path in ("/p/inner/", "/p/inner/history.atom", "/p/inner/api/v2/summary.json")]
    not_there = [stranger.get(path) for path in ("/p/other/", "/p/other/history.atom", "/p/other/api/v2/summary.json")]

    assert [one.status_code for one in there] == [404] * 3
    assert [one.content for one in there] == [one.content for one in not_there]
    assert [sorted(one.headers) for one in there] == [sorted(one.headers) for one in not_there]


def test_who_stops_acting_for_a_customer_stops_reading_at_once(people):
    page = make_private("groups")
    page.customer_groups.add(people["group"])
    publish(page)
    reader = seat(people["ana"])
    before = reader.get("/p/inner/").status_code

    people["ana"].memberships.all().delete()

    assert (before, reader.get("/p/inner/").status_code) == (200, 404)


def test_deciding_takes_one_query(people, django_assert_num_queries):
    page = make_private("groups")
    page.customer_groups.add(people["group"])
    publish(page)
    reader = seat(people["ana"])

    with django_assert_num_queries(4):  # is there news, the session, the person, may they
        assert reader.get("/p/inner/").status_code == 200


@pytest.mark.parametrize("visibility", ["signed_in", "groups", "link"])
def test_a_page_that_stops_being_public_leaves_the_storm_door_at_the_next_look(tmp_path, visibility):
    page = make_private("public")
    store = publish(page)
    paths = [*addresses_of(store, page, for_people=True), *addresses_of(store, page, for_people=False)]
    before = [path for path in paths if knock(store, tmp_path, path) is None]
    group = CustomerGroup.objects.create(name="Wholesale")

    page.visibility = visibility
    save_page(page, by=CLOCK, customer_groups=[group])
    store.refresh()

    assert before == []
    assert [path for path in paths if knock(store, tmp_path, path) is not None] == []


# -- tokens -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("visibility", ["signed_in", "groups", "link"])
def test_a_token_opens_every_document_for_programs_and_no_page_for_people(client, visibility):
    page = make_private(visibility)
    _row, token = make_read_token(page, name="Calendar", by=CLOCK)
    store = publish(page)
    for_programs = addresses_of(store, page, for_people=False)
    for_people = addresses_of(store, page, for_people=True)

    assert statuses(client, for_programs, Authorization=f"Bearer {token}") == {200}
    assert statuses(client, [f"{path}?token={token}" for path in for_programs]) == {200}
    assert statuses(client, for_people, Authorization=f"Bearer {token}") == ({200} if visibility == "link" else {302})


def test_a_token_is_for_one_page(client):
    page = make_private("signed_in")
    other = make_page(slug="other", visibility="signed_in")
    _row, token = make_read_token(other, name="Calendar", by=CLOCK)
    publish(page)

    answer = client.get("/p/inner/history.atom", headers={"Authorization": f"Bearer {token}"})
    nothing = client.get("/p/nothing/history.atom", headers={"Authorization": f"Bearer {token}"})

    assert (answer.status_code, nothing.status_code) == (404, 404)
    assert answer.content == nothing.content


@pytest.mark.parametrize("path", ["/p/inner/history.atom", "/p/inner/api/v2/summary.json", "/p/nothing/badge.svg"])
def test_a_bad_token_is_told_so_whether_there_is_something_or_not(client, path):
    page = make_private("signed_in")
    publish(page)
    revoked, ended = make_read_token(page, name="Old", by=CLOCK)
    revoke_read_token(revoked, by=CLOCK)
    past = timezone.now() - timedelta(days=2)
    _row, expired = make_read_token(page, name="Past", by=CLOCK, expires_at=past + timedelta(days=1), now=past)

    answers = [client.get(path, {"token": bad}) for bad in (ended, expired, "mg_read_made-up", "else")]
    answers.append(client.get(path, headers={"Authorization": f"Bearer {ended}"}))

    assert {answer.status_code for answer in answers} == {401}
    assert {answer.headers["WWW-Authenticate"] for answer in answers} == {
        'Bearer realm="status", error="invalid_token"'
    }
    assert {answer.json()["error"] for answer in answers} == {"This read token is unknown, has expired or was revoked."}


def test_whoever_tries_many_tokens_is_told_to_wait_and_good_ones_still_open(client):
    page = make_private("signed_in")
    _row, token = make_read_token(page, name="Calendar", by=CLOCK)
    publish(page)

    tried = [client.get("/p/inner/badge.svg", {"token": f"mg_read_{number}"}).status_code for number in range(31)]

    assert (tried[-2], tried[-1]) == (401, 429)
    assert client.get("/p/inner/badge.svg", {"token": token}).status_code == 200


def test_its_use_is_noted_once_an_hour(client, django_assert_num_queries):
    page = make_private("signed_in")
    _row, token = make_read_token(page, name="Calendar", by=CLOCK)
    publish(page)
    client.get("/p/inner/badge.svg", {"token": token})
    first = ReadToken.objects.get().last_used_at

    with django_assert_num_queries(2):  # is there news, the token
        client.get("/p/inner/badge.svg", {"token": token})

    assert first is not None
    assert ReadToken.objects.get().last_used_at == first


def test_a_token_stands_in_no_document_and_no_log(client):
    page = make_private("signed_in")
    _row, token = make_read_token(page, name="Calendar", by=CLOCK)
    publish(page)

    body = client.get("/p/inner/history.atom", {"token": token}).content.decode()

    assert token not in body
    assert 'rel="self" type="application/atom+xml" href="http://127.0.0.1:8000/p/inner/history.atom"' in body
    assert _line_of_passed(Passed("GET", "/p/inner/history.atom", "200")) == '"GET /p/* HTTP/1.1" 200 0\n'
    assert token not in str(ReadToken.objects.values())


@pytest.mark.parametrize("path", ["i/{secret}/nothing", "s/{secret}/logo.png"])
def test_what_is_not_found_below_a_key_leaves_no_key_in_the_log(client, caplog, path):
    secret = secret_of(make_private("link"))

    assert client.get(f"/{path.format(secret=secret)}").status_code == 404
    assert secret not in caplog.text


@pytest.mark.parametrize("path", ["/p/inner/", "/p/inner/badge.svg", "/p/inner/api/v2/status.json", "/nothing"])
def test_no_cache_keeps_a_refusal_for_those_who_may_read(client, path):
    publish(make_private("signed_in"))

    assert client.get(path).headers["Cache-Control"] == "no-store"


def test_every_kind_of_feed_is_one_for_programs():
    """What has no page for people to sign in at answers 404."""
    assert {"brand\\.css", "history\\.atom", "maintenance\\.ics"} <= set(FEEDS)


# -- secret links -----------------------------------------------------------------------------------------------------


def test_a_renewed_link_closes_the_old_one_for_all_documents(client):
    page = make_private("link")
    store = publish(page)
    paths = [*addresses_of(store, page, for_people=True), *addresses_of(store, page, for_people=False)]
    old = secret_of(page)
    before = statuses(client, paths)

    renew_link(page, by=CLOCK)

    assert (before, statuses(client, paths)) == ({200}, {404})
    assert statuses(client, [path.replace(old, secret_of(page)) for path in paths]) == {200}


def test_the_name_of_a_private_page_heads_neither_sign_in_nor_errors(client):
    make_page(is_default=True, name="Inner circle", visibility="signed_in")
    publish(make_page(slug="other"))

    pages = [
        client.get("/account/login/?next=/", follow=True),
        client.get("/nothing-here"),
        client.get("/", follow=True),
    ]

    assert ["Inner circle" in page.content.decode() for page in pages] == [False] * 3


def test_no_list_of_pages_names_it(client):
    publish(make_page(slug="inner", name="Inner circle", visibility="signed_in"))

    assert "Inner circle" not in client.get("/").content.decode()


# -- what stands beside the documents ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/p/inner/history/search?q=trouble", "/p/inner/de/history/search?q=trouble"])
def test_searching_and_claiming_are_for_its_readers_only(people, client, path):
    page = make_private("groups")
    page.customer_groups.add(people["group"])
    publish(page)
    report = {"path": "/p/inner/claim/send", "headers": {"Sec-Fetch-Site": "same-origin"}}

    found = seat(people["ana"]).get(path)

    assert (found.status_code, "<mark>trouble</mark>" in found.content.decode()) == (200, True)
    assert "no" in found.headers["X-Robots-Tag"]
    assert [client.get(path).status_code, seat(people["cleo"]).get(path).status_code] == [302, 404]
    assert [client.post(**report).status_code, seat(people["cleo"]).post(**report).status_code] == [302, 404]


@pytest.mark.parametrize(("visibility", "is_linked"), [("public", True), ("signed_in", False), ("link", False)])
def test_a_customer_s_own_page_leads_to_the_incident_only_if_they_may_read_it(client, visibility, is_linked):
    page = make_page(visibility=visibility, is_default=True)
    impact = make_impact(make_incident(page, name="Secret trouble"), make_holding(make_customer("Ana")))

    shown = client.get(reverse("link_impact", args=[sign_impact(impact, may_choose=True)])).content.decode()

    assert "Secret trouble" in shown
    assert (f"incidents/{impact.incident.public_id}" in shown, secret_of(page) in shown) == (is_linked, False)


def test_a_member_s_own_page_never_holds_a_secret_link(people):
    page = make_page(visibility="link")
    customer = people["ana"].memberships.get().customer
    make_impact(make_incident(page, name="Secret trouble"), make_holding(customer))

    shown = seat(people["ana"]).get("/my/").content.decode()

    assert ("Secret trouble" in shown, secret_of(page) in shown) == (True, False)
