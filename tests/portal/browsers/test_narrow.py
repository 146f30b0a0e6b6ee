"""On a narrow screen nothing is cut without a hint, in both themes, from left to right and from right to left."""

from contextlib import closing
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from portal.facts.profile import PageLanguage
from portal.facts.records import Record
from tests.portal.browsers.test_site_script import browser, site  # noqa: F401 - fixtures
from tests.portal.make_facts import NOON, NORTHWIND, at, make_component_facts, make_group, make_page_facts

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PHONE = {"width": 360, "height": 740}
CODES = ("en", "de", "fr", "es", "ar")
LANGUAGES = tuple(PageLanguage(code, code, "/" if code == "en" else f"/{code}/") for code in CODES)
# The words of a select that need more room than there is beside its arrow.
CUT = """(select) => {
    const style = getComputedStyle(select), pen = document.createElement("canvas").getContext("2d");
    pen.font = style.font;
    const room = select.clientWidth - parseFloat(style.paddingInlineStart) - parseFloat(style.paddingInlineEnd) - 16;
    return [...select.options].map((one) => one.text).filter((text) => pen.measureText(text).width > room);
}"""
# Whatever ends beyond the screen, but for tables that scroll and bars of which the older ones are hidden.
WIDE = """[...document.querySelectorAll("main *")]
    .filter((one) => !one.closest(".scroll, .days") && one.getBoundingClientRect().right > innerWidth + 1)
    .map((one) => one.outerHTML.slice(0, 90))"""


@pytest.fixture
def shown(site):  # noqa: F811
    components = (
        make_component_facts(public_id="belt", name="Baggage belt"),
        make_component_facts(public_id="x", name="X" * 90, group_id="net"),
    )
    records = tuple(Record(component.public_id, at(-9999)) for component in components)
    profile = replace(NORTHWIND, languages=LANGUAGES)
    site.show(
        make_page_facts(profile=profile, components=components, records=records, groups=(make_group("net", "Network"),))
    )
    return site


@pytest.fixture(params=["light", "dark"])
def phone(browser, request):  # noqa: F811
    with closing(browser.new_context(viewport=PHONE, color_scheme=request.param)) as context:
        page = context.new_page()
        page.clock.install(time=NOON)
        yield page


def edges_of(phone, place):
    """The pictures of the two outermost strips of a place, below its head: first and last, from left to right."""
    box = place.bounding_box()
    strip = {"y": box["y"] + box["height"] - 10, "width": 4, "height": 4}
    return [phone.screenshot(clip={"x": x, **strip}) for x in (box["x"], box["x"] + box["width"] - 4)]


@pytest.mark.parametrize("root", ["/", "/ar/"])
def test_a_table_that_goes_on_says_so_and_keys_move_it(shown, phone, root):
    phone.goto(f"{shown.url}{root}uptime")
    place = phone.get_by_role("region").first
    onwards, back = ("ArrowRight", 1) if root == "/" else ("ArrowLeft", -1)

    left, right = edges_of(phone, place)
    there, here = (right, left) if root == "/" else (left, right)
    assert there != here, "a shadow lies only where there is more"

    place.focus()
    for _step in range(60):
        phone.keyboard.press(onwards)
    phone.wait_for_function("(end) => document.querySelector('.scroll').scrollLeft * end > 900", arg=back)
    place.evaluate(
        "(one) => { one.scrollLeft = one.scrollWidth * (getComputedStyle(one).direction === 'rtl' ? -1 : 1) }"
    )
    phone.evaluate("document.activeElement.blur()")
    at_end = edges_of(phone, place)

    assert at_end[1 if root == "/" else 0] == here, "at its end no shadow says that there is more"
    assert phone.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


@pytest.mark.parametrize("root", ["/", "/ar/"])
def test_a_table_s_names_stay_while_its_figures_move(shown, phone, root):
    phone.goto(f"{shown.url}{root}uptime")
    name = phone.get_by_role("link", name="Baggage belt")
    before = name.bounding_box()

    phone.get_by_role("region").first.evaluate(
        "(one) => one.scrollBy(getComputedStyle(one).direction === 'rtl' ? -400 : 400, 0)"
    )

    assert name.bounding_box() == before


@pytest.mark.parametrize("root", [language.root for language in LANGUAGES])
def test_every_choice_of_the_generator_can_be_read(shown, phone, root):
    phone.goto(f"{shown.url}{root}embed/preview")

    selects = phone.locator("form select")
    expect(selects.first).to_be_visible()
    assert [selects.nth(number).evaluate(CUT) for number in range(selects.count())] == [[], []]
    assert phone.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


@pytest.mark.parametrize("path", ["", "uptime", "components/belt", "components/x", "history"])
def test_nothing_else_is_wider_than_the_screen(shown, phone, path):
    phone.goto(f"{shown.url}/{path}")

    assert phone.evaluate(WIDE) == []
