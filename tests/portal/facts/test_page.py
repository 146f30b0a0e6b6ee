"""What is read of a page: everything public, nothing else, in a fixed number of queries."""

import pytest

from incidents.models import AffectedComponent, Estimate
from portal.facts.page import AffectedFacts
from portal.facts.reading import read_page
from tests import make
from tests.portal.page_documents import add_update

pytestmark = pytest.mark.django_db


def make_incidents(page, number):
    for _ in range(number):
        component = make.make_component(page, group=make.make_group(page))
        incident = make.make_incident(page, components=(component,))
        add_update(incident)
        Estimate.objects.create(incident=incident, stage="assessing")


@pytest.mark.parametrize("number", [1, 3])
def test_a_page_is_read_in_nine_queries(number, django_assert_num_queries):
    page = make.make_page()
    make_incidents(page, number)

    with django_assert_num_queries(9):
        facts = read_page(page)

    assert len(facts.incidents) == len(facts.components) == len(facts.groups) == number


@pytest.mark.parametrize("number", [1, 3])
def test_what_changed_is_read_in_nine_queries_and_the_rest_is_kept(number, django_assert_num_queries):
    page = make.make_page()
    make_incidents(page, number)
    changed = make.make_incident(page)
    known = read_page(page)
    add_update(changed, "News")

    with django_assert_num_queries(9):
        facts = read_page(page, known, {changed.pk})

    assert [one.updates[0].html for one in facts.incidents if one.key == changed.pk] == ["<p>News</p>"]
    kept = [one for one in known.incidents if one.key != changed.pk]
    assert [one for one in facts.incidents if any(one is old for old in kept)] == kept


def test_what_reads_as_before_stays_the_same_object():
    """Documents are compared by it; what is the same object needs no second look."""
    page = make.make_page()
    make_incidents(page, 2)
    known = read_page(page)
    make.make_component(page, name="New")

    facts = read_page(page, known, set())

    assert facts.profile is known.profile
    assert facts.groups is known.groups
    assert [component.name for component in facts.components if component not in known.components] == ["New"]
    assert len(facts.records) == 3


def test_a_draft_is_no_fact():
    page = make.make_page()
    make.make_incident(page, name="Draft", published=False)

    assert read_page(page).incidents == ()


def test_another_page_s_incidents_are_not_this_page_s():
    page = make.make_page()
    make.make_incident(make.make_page())

    assert read_page(page).incidents == ()


def test_a_hidden_component_is_nowhere():
    page = make.make_page()
    hidden = make.make_component(page, name="Secret", is_hidden=True)
    shown = make.make_component(page, name="Shown")
    incident = make.make_incident(page, components=(hidden, shown))
    spoken = [
        {"code": code, "name": name, "old_status": "operational", "new_status": "major_outage"}
        for code, name in [(hidden.public_id, "Secret"), (shown.public_id, "Old name"), ("elsewhere", "Imported")]
    ]
    add_update(incident, affected_components=spoken)

    facts = read_page(page)

    assert [component.name for component in facts.components] == ["Shown"]
    assert facts.incidents[0].affected == (AffectedFacts(shown.public_id, "Shown", "major_outage"),)
    assert facts.incidents[0].updates[0].affected == (
        AffectedFacts(shown.public_id, "Shown", "major_outage"),
        AffectedFacts("elsewhere", "Imported", "major_outage"),
    )
    assert "Secret" not in repr(facts) + repr(facts.incidents)


def test_updates_and_estimates_are_newest_first():
    page = make.make_page()
    incident = make.make_incident(page)
    first, second = add_update(incident, "first"), add_update(incident, "second")
    Estimate.objects.create(incident=incident, stage="assessing", reason="early")
    Estimate.objects.create(incident=incident, stage="assessing", reason="late")

    [incident] = read_page(page).incidents

    assert [said.key for said in incident.updates] == [second.pk, first.pk]
    assert [estimate.reason for estimate in incident.estimates] == ["late", "early"]


def test_components_stand_in_their_order():
    page = make.make_page()
    incident = make.make_incident(page)
    second, first = (make.make_component(page, position=position) for position in (2, 1))
    for component in (second, first):
        AffectedComponent.objects.create(incident=incident, component=component, status="partial_outage")

    facts = read_page(page)

    assert [component.public_id for component in facts.components] == [first.public_id, second.public_id]
    assert [one.public_id for one in facts.incidents[0].affected] == [first.public_id, second.public_id]
