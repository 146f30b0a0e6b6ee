"""The frame, the generator and what is one's own, in a real browser."""

from contextlib import closing
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from tests.portal.browsers.test_site_script import Site
from tests.portal.host_pages import Shop, chromium, served, strict_visitor
from tests.portal.make_facts import make_component_facts, make_incident_facts, make_page_facts

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SENTENCE = "A large part does not work right now"


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


SUMMARY = '{"affected": 2, "kinds": {"order": 2}, "sentence": "2 of your orders are affected", "url": "/my/"}'


def sign_in(visitor, site, asked):
    """As far as a browser can tell; `asked` hears what is asked for."""
    visitor.context.add_cookies([{"name": "signed_in", "value": "1", "url": site.url}])
    visitor.route("**/my/summary.json*", lambda route: (asked.append(route.request.url), route.fulfill(body=SUMMARY)))


def test_on_our_own_site_it_says_what_of_one_s_own_is_affected(site, visitor, facts):
    site.show(facts)
    sign_in(visitor, site, asked := [])
    visitor.goto(f"{site.url}/embed/preview")
    widget = visitor.locator("main makegood-status")

    widget.evaluate("(one) => one.setAttribute('personal', '')")

    expect(widget.get_by_role("link", name="2 of your orders are affected")).to_have_attribute("href", "/my/")
    assert asked == [f"{site.url}/my/summary.json?language=en"]


def test_on_another_site_nothing_personal_is_asked_for(site, shop, visitor, facts):
    site.show(facts)
    sign_in(visitor, site, asked := [])
    visitor.context.add_cookies([{"name": "signed_in", "value": "1", "url": shop.url}])
    shop.show("personal")

    visitor.goto(shop.url)
    expect(visitor.get_by_role("status")).to_have_text(SENTENCE)

    assert asked == []


def test_the_public_page_says_it_too_and_only_to_those_who_are_signed_in(site, visitor, facts):
    site.show(facts)
    visitor.goto(site.url)
    expect(visitor.locator("[data-mine]")).to_be_hidden()
    sign_in(visitor, site, asked := [])

    visitor.goto(f"{site.url}/incidents/cut")

    expect(visitor.get_by_role("link", name="2 of your orders are affected")).to_be_visible()
    assert len(asked) == 1


def test_the_generator_writes_down_what_was_picked_and_shows_it(site, visitor, facts):
    site.show(facts)
    visitor.goto(f"{site.url}/embed/preview")

    visitor.get_by_role("group", name="What it is").get_by_label("List: components").check()
    visitor.get_by_text("Only some components").click()
    visitor.get_by_label("Web shop").check()
    visitor.get_by_label("Its colours").select_option("dark")

    expect(visitor.locator("[data-snippet=element]")).to_contain_text('mode="list" components="web" theme="dark"')
    expect(visitor.locator("[data-snippet=frame]")).to_contain_text("frame?mode=list&amp;components=web&amp;theme=dark")
    expect(visitor.locator("main makegood-status li.part")).to_have_text("Web shopPartial outage")
    expect(visitor.frame_locator("iframe").locator("li.part")).to_have_text("Web shopPartial outage")


def test_a_snippet_is_copied_and_that_is_said(site, visitor, facts):
    site.show(facts)
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.url)
    visitor.goto(f"{site.url}/embed/preview")

    visitor.get_by_role("button", name="Copy the element").press("Enter")

    expect(visitor.locator("[data-copy=element] + [role=status]")).to_have_text("Copied.")
    copied = visitor.evaluate("navigator.clipboard.readText()")
    assert copied == visitor.locator("[data-snippet=element]").inner_text()
    assert copied.startswith('<script type="module" src="')


def test_a_frame_is_shown_where_it_may_be_and_nowhere_else(site, shop, visitor, facts):
    frame = f'<iframe src="{site.url}/embed/frame?mode=list" title="Status" height="300"></iframe>'
    shop.policy = f"default-src 'none'; script-src 'self'; frame-src {site.url}"
    shop.page(frame)
    site.show(replace(facts, embed_origins=(shop.url,)))
    visitor.goto(shop.url)
    expect(visitor.frame_locator("iframe").get_by_role("status")).to_have_text(SENTENCE)

    visitor.frame_locator("iframe").get_by_role("link", name="Power cut").click()

    expect(visitor).to_have_url(f"{site.url}/incidents/cut")


def test_elsewhere_the_frame_stays_empty(site, shop, browser, facts):
    site.show(facts)
    shop.page(f'<iframe src="{site.url}/embed/frame" title="Status"></iframe>')
    shop.policy = ""
    with closing(browser.new_context()) as context:
        page = context.new_page()
        complaints = []
        page.on("console", lambda message: complaints.append(message.text))

        page.goto(shop.url)

        assert page.frame_locator("iframe").get_by_text("Northwind").count() == 0
        assert "frame-ancestors" in " ".join(complaints)


def test_without_script_frame_and_generator_say_what_they_can(site, browser, facts):
    site.show(facts)
    with closing(browser.new_context(java_script_enabled=False)) as context:
        page = context.new_page()

        page.goto(f"{site.url}/embed/frame")
        expect(page.get_by_role("link", name=f"{SENTENCE} · Northwind Energy")).to_be_visible()
        page.goto(f"{site.url}/embed/preview")
        expect(page.locator("[data-snippet=element]")).to_contain_text('<makegood-status page="')
        expect(page.get_by_role("button", name="Copy the element")).to_be_hidden()
