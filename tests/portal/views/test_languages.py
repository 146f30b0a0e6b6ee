"""Which language a page is in: public ones by their address, all others by account, then cookie, then browser."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from incidents.models import Event, Page, User
from notifications.models import Channel
from tests.incidents.outage import Company, make_company, publish
from tests.make import make_membership, make_user
from tests.portal.page_documents import publish as publish_page
from tests.portal.page_documents import text_at

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _language() -> Iterator[None]:
    """Requests leave their language behind in the thread."""
    with translation.override("en"):
        yield


def ana(it: Company, **fields: str) -> tuple[User, Client]:
    user = make_user("Ana Reader", **fields)
    make_membership(user, it.ticket.customer)
    client = Client()
    client.force_login(user)
    return user, client


def language_of(html: bytes) -> str:
    return html.decode().partition('<html lang="')[2].partition('"')[0]


def make_page_in_three() -> Company:
    return make_company(slug="main", is_default=True, languages=["de", "ar"])


# -- public documents -------------------------------------------------------------------------------------------------


def test_every_public_document_links_to_itself_in_the_other_languages() -> None:
    it = make_page_in_three()
    incident = publish(it)
    store = publish_page(it.page)

    german = text_at(store, f"/de/incidents/{incident.public_id}")

    for code, name, root in [("en", "English", "/"), ("de", "Deutsch", "/de/"), ("ar", "العربيّة", "/ar/")]:
        current = ' aria-current="true"' if code == "de" else ""
        address = f"{root}incidents/{incident.public_id}"
        assert f'<a href="{address}" lang="{code}" hreflang="{code}"{current}>{name}</a>' in german
        assert f'<link rel="alternate" hreflang="{code}" href="{settings.BASE_URL}{address}">' in german
    assert f'hreflang="x-default" href="{settings.BASE_URL}/incidents/{incident.public_id}">' in german


def test_every_link_to_another_language_leads_somewhere() -> None:
    it = make_page_in_three()
    publish(it)
    store = publish_page(it.page)

    pages = [path for path in store.render_everything() if not path.startswith(("/de/", "/ar/"))]
    people = [path for path in pages if "hreflang=" in text_at(store, path)]

    assert "/" in people
    assert [path for path in people if store.find(f"/de{path}") is None or store.find(f"/ar{path}") is None] == []


def test_a_page_in_one_language_has_no_switch() -> None:
    it = make_company(slug="main", is_default=True)

    assert "hreflang" not in text_at(publish_page(it.page), "/")


@pytest.mark.parametrize("headers", [{"Accept-Language": "de"}, {"Cookie": "django_language=de"}])
def test_neither_cookie_nor_browser_changes_a_public_document(headers: dict[str, str]) -> None:
    it = make_page_in_three()
    publish_page(it.page)
    _user, client = ana(it, language="de")

    plain, other = Client().get("/"), client.get("/", headers=headers)

    assert language_of(other.content) == "en"
    assert (other.content, other.headers["ETag"]) == (plain.content, plain.headers["ETag"])
    assert other.headers["Vary"] == plain.headers["Vary"]


# -- all others -------------------------------------------------------------------------------------------------------


def test_the_account_counts_before_the_cookie_and_the_cookie_before_the_browser() -> None:
    it = make_company()
    _user, german = ana(it, language="de")
    french = {"Accept-Language": "fr", "Cookie": "django_language=es"}

    mine = german.get("/my/", headers={"Accept-Language": "fr"})
    by_cookie = Client().get("/account/login/code/", headers=french)
    by_browser = Client().get("/account/login/code/", headers={"Accept-Language": "ar"})

    assert [language_of(one.content) for one in (mine, by_cookie, by_browser)] == ["de", "es", "ar"]
    assert 'dir="rtl"' in by_browser.content.decode()


def test_choosing_a_language_is_remembered_on_the_device_and_in_the_account() -> None:
    it = make_company()
    user, client = ana(it)

    response = client.post("/language/", {"language": "ar", "next": "/my/?all"})

    user.refresh_from_db()
    assert (response.headers["Location"], user.language) == ("/my/?all=", "ar")
    cookie = response.cookies["django_language"]
    assert (cookie.value, cookie["httponly"], cookie["samesite"]) == ("ar", True, "Lax")
    assert language_of(client.get("/my/").content) == "ar"
    assert Event.objects.get(kind="person.changed").data == {"user": user.pk, "fields": ["language"]}


def test_choosing_it_again_records_nothing() -> None:
    _user, client = ana(make_company(), language="de")

    client.post("/language/", {"language": "de"})

    assert not Event.objects.filter(kind="person.changed").exists()


def test_a_stranger_s_choice_stays_on_their_device() -> None:
    make_company()
    client = Client()

    client.post("/language/", {"language": "fr", "next": "/account/login/code/"})

    assert language_of(client.get("/account/login/code/").content) == "fr"


@pytest.mark.parametrize("language", ["", "xx", "../de"])
def test_a_language_that_we_do_not_speak_changes_nothing(language: str) -> None:
    user, client = ana(make_company())

    response = client.post("/language/", {"language": language, "next": "/my/"})

    user.refresh_from_db()
    assert (response.headers["Location"], user.language, "django_language" in response.cookies) == ("/my/", "", False)


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
def test_nobody_is_sent_away(address: str) -> None:
    make_company()

    assert Client().post("/language/", {"language": "de", "next": address}).headers["Location"] == "/"


def test_looking_changes_nothing() -> None:
    _user, client = ana(make_company())

    response = client.get("/language/", {"language": "de"})

    assert (response.status_code, "django_language" in response.cookies) == (405, False)


def test_a_forged_form_changes_nothing() -> None:
    user, _client = ana(make_company())
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)

    response = client.post("/language/", {"language": "de"})

    user.refresh_from_db()
    assert (response.status_code, user.language) == (403, "")


def test_every_other_page_offers_all_languages_by_their_own_names() -> None:
    _user, client = ana(make_company(slug="main", is_default=True))

    pages = [client.get("/my/"), Client().get("/account/login/code/"), Client().get("/subscribe")]

    for html in (page.content.decode() for page in pages):
        assert '<button name="language" value="de" lang="de">Deutsch</button>' in html
        assert '<button name="language" value="en" lang="en" aria-current="true">English</button>' in html
    assert Page.objects.count() == 1


def test_a_page_in_german_leads_to_subscribing_in_german_without_remembering_it() -> None:
    it = make_page_in_three()
    german = text_at(publish_page(it.page), "/de/")
    client = Client()

    page = client.get("/subscribe?in=de")
    thanks = client.post("/subscribe?in=de", {"email": "reader@example.org"}, follow=True)

    assert 'href="/subscribe?in=de"' in german
    assert [language_of(page.content), language_of(thanks.content)] == ["de", "de"]
    assert Channel.objects.get().language == "de"
    assert language_of(client.get("/subscribe").content) == "en"


def test_choosing_another_language_there_ends_the_asked_one() -> None:
    make_page_in_three()

    response = Client().post("/language/", {"language": "fr", "next": "/subscribe?page=main&in=de"})

    assert response.headers["Location"] == "/subscribe?page=main"


# -- addresses that have no language ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "there"),
    [
        ("/de/subscribe", "/subscribe?in=de"),
        ("/de/subscribe?page=main&in=ar", "/subscribe?page=main&in=de"),
        ("/ar/my/", "/my/?in=ar"),
        ("/de/my", "/my/?in=de"),
        ("/fr/account/login/code/?next=/my/", "/account/login/code/?next=%2Fmy%2F&in=fr"),
        (f"/s/{'0' * 32}/de/subscribe", f"/s/{'0' * 32}/subscribe?in=de"),
    ],
)
def test_what_is_somebody_s_own_is_found_from_below_a_language(client: Client, asked: str, there: str) -> None:
    publish_page(make_page_in_three().page)

    answer = client.get(asked)

    assert (answer.status_code, answer["Location"]) == (302, there)


def test_it_is_then_in_that_language(client: Client) -> None:
    publish_page(make_page_in_three().page)

    assert language_of(client.get("/de/subscribe", follow=True, headers={"Accept-Language": "fr"}).content) == "de"


@pytest.mark.parametrize("path", ["/de/my/nothing", "/de/mystery", "/de/admin/", "/de/subscribers", "/it/my/"])
def test_nothing_else_is(client: Client, path: str) -> None:
    publish_page(make_page_in_three().page)

    assert client.get(path).status_code == 404


@pytest.mark.parametrize("root", ["/de/", "/p/main/de/", "/p/none/ar/", f"/s/{'0' * 32}/de/"])
@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_the_api_in_a_language_is_missing_in_json(root: str, method: str) -> None:
    publish_page(make_page_in_three().page)

    answer = getattr(Client(enforce_csrf_checks=True), method)(f"{root}api/v2/summary.json")

    assert (answer.status_code, answer["Content-Type"]) == (404, "application/json; charset=utf-8")
    assert answer.json() == {"error": "Not found"}
    assert answer["Access-Control-Allow-Origin"] == "*"
