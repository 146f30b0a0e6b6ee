"""What a page may be: its host name, languages, readers and colours, each refused in words beside its field."""

import pytest
from django.db import connection

from incidents.actions.access.readers import renew_link
from incidents.actions.publishing.brand import remove_logo, set_logo
from incidents.actions.publishing.catalogue import save_page
from incidents.actions.publishing.translations import Wording, translate
from incidents.actor import CLOCK
from incidents.addresses import secret_of
from incidents.errors import InvalidInput, WrongState
from incidents.models import CustomerGroup, Event, Logo, Page
from tests.at_once import at_once, call
from tests.incidents.test_logos import svg
from tests.make import make_component, make_group, make_incident, make_page

pytestmark = pytest.mark.django_db


def refusal_of(page: Page, **members) -> tuple[str, str]:
    with pytest.raises(InvalidInput) as refusal:
        save_page(page, by=CLOCK, **members)
    return refusal.value.field, str(refusal.value.message)


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("", ""),
        (" Status.Example.ORG. ", "status.example.org"),
        ("störung.example.org", "xn--strung-xxa.example.org"),
        ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
        ("xn--strae-oqa.example", "xn--strae-oqa.example"),
    ],
)
def test_a_domain_is_kept_as_browsers_send_it(text, domain):
    page = save_page(make_page(domain=""), by=CLOCK)
    page.domain = text

    assert save_page(page, by=CLOCK).domain == domain


@pytest.mark.parametrize(
    "text",
    ["https://status.example.org", "status.example.org:8000", "status.example.org/de", "a@b.example", "two words.org"],
)
def test_more_than_a_host_name_is_refused(text):
    page = make_page()
    page.domain = text

    assert refusal_of(page) == ("domain", "Only the host name, without https://, port or path: status.example.org.")


@pytest.mark.parametrize("text", ["straße.example", "sta\u00adtus.example"])
def test_a_name_that_would_become_somebody_else_s_is_refused(text):
    page = make_page()
    page.domain = text

    assert refusal_of(page) == (
        "domain",
        "Write this name as browsers send it, in small letters from a to z: xn--….",
    )


@pytest.mark.parametrize(
    "text", ["status", "-a.example", "a..example", "10.0.0.7", "a_b.example", f"{'x' * 64}.example"]
)
def test_what_is_no_host_name_is_refused(text):
    page = make_page()
    page.domain = text

    assert refusal_of(page) == ("domain", "This is no host name; write it like status.example.org.")


def test_the_installation_s_own_name_is_refused(settings):
    settings.OWN_HOSTS = ["makegood.example.org"]
    page = make_page()
    page.domain = "Makegood.example.org"

    assert refusal_of(page) == ("domain", "This name is the whole installation's; a page needs one of its own.")


def test_another_page_s_domain_is_refused():
    make_page(domain="status.example.org")
    page = make_page()
    page.domain = "STATUS.example.org"

    assert refusal_of(page) == ("domain", "Another page has this domain.")


@pytest.mark.parametrize(
    ("language", "languages", "field", "message"),
    [
        ("de", ["de"], "languages", "German is the default language already."),
        ("en", ["de", "de"], "languages", "Pick from the languages that this site speaks, each once."),
        ("en", ["tlh"], "languages", "Pick from the languages that this site speaks, each once."),
        ("tlh", [], "language", "Pick one of the languages that this site speaks."),
    ],
)
def test_languages_are_those_of_the_site_each_once(language, languages, field, message):
    page = make_page()
    page.language, page.languages = language, languages

    assert refusal_of(page) == (field, message)


def test_a_page_for_some_groups_needs_one():
    page, group = make_page(), CustomerGroup.objects.create(name="Wholesale")
    page.visibility = "groups"

    assert refusal_of(page) == ("customer_groups", "Pick at least one group whose people may read it.")
    assert list(save_page(page, by=CLOCK, customer_groups=[group]).customer_groups.all()) == [group]
    assert save_page(page, by=CLOCK).visibility == "groups"


# -- colours ----------------------------------------------------------------------------------------------------------


def test_an_accent_that_cannot_be_read_is_refused_with_the_numbers_and_one_that_can():
    page = make_page()
    page.accent_light = "#FC0"

    assert refusal_of(page) == (
        "accent_light",
        "#ffcc00 on #eeedfb is 1.3 : 1; at least 4.5 : 1 is needed. A darker tone that works: #826800",
    )


def test_the_accent_in_the_dark_is_judged_on_dark_grounds():
    page = make_page()
    page.accent_light, page.accent_dark = "#1d3f72", "#1d3f72"

    field, message = refusal_of(page)

    assert (field, "A lighter tone that works: #" in message) == ("accent_dark", True)


@pytest.mark.parametrize("text", ["blue", "#12345", "#gggggg", "12;}b{"])
def test_what_is_no_colour_is_refused(text):
    page = make_page()
    page.masthead_light = text

    assert refusal_of(page) == ("masthead_light", "Write a colour like #1d3f72.")


def test_a_colour_for_the_dark_only_is_refused():
    page = make_page()
    page.masthead_dark = "#1d3f72"

    assert refusal_of(page) == ("masthead_light", "Choose the colour in the light first.")


def test_colours_are_kept_in_one_form():
    page = make_page()
    page.accent_light, page.masthead_light = "1D3F72", "#FC0"

    saved = save_page(page, by=CLOCK)

    assert (saved.accent_light, saved.masthead_light) == ("#1d3f72", "#ffcc00")


# -- guests -----------------------------------------------------------------------------------------------------------


def test_its_own_component_is_no_guest():
    page = make_page()

    assert refusal_of(page, guests=[make_component(page)]) == ("guests", "The page's own components are shown anyway.")


def test_two_components_with_one_id_cannot_stand_on_one_page():
    page = make_page()
    make_component(page, public_id="same")
    other_component = make_component(make_page(), public_id="same")

    assert refusal_of(page, guests=[other_component])[0] == "guests"


# -- secret links -----------------------------------------------------------------------------------------------------


def test_a_page_that_gets_a_secret_link_gets_one_that_nobody_knows():
    page = make_page(visibility="link")
    old = secret_of(page)
    page.visibility = "public"
    save_page(page, by=CLOCK)
    page.visibility = "link"

    save_page(page, by=CLOCK)

    assert secret_of(page) != old


def test_a_form_that_was_opened_before_does_not_bring_an_old_link_back():
    page = make_page(visibility="link", is_default=True)
    current = Page.objects.get(pk=page.pk)
    renewed = secret_of(renew_link(page, by=CLOCK))

    current.name = "Another name"
    save_page(current, by=CLOCK)

    page.refresh_from_db()
    assert (secret_of(page), page.name) == (renewed, "Another name")


def test_only_a_page_with_a_secret_link_gets_another():
    with pytest.raises(WrongState):
        renew_link(make_page(), by=CLOCK)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="threads need a server")
@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_two_new_links():
    page = make_page(visibility="link")

    at_once(*[call(renew_link, page, by=CLOCK)] * 2)

    page.refresh_from_db()
    assert page.link_serial == 3
    assert list(Event.objects.order_by("id").values_list("data__link", flat=True)) == [2, 3]


# -- the logo ---------------------------------------------------------------------------------------------------------


def test_a_logo_is_kept_replaced_and_removed():
    page = make_page()
    set_logo(page, content=svg(), by=CLOCK)
    set_logo(page, content=svg(measures='width="9" height="9"'), by=CLOCK)
    page.refresh_from_db()
    measures = (page.logo_kind, page.logo_width, page.logo_height, Logo.objects.count())

    remove_logo(page, by=CLOCK)
    remove_logo(page, by=CLOCK)

    page.refresh_from_db()
    assert measures == ("svg", 9, 9, 1)
    assert (page.logo_kind, page.logo_width, Logo.objects.count()) == ("", 0, 0)


def test_saving_a_page_leaves_its_logo():
    page = make_page(is_default=True)
    current = Page.objects.get(pk=page.pk)
    set_logo(page, content=svg(), by=CLOCK)

    save_page(current, by=CLOCK)

    page.refresh_from_db()
    assert page.logo_kind == "svg"


# -- the default language ---------------------------------------------------------------------------------------------


def _translated(page: Page) -> None:
    translate(page, [Wording(page, "name", "fr", "Le nord")], by=CLOCK)


@pytest.mark.parametrize("write", [make_group, make_component, make_incident, _translated])
def test_the_default_language_stays_as_soon_as_something_is_written_in_it(write):
    page = make_page(language="en", languages=["fr"], is_default=True)
    write(page)
    page.language, page.languages = "de", []

    assert refusal_of(page) == (
        "language",
        (
            "Texts on this page are written in English, and nothing would translate them. "
            "Add other languages to it, or make a new page for what is written in another one."
        ),
    )
    assert Page.objects.get(pk=page.pk).language == "en"


def test_a_page_without_texts_may_still_be_in_another_language():
    page = make_page(language="en", name="Norden", is_default=True)
    page.language = "de"

    assert save_page(page, by=CLOCK).language == "de"


def test_all_else_of_a_page_changes_whatever_is_written():
    page = make_page(language="en", is_default=True)
    make_component(page)
    page.name, page.languages = "North", ["de"]

    assert save_page(page, by=CLOCK).languages == ["de"]
