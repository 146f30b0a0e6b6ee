"""One catalogue, several audiences: a page that shows chosen components of another, and what touches them."""

import json
from dataclasses import dataclass

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.actions.publishing.catalogue import save_component, save_page
from incidents.actions.publishing.incidents import publish_incident, resolve_incident
from incidents.actor import CLOCK, Actor
from incidents.models import AffectedComponent, Component, Incident, Page
from portal.facts.reading import read_page
from portal.publishing.store import Published
from tests import make
from tests.portal.page_documents import add_update, publish, say_updated, text_at
from tests.portal.views.test_reports import OURS

pytestmark = pytest.mark.django_db


@dataclass
class Company:
    """The whole catalogue stands on one page; wholesale customers have a page with the trains alone."""

    all: Page
    wholesale: Page
    trains: Component
    buses: Component

    def incident(self, *components: Component, **fields) -> Incident:
        return make.make_incident(self.all, components=components, **fields)


@pytest.fixture
def it() -> Company:
    everything = make.make_page(is_default=True, name="Northwind")
    group = make.make_group(everything, name="On rails")
    trains = make.make_component(everything, name="Trains", group=group, public_id="trains")
    buses = make.make_component(everything, name="Buses", public_id="buses")
    wholesale = make.make_page(slug="wholesale", name="Wholesale")
    save_page(wholesale, by=CLOCK, guests=[trains])
    return Company(everything, wholesale, trains, buses)


def moves(*components: Component) -> list[dict[str, str]]:
    return [
        {"code": one.public_id, "name": one.name, "old_status": "operational", "new_status": "major_outage"}
        for one in components
    ]


def ids_on(store: Published, page: Page) -> list[str]:
    return [one.public_id for one in store.edition.pages[page.pk].incidents]


def test_its_guests_stand_there_under_their_heading(it):
    facts = read_page(it.wholesale)

    assert [(component.name, component.group_id) for component in facts.components] == [
        ("Trains", it.trains.group.public_id)
    ]
    assert [group.name for group in facts.groups] == ["On rails"]


def test_an_incident_shows_where_it_touches_something_and_nowhere_else(it):
    touches, other, everywhere = it.incident(it.trains), it.incident(it.buses), it.incident()

    store = publish(it.all)

    assert ids_on(store, it.wholesale) == [touches.public_id]
    assert set(ids_on(store, it.all)) == {touches.public_id, other.public_id, everywhere.public_id}


def test_of_an_incident_only_its_own_parts_are_named(it):
    incident = it.incident(it.trains, it.buses, name="A tree fell")
    add_update(incident, "We clear it.", affected_components=moves(it.trains, it.buses))
    store = publish(it.all)

    page = text_at(store, f"/p/wholesale/incidents/{incident.public_id}")
    api = json.loads(text_at(store, "/p/wholesale/api/v2/incidents.json"))["incidents"][0]

    assert ("Trains" in page, "Buses" in page) == (True, False)
    assert [one["name"] for one in api["components"]] == ["Trains"]
    assert [one["code"] for one in api["incident_updates"][0]["affected_components"]] == ["trains"]
    assert api["page_id"] == api["components"][0]["page_id"] == it.wholesale.public_id
    assert api["shortlink"].endswith(f"/p/wholesale/incidents/{incident.public_id}")


def test_no_document_of_the_page_names_what_it_does_not_show(it):
    incident = it.incident(it.trains, it.buses, name="A tree fell")
    add_update(incident, "We clear it.", affected_components=moves(it.trains, it.buses))
    it.incident(it.buses, name="Flat tyre")
    documents = publish(it.all).render_everything().items()

    theirs = {path: one.plain.body.decode() for path, one in documents if path.startswith("/p/wholesale/")}

    assert len(theirs) > 20
    assert [path for path, text in theirs.items() if "Buses" in text or "Flat tyre" in text] == []


def test_a_hidden_component_is_hidden_there_too(it):
    it.incident(it.trains)
    it.trains.is_hidden = True
    save_component(it.trains, by=CLOCK)

    facts = publish(it.all).edition.pages[it.wholesale.pk]

    assert (facts.components, facts.incidents) == ((), ())


def test_what_happens_on_the_one_page_is_seen_on_the_other(it, django_user_model):
    store = publish(it.all)
    by = Actor.staff(make.make_user("Dara"))
    incident = it.incident(it.trains, published=False, name="A tree fell")
    publish_incident(incident, by=by, body="We look into it.")
    store.refresh()
    open_there = text_at(store, "/p/wholesale/")

    resolve_incident(incident, by=by, body="It is cleared.")
    store.refresh()

    assert ("A tree fell" in open_there, "Everything works" in open_there) == (True, False)
    assert "Everything works" in text_at(store, "/p/wholesale/")


def test_an_incident_that_comes_to_touch_a_guest_appears_and_leaves_again(it):
    incident = it.incident(it.buses)
    store = publish(it.all)
    before = ids_on(store, it.wholesale)

    row = AffectedComponent.objects.create(incident=incident, component=it.trains)
    say_updated(incident)
    store.refresh()
    during = ids_on(store, it.wholesale)
    row.delete()
    say_updated(incident)
    store.refresh()

    assert (before, during, ids_on(store, it.wholesale)) == ([], [incident.public_id], [])


def test_the_pages_are_for_whom_each_of_them_is(it, client):
    it.incident(it.trains, name="A tree fell")
    it.wholesale.visibility = "signed_in"
    save_page(it.wholesale, by=CLOCK)
    publish(it.all)

    assert "A tree fell" in client.get("/").content.decode()
    assert client.get("/p/wholesale/").status_code == 302


def test_it_has_the_whole_history_of_its_guests(it):
    facts = publish(it.all).edition.pages[it.wholesale.pk]

    assert [record.public_id for record in facts.records] == ["trains"]


def test_a_visitor_claims_about_a_guest(it, client):
    publish(it.all)

    answer = client.post("/p/wholesale/claim/send", {"component": "trains"}, headers=OURS)

    assert (answer.status_code, answer["Location"]) == (302, "/p/wholesale/claim/thanks")


@pytest.mark.parametrize("number", [1, 3])
def test_reading_takes_at_most_twelve_queries_however_much_there_is(it, number):
    for _one in range(number):
        it.incident(it.trains, it.buses)

    with CaptureQueriesContext(connection) as queries:
        read_page(it.wholesale)

    assert len(queries) == 10
