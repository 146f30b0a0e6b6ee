"""Pages at the desk: who may read them, their secret link, their logo; groups of customers and read tokens."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from incidents.actions.access.readers import make_read_token
from incidents.actor import CLOCK
from incidents.addresses import address_of, secret_of
from incidents.models import CustomerGroup, Event, Page, ReadToken
from incidents.queries.readers import find_token
from tests.incidents.actions.publishing.test_save_page import svg
from tests.incidents.admin.publishing.test_catalogue import PAGE, kinds
from tests.incidents.admin.scene import dara, eli
from tests.make import make_component, make_customer, make_page

pytestmark = pytest.mark.django_db


def errors(answer) -> dict[str, list[str]]:
    return dict(answer.context["adminform"].form.errors)


def test_a_page_with_all_that_can_be_said_of_it() -> None:
    group, guest = CustomerGroup.objects.create(name="Wholesale"), make_component(make_page(is_default=True))
    fields = {
        "domain": "status.example.org", "visibility": "groups", "customer_groups": [group.pk], "guests": [guest.pk],
        "languages": ["de", "ar"], "accent_light": "#1d3f72", "masthead_light": "#ffcc00", "accent_dark": "",
        "masthead_dark": "", "embed_origins": "",
    }  # fmt: skip

    eli().post("/admin/incidents/page/add/", {**PAGE, **fields})

    page = Page.objects.get(slug="northwind")
    assert (page.domain, page.visibility, page.languages) == ("status.example.org", "groups", ["de", "ar"])
    assert (page.accent_light, page.masthead_light) == ("#1d3f72", "#ffcc00")
    assert (list(page.customer_groups.all()), list(page.guests.all())) == ([group], [guest])


def test_its_form_shows_what_stands() -> None:
    page, group = make_page(visibility="groups", languages=["de"]), CustomerGroup.objects.create(name="Wholesale")
    page.customer_groups.add(group)

    form = eli().get(f"/admin/incidents/page/{page.pk}/change/").context["adminform"].form

    assert form["customer_groups"].value() == [group.pk]
    assert form["languages"].value() == ["de"]


def test_a_colour_that_cannot_be_read_is_refused_beside_its_field_and_nothing_is_lost() -> None:
    answer = eli().post("/admin/incidents/page/add/", {**PAGE, "accent_light": "#ffcc00", "domain": "a.example"})

    assert list(errors(answer)) == ["accent_light"]
    assert "A darker tone that works: #826800" in errors(answer)["accent_light"][0]
    assert answer.context["adminform"].form["domain"].value() == "a.example"
    assert Page.objects.count() == 0


def test_another_default_language_is_refused_beside_its_field_and_nothing_is_lost() -> None:
    page = make_page(is_default=True, language="en")
    make_component(page)

    answer = eli().post(f"/admin/incidents/page/{page.pk}/change/", {**PAGE, "language": "de", "description": "Neu"})

    assert list(errors(answer)) == ["language"]
    assert "written in English" in errors(answer)["language"][0]
    assert answer.context["adminform"].form["description"].value() == "Neu"
    page.refresh_from_db()
    assert page.language == "en"


def test_a_page_for_some_groups_names_one() -> None:
    answer = eli().post("/admin/incidents/page/add/", {**PAGE, "visibility": "groups"})

    assert errors(answer) == {"customer_groups": ["Pick at least one group whose people may read it."]}


@pytest.mark.parametrize("visibility", Page.Visibility.values)
def test_who_may_only_look_sees_for_whom_it_is(visibility: str) -> None:
    page = make_page(visibility=visibility)
    CustomerGroup.objects.create(name="Wholesale").pages.add(page)

    answer = dara().get(f"/admin/incidents/page/{page.pk}/change/")

    assert answer.status_code == 200
    assert "Wholesale" in answer.content.decode()


# -- the secret link --------------------------------------------------------------------------------------------------


def test_the_secret_link_stands_on_the_page_s_form() -> None:
    page = make_page(visibility="link")

    assert address_of(page) in eli().get(f"/admin/incidents/page/{page.pk}/change/").content.decode()


def test_a_new_link_is_made_after_asking_only() -> None:
    page = make_page(visibility="link")
    old, seat, address = secret_of(page), eli(), f"/admin/incidents/page/{page.pk}/link/"

    question = seat.get(address)
    page.refresh_from_db()
    unchanged = secret_of(page)
    seat.post(address)
    page.refresh_from_db()

    assert (question.status_code, unchanged, secret_of(page) == old) == (200, old, False)


@pytest.mark.parametrize("desk_action", ["link", "logo"])
def test_who_may_only_look_changes_neither_link_nor_logo(desk_action: str) -> None:
    page = make_page(visibility="link")

    assert dara().post(f"/admin/incidents/page/{page.pk}/{desk_action}/").status_code == 403
    assert Event.objects.count() == 0


def test_a_page_without_secret_link_says_so() -> None:
    page = make_page()

    answer = eli().post(f"/admin/incidents/page/{page.pk}/link/", follow=True)

    assert "This page has no secret link." in answer.content.decode()


# -- the logo ---------------------------------------------------------------------------------------------------------


def test_a_logo_is_taken_by_its_content_and_removed() -> None:
    page, seat = make_page(), eli()
    address = f"/admin/incidents/page/{page.pk}/logo/"

    seat.post(address, {"logo": SimpleUploadedFile("anything.bin", svg())})
    page.refresh_from_db()
    kind = page.logo_kind
    seat.post(address, {"remove": "yes"})
    page.refresh_from_db()

    assert (kind, page.logo_kind) == ("svg", "")
    assert kinds() == ["page.changed", "page.changed"]


def test_what_is_no_picture_is_refused_in_words() -> None:
    page = make_page()

    answer = eli().post(f"/admin/incidents/page/{page.pk}/logo/", {"logo": SimpleUploadedFile("logo.svg", b"<html/>")})

    assert answer.context["form"].errors == {
        "logo": ["This is no picture that can be a logo. Use SVG, PNG or WebP."]
    }  # fmt: skip


# -- groups of customers ----------------------------------------------------------------------------------------------


def test_a_group_has_exactly_the_customers_that_were_picked() -> None:
    hotel, inn = make_customer("Hotel"), make_customer("Inn")
    group = CustomerGroup.objects.create(name="Wholesale")
    group.customers.add(hotel)

    eli().post(f"/admin/incidents/customergroup/{group.pk}/change/", {"name": "Trade", "customers": [inn.pk]})

    group.refresh_from_db()
    assert (group.name, list(group.customers.all()), kinds()) == ("Trade", [inn], ["customer_group.changed"])


def test_two_groups_of_one_name_are_refused() -> None:
    CustomerGroup.objects.create(name="Wholesale")

    answer = eli().post("/admin/incidents/customergroup/add/", {"name": "Wholesale"})

    assert list(errors(answer)) == ["name"]


# -- read tokens ------------------------------------------------------------------------------------------------------


def test_a_token_is_shown_once_and_kept_nowhere(settings) -> None:
    page, seat = make_page(visibility="signed_in"), eli()
    fields = {"page": page.pk, "name": "Calendar", "expires_at": ""}

    answer = seat.post("/admin/incidents/readtoken/add/", fields)
    row, token = ReadToken.objects.get(), answer.context["token"]
    later = seat.get(f"/admin/incidents/readtoken/{row.pk}/change/").content.decode()

    assert token in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    assert find_token(token, now=row.created_at) == row
    assert token not in later
    assert token not in str(list(Event.objects.values()))
    assert (row.made_by.first_name, kinds()) == ("Eli", ["read_token.made"])


def test_a_page_for_everybody_needs_none() -> None:
    page = make_page()

    answer = eli().post("/admin/incidents/readtoken/add/", {"page": page.pk, "name": "Calendar", "expires_at": ""})

    assert list(errors(answer)) == ["page"]


def test_a_time_that_has_passed_is_refused() -> None:
    page = make_page(visibility="signed_in")
    fields = {"page": page.pk, "name": "Calendar", "expires_at": "2020-01-01T10:00"}

    assert list(errors(eli().post("/admin/incidents/readtoken/add/", fields))) == ["expires_at"]


def test_a_token_is_revoked_after_asking_and_once() -> None:
    row, token = make_read_token(make_page(visibility="link"), name="Calendar", by=CLOCK)
    seat, address = eli(), f"/admin/incidents/readtoken/{row.pk}/revoke/"

    status = seat.get(address).status_code
    valid_row = find_token(token, now=row.created_at)
    seat.post(address)
    html = seat.post(address, follow=True).content.decode()

    assert (status, valid_row, find_token(token, now=row.created_at)) == (200, row, None)
    assert "This token has been revoked already." in html
    assert kinds() == ["read_token.made", "read_token.revoked"]


def test_who_may_only_look_makes_and_revokes_none() -> None:
    row, _token = make_read_token(make_page(visibility="link"), name="Calendar", by=CLOCK)
    seat = dara()

    assert seat.post(f"/admin/incidents/readtoken/{row.pk}/revoke/").status_code == 403
    assert seat.get("/admin/incidents/readtoken/add/").status_code == 403
    assert seat.get("/admin/incidents/readtoken/").status_code == 200
