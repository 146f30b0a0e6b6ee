"""A page's own look: colours that can be read, a logo that moves nothing and does nothing."""

import re

import pytest

from incidents.actions.publishing.brand import set_logo
from incidents.actor import CLOCK
from incidents.colours import DARK_GROUNDS, LEAST, contrast
from portal.documents.brand import style_of
from portal.facts.profile import Brand
from portal.publishing import disk_copy
from tests import make
from tests.incidents.test_logos import png, svg
from tests.portal.page_documents import publish, text_at

pytestmark = pytest.mark.django_db


def headers_at(store, path: str) -> dict[str, str]:
    return dict(store.find(path).plain.headers)


def test_a_page_without_a_look_of_its_own_has_no_style_of_its_own():
    store = publish(make.make_page(is_default=True))

    assert "brand.css" not in text_at(store, "/")
    assert store.find("/brand.css") is None
    assert store.find("/logo.svg") is None


def test_its_colours_reach_it_as_custom_properties():
    store = publish(make.make_page(is_default=True, accent_light="#1d3f72", accent_dark="#a9ccff", languages=["de"]))

    assert text_at(store, "/brand.css") == (
        ":root {\n  --link: light-dark(#1d3f72, #a9ccff);\n  --action: light-dark(#1d3f72, #a9ccff);\n}\n"
    )
    assert headers_at(store, "/brand.css")["Content-Type"] == "text/css; charset=utf-8"
    assert '<link rel="stylesheet" href="/brand.css">' in text_at(store, "/de/")


def test_an_accent_for_the_light_gets_a_readable_tone_in_the_dark():
    [(_name, light, dark)] = set(
        re.findall(r"--(link): light-dark\((\S+), (\S+)\)", style_of(Brand(accent_light="#1d3f72")))
    )

    assert light == "#1d3f72"
    assert min(contrast(dark, ground) for ground in DARK_GROUNDS) >= LEAST


def test_words_on_the_masthead_are_the_ones_that_can_be_read():
    style = style_of(Brand(masthead_light="#ffcc00", masthead_dark="#1d3f72"))

    assert "--masthead: light-dark(#ffcc00, #1d3f72)" in style
    assert "--on-masthead: light-dark(#000000, #ffffff)" in style


def test_a_brand_never_touches_the_colours_of_states():
    style = style_of(Brand("#1d3f72", "#a9ccff", "#ffcc00", "#1d3f72"))

    assert set(re.findall(r"--([\w-]+):", style)) == {"link", "action", "masthead", "on-masthead"}


def test_a_logo_stands_in_place_of_the_name_with_its_measures():
    page = make.make_page(is_default=True, name="Northwind")
    set_logo(page, content=svg(), by=CLOCK)
    store = publish(page)

    assert '<img src="/logo.svg" width="108" height="36" alt="Northwind">' in text_at(store, "/")
    assert store.find("/logo.svg").plain.body == svg()


def test_a_drawing_opened_by_itself_can_do_nothing():
    page = make.make_page(is_default=True)
    set_logo(page, content=svg(), by=CLOCK)

    headers = headers_at(publish(page), "/logo.svg")

    policy = dict(component.partition(" ")[::2] for component in headers["Content-Security-Policy"].split("; "))
    assert headers["Content-Type"] == "image/svg+xml"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert {"default-src": "'none'", "script-src": "'none'", "sandbox": ""}.items() <= policy.items()


@pytest.mark.parametrize(("width", "height", "shown"), [(400, 40, (220, 22)), (20, 10, (20, 10)), (50, 500, (4, 36))])
def test_a_logo_is_never_larger_than_it_fits(width, height, shown):
    brand = Brand(kind="png", width=width, height=height)

    assert (brand.shown_width, brand.shown_height) == shown


def test_a_square_logo_stands_in_the_tab_too_and_bytes_stay_bytes():
    page = make.make_page(is_default=True)
    set_logo(page, content=png(8, 8), by=CLOCK)
    store = publish(page)

    assert '<link rel="icon" href="/logo.png">' in text_at(store, "/")
    assert store.find("/logo.png").plain.body == png(8, 8)


def test_a_logo_that_is_replaced_is_another_document():
    page = make.make_page(is_default=True)
    set_logo(page, content=svg(), by=CLOCK)
    before = publish(page).find("/logo.svg").plain.etag

    set_logo(page, content=svg("<g/>"), by=CLOCK)

    assert publish(page).find("/logo.svg").plain.etag != before


def test_a_logo_survives_on_disk(tmp_path):
    page = make.make_page(is_default=True)
    set_logo(page, content=svg(), by=CLOCK)
    store = publish(page)

    disk_copy.save(store.edition.public_pages, store.checked_at, tmp_path)

    assert disk_copy.load(tmp_path)[0] == store.edition.public_pages


def test_the_look_of_one_page_is_not_another_s():
    make.make_page(is_default=True)
    own = make.make_page(slug="own", accent_light="#1d3f72")
    set_logo(own, content=png(8, 8), by=CLOCK)
    store = publish(own)

    looks = [re.findall(r"brand\.css|logo\.png", text_at(store, path)) for path in ("/", "/p/own/", "/history")]

    assert looks == [[], ["brand.css", "logo.png", "logo.png"], []]
