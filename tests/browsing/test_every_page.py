"""Every page that people meet, before axe: in light and dark, at three widths, in every language, in every state."""

import re
from collections.abc import Iterator

import pytest
from django.urls import URLPattern, get_resolver, resolve
from playwright.sync_api import Browser

from tests.browsing.judging import EVERY_WAY, TWO_WAYS, Judge
from tests.browsing.serving import DOMAINS, chromium
from tests.browsing.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OPEN, INNER = f"//open.{DOMAINS}", f"//inner.{DOMAINS}"
FOREIGN = re.compile(r"^/(?:p/states/en/|(?:de|fr|es)/)")
# Addresses below which no page of ours stands: the desk has a test of its own, these answer with a redirect, to a
# form, or to programs only.
NO_PAGES = re.compile(
    r"^\^?(?:admin/|account/|dev/|oembed$|p/<slug:slug>$)|api/v2|claim/send\$$|embed/\("
    r"|(?:^|/)language/$|\(\?P<rest>|\.(?:atom|rss|ics|svg|json|css|\(.*)\$?$"
)
ROOTS = re.compile(r"^\^?(?:(?:p/\(\?P<slug>[^)]*\)|s/\(\?P<secret>[^)]*\)|\(\?P<language>[^)]*\))/)*\^?")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched


@pytest.fixture
def judge(stage: Stage, browser: Browser) -> Iterator[Judge]:
    context = browser.new_context(reduced_motion="reduce")
    yield Judge(context.new_page(), stage.site)
    context.close()


def sign_in(judge: Judge, stage: Stage, name: str, at: str = "/") -> None:
    """On one site: each domain has cookies of its own."""
    cookie = {"name": "sessionid", "value": stage.sessions[name], "url": judge.whole(at)}
    judge.window.context.add_cookies([cookie])


@pytest.mark.parametrize("quarter", range(4))
def test_every_published_page(stage: Stage, judge: Judge, quarter: int) -> None:
    sign_in(judge, stage, "cleo")  # one page is for those who are signed in

    for address in stage.public[quarter::4]:
        ways = TWO_WAYS if FOREIGN.match(address) else EVERY_WAY
        judge.visit(address, ways, is_part=address.endswith("/embed/frame"))

    assert not judge.found, judge.report()
    assert len(stage.public) > 60


def test_every_page_on_a_domain_of_its_own(stage: Stage, judge: Judge) -> None:
    """One is for everybody, one for those who signed in there."""
    sign_in(judge, stage, "cleo", at=f"{INNER}/")

    for address in stage.domains:
        ways = EVERY_WAY if address in {f"{OPEN}/", f"{INNER}/"} else TWO_WAYS
        judge.visit(address, ways, is_part=address.endswith("/embed/frame"))

    assert not judge.found, judge.report()
    assert {f"{OPEN}/", f"{OPEN}/ar/", f"{INNER}/", f"{INNER}/ar/history"} <= set(stage.domains)


def test_what_stands_beside_them_on_their_domains(stage: Stage, judge: Judge) -> None:
    for address in ("/subscribe", "/account/login/code/", "/history/search?q=power"):
        judge.visit(f"{OPEN}{address}", TWO_WAYS)
    judge.visit(f"{OPEN}/nowhere", TWO_WAYS, status=404)
    judge.visit(f"{INNER}/", TWO_WAYS)  # asks to sign in
    asked = judge.window.url
    sign_in(judge, stage, "cleo", at=f"{INNER}/")
    judge.visit(f"{INNER}/history/search?q=power", TWO_WAYS)
    judge.visit(f"{INNER}/my/", TWO_WAYS)

    assert not judge.found, judge.report()
    assert asked.startswith(judge.whole(f"{INNER}/account/login/code/"))


def test_a_reader_s_old_address_leads_to_the_domain(stage: Stage, judge: Judge) -> None:
    sign_in(judge, stage, "cleo")
    sign_in(judge, stage, "cleo", at=f"{INNER}/")

    judge.visit("/p/inner/history", TWO_WAYS)

    assert judge.window.url == judge.whole(f"{INNER}/history")
    assert not judge.found, judge.report()


def test_pages_that_ask_and_pages_that_refuse(stage: Stage, judge: Judge) -> None:
    for address in stage.open:
        judge.visit(address)
    judge.visit("/subscribe/confirm/forged/", status=404)
    judge.visit("/unsubscribe/forged/", status=404)
    judge.visit("/i/forged/", status=404)
    judge.visit("/nowhere", status=404)

    assert not judge.found, judge.report()


def test_every_page_that_a_link_in_a_mail_opens(stage: Stage, judge: Judge) -> None:
    for address in stage.links:
        judge.visit(address)

    assert not judge.found, judge.report()


def test_every_page_of_those_who_signed_in(stage: Stage, judge: Judge) -> None:
    sign_in(judge, stage, "ana")
    for address in stage.ana:
        judge.visit(address)
    sign_in(judge, stage, "cleo")
    judge.visit("/my/")
    judge.visit("/account/logout/")

    assert not judge.found, judge.report()


def test_forms_that_were_sent_with_mistakes(stage: Stage, judge: Judge) -> None:
    asked = next(address for address in stage.links if address.endswith("/check-in/"))
    unrated = next(address for address in stage.links if address.endswith("/rate/"))

    for address in ("/subscribe", "/account/login/code/", asked, unrated):
        judge.window.goto(stage.site + address)
        judge.window.evaluate("document.querySelector('main form').noValidate = true")
        judge.window.locator("main form button").first.click()
        judge.window.locator("[data-summary]").wait_for()
        judge.look()

    assert not judge.found, judge.report()


def test_no_page_was_forgotten(stage: Stage) -> None:
    """Every address that Django knows for people was visited; a new page has to be added above or to the scene."""
    visited = [*stage.public, *stage.links, *stage.ana, *stage.open]
    met = {kind(resolve(address.partition("?")[0]).route) for address in visited}

    assert sorted({kind(route) for route in routes() if not NO_PAGES.search(route)} - met) == []


def kind(route: str) -> str:
    """The same page stands below several roots, and an impact behind two doors."""
    return ROOTS.sub("", route.replace("my/impacts/<slug:public_id>/", "i/<str:token>/")).rstrip("$")


def routes() -> Iterator[str]:
    def below(patterns, root: str) -> Iterator[str]:
        for one in patterns:
            route = root + str(one.pattern)
            yield from [route] if isinstance(one, URLPattern) else below(one.url_patterns, route)

    return below(get_resolver().url_patterns, "")
