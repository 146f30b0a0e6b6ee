"""A page's own look in its mails: accents that can be read, a logo that everybody may fetch, and nothing else."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from incidents.actions.publishing.brand import set_logo
from incidents.actions.publishing.catalogue import save_page
from incidents.actor import CLOCK
from incidents.colours import DARK_GROUNDS, LEAST, LIGHT_GROUNDS, contrast
from incidents.models import Page
from notifications.actions.account_mail import queue_ready_mail
from notifications.messages.brand import Brand, brand_of
from tests.incidents.test_logos import png, svg
from tests.make import make_page
from tests.notifications.mails import html_of, newest_to, text_of
from tests.notifications.scene import NOW, drain, make_scene, tell

ACCENT, IN_THE_DARK = "#7b2d8b", "#e3b7ec"
LETTER = (Path(settings.BASE_DIR) / "templates" / "mail" / "letter.css").read_text(encoding="utf-8")


def branded(**fields: object) -> str:
    """The HTML that Ana gets from a page that looks like this."""
    scene = make_scene()
    Page.objects.filter(pk=scene.page.pk).update(**fields)
    tell()
    return html_of(newest_to("ana@example.org"))


def style_of(html: str, element: str) -> list[str]:
    """The styles written into these elements."""
    return re.findall(rf'<{element}[^>]* style="([^"]*)"', html)


@pytest.mark.django_db
def test_links_and_buttons_have_the_accent_of_the_page() -> None:
    html = branded(accent_light=ACCENT, accent_dark=IN_THE_DARK)

    [button, *_more_buttons] = style_of(html, 'a class="button"')
    assert f"background: {ACCENT}" in button
    assert "color: #ffffff" in button
    assert f"a {{ color: {IN_THE_DARK} !important; }}" in html
    assert "#1d3f72" not in html.partition("@media")[0]


@pytest.mark.django_db
def test_a_mail_of_another_page_at_the_same_time_keeps_its_own_look() -> None:
    html = branded(accent_light=ACCENT)
    queue_ready_mail("zoe@example.org", message="sign_in_code", contents={"code": "K7F2QX"}, now=NOW)
    drain(NOW)

    assert ACCENT in html
    assert ACCENT not in html_of(newest_to("zoe@example.org"))
    assert "<img" not in html_of(newest_to("zoe@example.org"))


@pytest.mark.django_db
def test_the_name_stands_on_the_masthead_of_the_page() -> None:
    [head] = style_of(branded(masthead_light="#ffcc00", masthead_dark="#1d3f72"), 'p class="from"')

    assert "background: #ffcc00" in head
    assert "color: #000000" in head


@pytest.mark.django_db
def test_the_logo_stands_in_place_of_the_name_which_is_its_text() -> None:
    scene = make_scene()
    set_logo(scene.page, content=png(440, 72), by=CLOCK)

    tell()

    html, text = html_of(newest_to("ana@example.org")), text_of(newest_to("ana@example.org"))
    [picture] = re.findall("<img[^>]*>", html)
    for attribute in ('src="http://127.0.0.1:8000/logo.png"', 'width="220" height="36"', 'alt="Riverside Parcels"'):
        assert attribute in picture
    assert "Riverside Parcels" in text
    assert "logo" not in text


@pytest.mark.django_db
def test_what_mail_programs_do_not_show_or_may_not_fetch_is_not_there() -> None:
    with_drawing, closed, secret = make_page(is_default=True), make_page(), make_page()
    set_logo(with_drawing, content=svg(), by=CLOCK)
    for page, visibility in ((closed, "signed_in"), (secret, "link")):
        set_logo(page, content=png(100, 20), by=CLOCK)
        page.refresh_from_db()
        page.visibility = visibility
        save_page(page, by=CLOCK)

    assert [brand_of(Page.objects.get(pk=page.pk)).logo for page in (with_drawing, closed, secret)] == ["", "", ""]


@pytest.mark.django_db
def test_a_page_with_a_domain_has_its_logo_there() -> None:
    page = make_page(domain="status.example.org", logo_kind="png", logo_width=20, logo_height=20)

    assert brand_of(page) == Brand("", "http://status.example.org:8000/logo.png", 20, 20)


def test_a_page_without_a_look_of_its_own_has_ours() -> None:
    assert brand_of(Page(name="Plain")) == brand_of(None) == Brand()


@pytest.mark.parametrize("accent", ["#ffcc00", "#1d3f72", "#000000", "#ffffff"])
def test_whatever_was_kept_can_be_read(accent: str) -> None:
    style = brand_of(Page(accent_light=accent, accent_dark=accent)).style
    light, dark = style.split("@media")
    [on_light], [on_dark] = (
        set(re.findall(r"a \{ color: (\S+);", light)) - {"#565c64"},
        re.findall(r"^  a \{ color: (\S+) ", dark, re.MULTILINE),
    )

    assert min(contrast(on_light, ground) for ground in LIGHT_GROUNDS) >= LEAST
    assert min(contrast(on_dark, ground) for ground in DARK_GROUNDS) >= LEAST


def test_the_grounds_of_mails_are_among_those_that_accents_were_judged_on() -> None:
    light, dark = LETTER.split("@media (prefers-color-scheme: dark)")
    buttons = {"#1d3f72", "#a9ccff"}

    assert set(re.findall(r"background: (#\w+)", light)) - buttons <= set(LIGHT_GROUNDS)
    assert set(re.findall(r"background: (#\w+)", dark)) - buttons <= set(DARK_GROUNDS)
