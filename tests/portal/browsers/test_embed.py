"""The widget in a real browser, on a page of another origin that forbids everything but what the manual says."""

from dataclasses import replace
from functools import partial
from wsgiref.simple_server import make_server

import pytest
from playwright.sync_api import expect

from portal.facts.profile import PageLanguage
from tests.portal.browsers.test_site_script import Quiet, Site, Threaded
from tests.portal.host_pages import Host, Shop, chromium, served, strict_visitor
from tests.portal.make_facts import (
    NOON,
    NORTHWIND,
    make_component_facts,
    make_incident_facts,
    make_maintenance,
    make_page_facts,
)
from tests.portal.rendered import text_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# A style sheet that means no good.
HOSTILE = """* { display: none !important; all: unset !important; color: red !important; font-size: 60px !important }
main, h1, html, body { display: block !important } head, script { display: none !important }"""
# Not before it is there: a page that was reloaded may be asked while it is still empty.
ASLEEP = "document.querySelector('makegood-status')?.shadowRoot?.querySelector('.box')?.hidden"


@pytest.fixture
def site():
    site = Site()
    with served(site.server):
        yield site


@pytest.fixture
def shop(site):
    shop = Shop(site)
    with served(shop.server):
        yield shop


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def visitor(browser):
    with strict_visitor(browser) as page:
        yield page


@pytest.fixture
def facts():
    """Web is half down; its incident began two hours ago."""
    web = make_component_facts("partial_outage", public_id="web", name="Web shop")
    mail = make_component_facts(public_id="mail", name="Mail")
    incident = make_incident_facts(public_id="cut", name="Power cut", impact="major", affected=())
    return make_page_facts(components=(web, mail), incidents=(incident,))


FINE = make_page_facts(
    components=(
        make_component_facts(public_id="web", name="Web shop"),
        make_component_facts(public_id="mail", name="Mail"),
    )
)


def words(visitor):
    return " ".join(visitor.locator("makegood-status .box").inner_text().split())


SENTENCE = "A large part does not work right now"
AWAY = "We cannot get newer news right now."


def test_a_banner_says_what_is_wrong_since_when_and_where_to_read_on(site, shop, visitor, facts):
    site.show(facts)
    shop.show()

    visitor.goto(shop.url)

    expect(visitor.get_by_role("status")).to_have_text(SENTENCE)
    assert words(visitor) == f"{SENTENCE} Power cut Investigating · began 2 hours ago"
    expect(visitor.get_by_role("region", name="Service status of Northwind Energy")).to_be_visible()
    expect(visitor.get_by_role("link", name="Power cut")).to_have_attribute("href", f"{site.url}/incidents/cut")


@pytest.mark.parametrize(("hours", "is_there"), [(20, True), (30, False)])
def test_a_banner_is_there_only_when_something_is_wrong_or_soon(site, shop, visitor, hours, is_there):
    site.show(replace(FINE, incidents=(make_maintenance(hours, 40, name="New pump"),)))
    shop.show()

    with visitor.expect_response("**/embed/summary.json"):
        visitor.goto(shop.url)

    expect(visitor.locator("makegood-status .box")).to_be_visible(visible=is_there)
    if is_there:
        assert words(visitor) == "Planned work ahead New pump Scheduled · begins in 20 hours"


def test_a_pill_is_always_there_and_replaces_what_stood_in_it(site, shop, visitor):
    site.show(FINE)
    shop.show('mode="pill"', '<a href="https://status.example.org">Our status</a>')

    visitor.goto(shop.url)

    expect(visitor.get_by_role("link", name="Everything works")).to_have_attribute("href", f"{site.url}/")
    expect(visitor.get_by_role("link", name="Our status")).to_be_hidden()
    expect(visitor.get_by_role("button")).to_be_hidden()


def test_a_list_names_components_with_their_states(site, shop, visitor, facts):
    site.show(facts)
    shop.show('mode="list"')

    visitor.goto(shop.url)

    expect(visitor.locator("li.part")).to_have_text(["Web shopPartial outage", "MailOperational"])


def test_only_the_components_that_were_asked_for_matter(site, shop, visitor, facts):
    site.show(facts)
    shop.show('components="mail" mode="pill"', body='<makegood-status components="web" mode="pill"></makegood-status>')

    visitor.goto(shop.url)

    expect(visitor.get_by_role("status")).to_have_text(["Operational", "Partial outage"])


def test_news_arrives_and_a_change_of_attributes_is_heard(site, shop, visitor, facts):
    site.show(FINE)
    shop.show('mode="pill"')
    visitor.goto(shop.url)
    expect(visitor.get_by_role("status")).to_have_text("Everything works")

    site.show(facts)
    visitor.clock.fast_forward(75_000)
    expect(visitor.get_by_role("status")).to_have_text(SENTENCE)
    visitor.evaluate("document.querySelector('makegood-status').setAttribute('components', 'web')")

    expect(visitor.get_by_role("status")).to_have_text("Partial outage")


def test_the_last_known_state_stays_with_its_age_while_the_server_is_away(site, shop, visitor, facts):
    site.show(facts)
    shop.show()
    visitor.goto(shop.url)
    expect(visitor.get_by_role("status")).to_have_text(SENTENCE)

    port = site.server.server_port
    site.server.shutdown()
    site.server.server_close()
    for _ in range(2):
        with visitor.expect_event("requestfailed"):
            visitor.clock.fast_forward(300_000)
    expect(visitor.get_by_text(AWAY)).to_have_text(f"As of 10 minutes ago. {AWAY}")
    visitor.reload()
    expect(visitor.get_by_text(AWAY)).to_have_text(f"As of 10 minutes ago. {AWAY}")
    expect(visitor.get_by_role("status")).to_have_text(SENTENCE)

    site.show(FINE)
    with served(make_server("127.0.0.1", port, site.answer, Threaded, Quiet)):
        visitor.clock.fast_forward(400_000)
        expect(visitor.locator("makegood-status .box")).to_be_hidden()
        expect(visitor.get_by_text(AWAY)).to_be_hidden()


def test_it_says_how_old_the_state_is_when_we_cannot_reach_our_own_records(site, shop, visitor, facts):
    site.show(facts)
    old = text_of(facts, "/embed/summary.json").replace('"as_of":null', '"as_of":"2026-11-22T11:00:00Z"')
    answer = {"body": old, "headers": {"Access-Control-Allow-Origin": "*"}}
    visitor.route("**/embed/summary.json", lambda route: route.fulfill(**answer))
    shop.show()

    visitor.goto(shop.url)

    expect(visitor.get_by_text(AWAY)).to_have_text(f"As of 1 hour ago. {AWAY}")


def test_where_nothing_was_ever_known_what_stood_there_stays(site, shop, visitor):
    site.show(FINE)
    visitor.route("**/summary.json", lambda route: route.abort("connectionrefused"))
    shop.show('mode="pill"', '<a href="https://status.example.org">Our status</a>')

    visitor.goto(shop.url)

    expect(visitor.get_by_role("link", name="Our status")).to_be_visible()


def test_it_can_be_dismissed_by_keyboard_until_the_state_changes(site, shop, visitor, facts):
    site.show(facts)
    shop.show()
    visitor.goto(shop.url)
    visitor.get_by_role("link", name=SENTENCE).focus()

    visitor.keyboard.press("Escape")
    expect(visitor.get_by_role("region")).to_be_hidden()
    visitor.reload()
    visitor.wait_for_function(ASLEEP)
    visitor.clock.fast_forward(20_000)
    expect(visitor.get_by_role("region")).to_be_hidden()

    worse = make_incident_facts(public_id="flood", name="Flood", impact="critical")
    site.show(replace(facts, incidents=(worse, *facts.incidents)))
    visitor.clock.fast_forward(20_000)
    expect(visitor.get_by_role("status")).to_have_text("Nothing works right now")
    visitor.get_by_role("button", name="Dismiss").press("Enter")
    expect(visitor.get_by_role("region")).to_be_hidden()


def test_nothing_is_said_again_and_the_focus_stays_while_nothing_changes(site, shop, visitor, facts):
    site.show(facts)
    shop.show()
    visitor.goto(shop.url)
    visitor.get_by_role("link", name="Power cut").focus()
    shadow = "document.querySelector('makegood-status').shadowRoot"
    visitor.evaluate(
        f"new MutationObserver((all) => {{ window.said = all.length }})"
        f".observe({shadow}.querySelector('[role=status]'), {{ childList: true, subtree: true, characterData: true }})"
    )

    visitor.clock.fast_forward(60_000)
    site.show(replace(facts, updated_at=NOON))
    visitor.clock.fast_forward(60_000)

    assert visitor.evaluate("window.said") is None
    assert visitor.evaluate(f"{shadow}.activeElement.textContent") == "Power cut"


def test_a_hostile_style_does_not_reach_it_and_nothing_of_its_own_leaks(site, shop, visitor, facts):
    site.show(facts)
    shop.policy += "; style-src 'self'"
    shop.files["/hostile.css"] = ("text/css", HOSTILE)
    shop.show(profile='<link rel="stylesheet" href="/hostile.css">')
    visitor.goto(shop.url)

    expect(visitor.get_by_role("status")).to_be_visible()

    assert visitor.locator(".say a").evaluate("(one) => getComputedStyle(one).fontSize") == "16px"
    assert visitor.locator(".box").evaluate("(one) => getComputedStyle(one).color") == "rgb(29, 33, 38)"
    assert visitor.evaluate("document.adoptedStyleSheets.length + document.querySelectorAll('style').length") == 0
    assert visitor.evaluate("document.cookie") == ""
    assert visitor.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(255, 0, 0)"


def test_two_copies_of_the_script_and_a_removed_element_do_no_harm(site, shop, visitor, facts):
    site.show(facts)
    again = f'<script type="module" src="{site.url}/embed/status.js?again"></script>'
    shop.show('mode="pill"', profile=again)
    visitor.goto(shop.url)
    expect(visitor.get_by_role("status")).to_have_text(SENTENCE)
    asked = []
    visitor.on("request", lambda request: asked.append(request.url))

    visitor.evaluate("document.querySelector('makegood-status').remove()")
    visitor.clock.fast_forward(200_000)

    assert asked == []


def test_it_works_where_the_browser_keeps_nothing(site, shop, visitor, facts):
    site.show(facts)
    shop.show()
    visitor.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('closed'); } })"
    )

    visitor.goto(shop.url)
    visitor.get_by_role("button", name="Dismiss").click()

    expect(visitor.get_by_role("region")).to_be_hidden()


def test_it_speaks_the_language_of_its_page(site, shop, visitor, facts):
    languages = (PageLanguage("en", "English", "/"), PageLanguage("de", "Deutsch", "/de/"))
    site.show(replace(facts, profile=replace(NORTHWIND, languages=languages)))
    shop.show('locale="de-AT" mode="pill"')

    visitor.goto(shop.url)

    expect(visitor.locator(".box")).to_have_attribute("lang", "de")
    expect(visitor.get_by_role("status").get_by_role("link")).to_have_attribute("href", f"{site.url}/de/")


def lead_on(site, environ, start_response):
    there = site.url + environ["PATH_INFO"].removeprefix("/p/old")
    start_response("301 Moved Permanently", [("Location", there), ("Access-Control-Allow-Origin", "*")])
    return []


def test_it_follows_a_page_that_has_moved_and_speaks_its_language_there(site, shop, visitor, facts):
    """Relative addresses in what it reads are the new place's, never those of another page at the old one."""
    languages = (PageLanguage("en", "English", "/"), PageLanguage("de", "Deutsch", "/de/"))
    site.show(replace(facts, profile=replace(NORTHWIND, languages=languages)))
    moved = Host()
    moved.server.set_app(partial(lead_on, site))
    with served(moved.server):
        shop.policy = shop.policy.replace("connect-src", f"connect-src {moved.url}")
        shop.show(f'page="{moved.url}/p/old/" locale="de" mode="list"')

        visitor.goto(shop.url)

        expect(visitor.locator(".box")).to_have_attribute("lang", "de")
        expect(visitor.get_by_role("status").get_by_role("link")).to_have_attribute("href", f"{site.url}/de/")
        expect(visitor.get_by_role("listitem").filter(has_text="Mail")).to_be_visible()
