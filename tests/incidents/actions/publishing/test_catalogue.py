"""Pages and components change, and every public page learns of it."""

import pytest

from incidents.actions.publishing.catalogue import remove_component, remove_group, save_component, save_group, save_page
from incidents.errors import InvalidInput, WrongState
from incidents.models import Component, ComponentGroup, Event, Page
from tests.incidents.outage import LATER, NOW, make_company, newest_event, publish
from tests.make import make_group, make_page

pytestmark = pytest.mark.django_db


def test_a_changed_page_is_kept_and_told() -> None:
    company = make_company()
    company.page.name = "Iberian Rail"

    save_page(company.page, by=company.dara, now=LATER)

    page, event = Page.objects.get(), newest_event()
    assert (page.name, page.updated_at) == ("Iberian Rail", LATER)
    assert (event.kind, event.page, event.is_public, event.actor) == ("page.changed", page, True, company.dara.user)


def test_the_first_page_stands_at_the_root() -> None:
    company = make_company()

    save_page(company.page, by=company.dara, now=LATER)

    assert Page.objects.get().is_default is True


def test_the_root_moves_from_one_page_to_another() -> None:
    company = make_company(is_default=True)
    second = Page(slug="second", name="Second", is_default=True)

    save_page(second, by=company.dara, now=LATER)

    assert dict(Page.objects.values_list("slug", "is_default")) == {company.page.slug: False, "second": True}


def test_the_root_is_never_left_empty() -> None:
    company = make_company(is_default=True)
    company.page.is_default = False

    save_page(company.page, by=company.dara, now=LATER)

    assert Page.objects.get().is_default is True


def test_two_pages_cannot_have_one_address() -> None:
    company = make_company()
    other_page = make_page()
    other_page.slug = company.page.slug

    with pytest.raises(InvalidInput) as refusal:
        save_page(other_page, by=company.dara, now=LATER)

    assert refusal.value.field == "slug"


def test_an_unknown_time_zone_is_refused() -> None:
    company = make_company()
    company.page.time_zone = "Lisbon"

    with pytest.raises(InvalidInput) as refusal:
        save_page(company.page, by=company.dara, now=LATER)

    assert (refusal.value.field, Page.objects.get().time_zone) == ("time_zone", "UTC")


def test_a_new_component_works() -> None:
    company = make_company()

    component = save_component(
        Component(page=company.page, name="Ferries", status="major_outage"), by=company.dara, now=LATER
    )

    event = newest_event()
    assert (Component.objects.get(name="Ferries").status, component.status) == ("operational", "operational")
    assert (event.kind, event.page, event.is_public) == ("component.changed", company.page, True)
    assert event.data == {"component": component.public_id}


def test_a_changed_component_keeps_the_status_that_incidents_gave_it() -> None:
    company = make_company()
    opened_in_a_form = Component.objects.get(pk=company.trains.pk)
    publish(company)
    opened_in_a_form.name = "All trains"

    save_component(opened_in_a_form, by=company.dara, now=LATER)

    component = Component.objects.get(pk=company.trains.pk)
    assert (component.name, component.status, opened_in_a_form.status) == ("All trains", "major_outage", "major_outage")


def test_a_component_stands_under_a_group_of_its_own_page() -> None:
    company = make_company()
    company.buses.group = make_group(make_page())

    with pytest.raises(InvalidInput) as refusal:
        save_component(company.buses, by=company.dara, now=LATER)

    assert refusal.value.field == "group"


def test_a_component_needs_a_name() -> None:
    company = make_company()
    company.buses.name = ""

    with pytest.raises(InvalidInput) as refusal:
        save_component(company.buses, by=company.dara, now=LATER)

    assert refusal.value.field == "name"


def test_a_group_is_kept_and_told() -> None:
    company = make_company()

    group = save_group(ComponentGroup(page=company.page, name="Roads"), by=company.dara, now=LATER)

    event = newest_event()
    assert ComponentGroup.objects.get(name="Roads") == group
    assert (event.kind, event.is_public, event.data) == ("page.changed", True, {"group": group.public_id})


def test_a_removed_group_leaves_its_components() -> None:
    company = make_company()

    remove_group(company.trains.group, by=company.dara, now=LATER)

    company.trains.refresh_from_db()
    assert (company.trains.group, ComponentGroup.objects.count()) == (None, 0)
    assert (newest_event().kind, newest_event().page) == ("page.changed", company.page)


def test_a_component_that_nothing_used_can_go() -> None:
    company = make_company()
    ferries = save_component(Component(page=company.page, name="Ferries"), by=company.dara, now=NOW)
    public_id = ferries.public_id

    remove_component(ferries, by=company.dara, now=LATER)

    assert Component.objects.filter(name="Ferries").count() == 0
    assert (newest_event().kind, newest_event().data) == ("component.changed", {"component": public_id})


def test_a_component_that_history_needs_stays() -> None:
    company = make_company()

    with pytest.raises(WrongState, match="Hide it instead"):
        remove_component(company.trains, by=company.dara, now=LATER)

    assert (Component.objects.count(), Event.objects.count()) == (2, 0)
