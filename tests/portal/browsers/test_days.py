"""Ninety days in a real browser: each day by mouse, finger and keyboard; the same without script."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from portal.facts.page import AffectedFacts
from portal.facts.records import Record, Turn
from tests.portal.browsers.test_site_script import browser, site, visitor  # noqa: F401 - fixtures
from tests.portal.make_facts import at, make_component_facts, make_page_facts, make_resolved

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DESKTOP = {"width": 1024, "height": 740}


@pytest.fixture
def stopped(site):  # noqa: F811
    """A belt that stood for two hours three days ago, which is the fourth bar from the end."""
    components = (
        make_component_facts(public_id="belt", name="Belt"),
        make_component_facts(public_id="desk", name="Desk"),
    )
    stop = make_resolved(
        public_id="stop",
        name="The belt stands",
        started_at=at(-74),
        resolved_at=at(-72),
        affected=(AffectedFacts("belt", "Belt", "major_outage"),),
    )
    turns = (Turn(at(-74), "major_outage"), Turn(at(-74) + timedelta(hours=2), "operational"))
    records = (Record("belt", at(-9999), turns), Record("desk", at(-9999)))
    site.show(make_page_facts(components=components, records=records, incidents=(stop,)))
    return site


def test_arrow_keys_walk_through_the_days_and_each_is_told(stopped, visitor):  # noqa: F811
    visitor.set_viewport_size(DESKTOP)
    visitor.goto(stopped.url)
    link = visitor.locator("a.days").first
    told = visitor.locator(".one-day")

    visitor.get_by_role("link", name="Uptime").focus()
    visitor.keyboard.press("Tab")

    expect(link).to_be_focused()
    expect(told).to_contain_text("22 Nov 2026")
    for _step in range(3):
        visitor.keyboard.press("ArrowLeft")
    expect(told).to_contain_text("19 Nov 2026")
    expect(told).to_contain_text("Major outage")
    expect(told.get_by_role("link", name="The belt stands")).to_have_attribute("href", "/incidents/stop")
    expect(visitor.locator("[data-say]")).to_contain_text("Major outage")
    for _step in range(5):
        visitor.keyboard.press("ArrowRight")
    expect(told).to_contain_text("22 Nov 2026")
    expect(told).to_have_count(1)


def test_the_mouse_shows_the_day_below_it_and_a_click_opens_them_all(stopped, visitor):  # noqa: F811
    visitor.set_viewport_size(DESKTOP)
    visitor.goto(stopped.url)
    box = visitor.locator("a.days svg").first.bounding_box()

    visitor.mouse.move(box["x"] + box["width"] * 86.5 / 90, box["y"] + 10)

    expect(visitor.locator(".one-day")).to_contain_text("19 Nov 2026")
    expect(visitor.locator(".one-day")).to_contain_text("2 hours")
    visitor.mouse.click(box["x"] + 5, box["y"] + 10)
    expect(visitor).to_have_url(re.compile(r"/components/belt$"))
    expect(visitor.locator("#d-2026-11-19")).to_contain_text("The belt stands")


def test_what_the_mouse_shows_moves_nothing_and_goes_with_the_mouse_or_escape(stopped, visitor):  # noqa: F811
    visitor.set_viewport_size(DESKTOP)
    visitor.goto(stopped.url)
    picture, following = visitor.locator("a.days svg").first, visitor.get_by_text("Desk", exact=True)
    box, before = picture.bounding_box(), following.bounding_box()

    visitor.mouse.move(box["x"] + 50, box["y"] + 10)

    expect(visitor.locator(".one-day")).to_have_count(1)
    assert following.bounding_box() == before
    visitor.mouse.move(5, 5)
    expect(visitor.locator(".one-day")).to_have_count(0)
    visitor.mouse.move(box["x"] + 50, box["y"] + 10)
    expect(visitor.locator(".one-day")).to_have_count(1)
    visitor.keyboard.press("Escape")
    expect(visitor.locator(".one-day")).to_have_count(0)


def test_news_leaves_the_day_open_that_somebody_reads(stopped, visitor):  # noqa: F811
    visitor.set_viewport_size(DESKTOP)
    visitor.goto(stopped.url)
    visitor.get_by_role("link", name="Uptime").focus()
    for key in ("Tab", "ArrowLeft", "ArrowLeft"):
        visitor.keyboard.press(key)
    expect(visitor.locator(".one-day")).to_contain_text("20 Nov 2026")

    components = tuple(make_component_facts(public_id=own, name=f"New {own}") for own in ("belt", "desk"))
    stopped.show(
        make_page_facts(components=components, records=tuple(Record(own, at(-9999)) for own in ("belt", "desk")))
    )
    visitor.clock.fast_forward(60_000)

    expect(visitor.get_by_text("New belt")).to_be_visible()
    expect(visitor.locator(".one-day")).to_contain_text("20 Nov 2026")
    expect(visitor.locator("a.days").first).to_be_focused()


def test_a_small_screen_shows_thirty_days_and_says_so(stopped, visitor):  # noqa: F811
    visitor.goto(stopped.url)
    frame, picture = visitor.locator("a.days > span").first, visitor.locator("a.days svg").first

    assert picture.bounding_box()["width"] == pytest.approx(3 * frame.bounding_box()["width"], abs=1)
    right = [one.bounding_box()["x"] + one.bounding_box()["width"] for one in (frame, picture)]
    assert right[0] == pytest.approx(right[1], abs=1)
    expect(visitor.get_by_text("The last 30 days on this screen")).to_be_visible()
    expect(visitor.get_by_text("The last 90 days, today last")).to_be_hidden()
    assert visitor.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_tap_tells_of_its_day_and_leaves_the_page_where_it_is(stopped, browser):  # noqa: F811
    context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True)
    guest = context.new_page()
    guest.goto(stopped.url)
    box = guest.locator("a.days > span").first.bounding_box()

    guest.touchscreen.tap(box["x"] + box["width"] * 26.5 / 30, box["y"] + 10)

    expect(guest.locator(".one-day")).to_contain_text("19 Nov 2026")
    expect(guest.locator(".one-day")).to_contain_text("The belt stands")
    assert guest.url.rstrip("/") == stopped.url
    context.close()


def test_without_script_the_bars_lead_to_the_whole_table(stopped, browser):  # noqa: F811
    context = browser.new_context(java_script_enabled=False)
    guest = context.new_page()
    guest.goto(stopped.url)

    guest.get_by_role("link", name="in 90 days").first.click()

    expect(guest.get_by_role("heading", level=1)).to_have_text("Belt")
    expect(guest.locator("tr[id]")).to_have_count(90)
    expect(guest.locator("#d-2026-11-19")).to_contain_text("Major outage")
    context.close()


def test_today_stands_at_the_end_of_the_line_in_right_to_left_too(stopped, visitor):  # noqa: F811
    visitor.set_viewport_size(DESKTOP)
    visitor.goto(stopped.url)
    visitor.evaluate("document.documentElement.dir = 'rtl'")
    box = visitor.locator("a.days svg").first.bounding_box()

    visitor.mouse.move(box["x"] + box["width"] * 3.5 / 90, box["y"] + 10)

    expect(visitor.locator(".one-day")).to_contain_text("19 Nov 2026")
