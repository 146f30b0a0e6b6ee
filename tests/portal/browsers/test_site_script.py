"""The script in a real browser: it localises times, refreshes without a reload, and nothing depends on it."""

import threading
from dataclasses import replace
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.wsgi import get_wsgi_application
from playwright.sync_api import expect, sync_playwright

from portal.publishing.front import PublicFront
from portal.publishing.store import Published
from tests.conftest import CHROMIUM
from tests.portal.make_facts import (
    NOON,
    at,
    make_component_facts,
    make_estimate_facts,
    make_group,
    make_incident_facts,
    make_page_facts,
    make_update_facts,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


class Quiet(WSGIRequestHandler):
    def log_message(self, *_message):
        pass


class Threaded(ThreadingMixIn, WSGIServer):
    """Browsers open connections that they may never use: one of them must not keep the others waiting."""

    daemon_threads = True


class Site:
    """A page served without a database: what `show` prints is what visitors get."""

    def __init__(self):
        self.store = Published()
        self.store.watch = lambda: None
        self.server = make_server("127.0.0.1", 0, self.answer, Threaded, Quiet)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self._door = PublicFront(StaticFilesHandler(get_wsgi_application()), self.store)
        self._editions = 0

    def answer(self, environ, start_response):
        return self._door(environ, start_response)

    def show(self, facts, now=NOON):
        self._editions += 1
        self.store.publish_edition({1: facts}, self._editions, now)


@pytest.fixture
def site(time_machine):
    """At noon of the facts' day, whatever the machine says: what has run out is rendered again for the hour."""
    time_machine.move_to(NOON)
    site = Site()
    thread = threading.Thread(target=site.server.serve_forever, daemon=True)
    thread.start()
    yield site
    site.server.shutdown()
    site.server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visitor(browser):
    """Ana's phone in Berlin; whatever the console complains about fails the test."""
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, timezone_id="Europe/Berlin", locale="en-GB", reduced_motion="reduce"
    )
    page = context.new_page()
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.clock.install(time=NOON)
    yield page
    context.close()
    assert complaints == []


@pytest.fixture
def facts():
    """A power cut, begun two hours ago, with an estimate; a group of components that is in order and so is folded."""
    incident = make_incident_facts(
        name="Power cut in Ashford",
        impact="major",
        updates=(make_update_facts(-1, html="<p>A line is down.</p>"),),
        estimates=(make_estimate_facts(-1, 3),),
        next_update_due_at=at(1),
    )
    components = (make_component_facts(group_id="web", name="Web site"),)
    return make_page_facts(groups=(make_group("web"),), components=components, incidents=(incident,))


def test_the_distance_of_a_moment_is_rounded_to_the_nearest_hour(site, visitor, facts):
    [incident] = facts.incidents
    late = replace(incident, estimates=(make_estimate_facts(-1, 3.97),))
    site.show(replace(facts, incidents=(late,)))

    visitor.goto(site.url)

    expect(visitor.locator(".estimate time").first).to_contain_text("in 4 hours")


def test_tomorrow_is_a_date_and_not_a_number_of_hours(site, visitor, facts):
    [incident] = facts.incidents
    after_two_midnights = replace(incident, estimates=(make_estimate_facts(-1, 35.5),))
    site.show(replace(facts, incidents=(after_two_midnights,)))

    visitor.goto(site.url)

    expect(visitor.locator(".estimate time").first).to_contain_text("in 2 days")


def with_news(facts, text):
    [incident] = facts.incidents
    said = (make_update_facts(0, "identified", html=f"<p>{text}</p>"), *incident.updates)
    return replace(facts, incidents=(replace(incident, updates=said, status="identified"),))


def test_times_are_in_the_reader_s_zone_and_the_page_s_zone_is_named(site, visitor, facts):
    site.show(facts)

    visitor.goto(site.url)

    since = visitor.locator(".band time").first
    expect(since).to_have_text("11:00 (2 hours ago)")
    expect(since).to_have_attribute("title", "22 Nov, 10:00 GMT")
    expect(visitor.locator("[data-zone-note]")).to_have_text(
        "Times are in your time zone, Europe/Berlin. This page’s zone is Europe/London."
    )


def test_news_arrives_without_a_reload_and_disturbs_nothing(site, visitor, facts):
    site.show(facts)
    visitor.goto(site.url)
    visitor.locator("summary").click()
    visitor.get_by_role("link", name="All history").focus()
    visitor.evaluate("window.same = true")

    site.show(with_news(facts, "The crane is here."))
    visitor.clock.run_for(4000)

    expect(visitor.locator(".card .prose")).to_have_text("The crane is here.")
    expect(visitor.locator("details")).to_have_attribute("open", "")
    expect(visitor.get_by_role("link", name="All history")).to_be_focused()
    expect(visitor.locator("[data-say]")).to_contain_text("The crane is here.")
    assert visitor.evaluate("window.same") is True


def test_nothing_is_said_aloud_and_nothing_moves_while_nothing_changes(site, visitor, facts):
    site.show(facts)
    visitor.goto(site.url)
    before = visitor.locator("main").inner_text()

    visitor.clock.run_for(10_000)

    expect(visitor.locator("[data-say]")).to_have_text("")
    assert visitor.locator("main").inner_text() == before


def test_an_estimate_that_turns_past_is_looked_at_when_it_turns(site, visitor, facts):
    [incident] = facts.incidents
    quiet = replace(incident, next_update_due_at=None, estimates=(make_estimate_facts(-1, 1),))
    site.show(replace(facts, incidents=(quiet,)))
    visitor.goto(site.url)

    site.show(replace(facts, incidents=(quiet,)), at(1))
    visitor.clock.run_for(4000)

    expect(visitor.locator(".card .estimate")).to_contain_text("We missed our estimate of 14:00.")


def test_while_the_server_is_away_the_page_says_so(site, visitor, facts):
    site.show(facts)
    visitor.goto(site.url)

    expect(visitor.locator("[data-lost]")).to_be_hidden()
    visitor.evaluate("() => { window.fetch = () => Promise.reject(new TypeError('away')); }")
    visitor.clock.run_for(4000)
    visitor.clock.run_for(8000)

    expect(visitor.locator("[data-lost]")).to_be_visible()


def test_the_colours_can_be_chosen_and_stay_chosen(site, visitor, facts):
    site.show(facts)
    visitor.goto(site.url)

    visitor.get_by_label("Colours").select_option("dark")
    visitor.reload()

    expect(visitor.locator("html")).to_have_attribute("data-theme", "dark")
    expect(visitor.get_by_label("Colours")).to_have_value("dark")


def test_without_script_everything_is_there_in_the_page_s_zone(site, browser, facts):
    site.show(facts)
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
    page = context.new_page()

    page.goto(site.url)

    expect(page.locator(".band time").first).to_have_text("22 Nov, 10:00 GMT")
    expect(page.get_by_text("Times are in the time zone Europe/London.")).to_be_visible()
    expect(page.get_by_label("Colours")).to_be_hidden()
    context.close()


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_no_width_needs_sideways_scrolling(site, visitor, facts, width):
    long_name = "Visit-www.a-very-long-host-name-without-any-space.example.org/status"
    site.show(
        with_news(
            replace(facts, components=(make_component_facts(name=long_name),)), f"<a href='#'>{long_name * 2}</a>"
        )
    )
    visitor.set_viewport_size({"width": width, "height": 740})

    visitor.goto(site.url)

    assert visitor.evaluate("document.documentElement.scrollWidth") == width


def test_every_target_is_large_enough_to_hit(site, visitor, facts):
    site.show(facts)
    visitor.goto(site.url)

    heights = visitor.evaluate(
        "[...document.querySelectorAll('nav a, footer a, summary, select, .button')].map(one => one.offsetHeight)"
    )

    assert min(heights) >= 44


def test_the_keyboard_reaches_the_content_first(site, visitor, facts):
    site.show(facts)
    visitor.goto(site.url)

    visitor.keyboard.press("Tab")
    expect(visitor.get_by_role("link", name="Skip to the content")).to_be_focused()
    visitor.keyboard.press("Enter")

    expect(visitor.locator("main")).to_be_focused()
