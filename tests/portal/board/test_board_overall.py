"""The overall state, against the table of Statuspage's public API v2 (design: interfaces, section 1)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.models import Component
from portal.board.board import (
    INDICATORS,
    MAINTENANCE,
    MAJOR_OUTAGE,
    MINOR_OUTAGE,
    OPERATIONAL,
    PARTIAL_OUTAGE,
    PARTLY_DEGRADED,
    overall_status,
    page_status,
)
from portal.facts.page import AffectedFacts
from tests.portal.make_facts import (
    make_component_facts,
    make_incident_facts,
    make_maintenance,
    make_page_facts,
    make_resolved,
)

UP, WORK, SLOW, PART, DOWN = Component.Status.values

TABLE = [
    # every component in major outage
    ((DOWN,), "critical", "Major System Outage"),
    ((DOWN, DOWN), "critical", "Major System Outage"),
    # any major outage, or every one partial
    ((DOWN, UP), "major", "Partial System Outage"),
    ((DOWN, PART), "major", "Partial System Outage"),
    ((DOWN, WORK), "major", "Partial System Outage"),
    ((DOWN, SLOW, UP), "major", "Partial System Outage"),
    ((PART,), "major", "Partial System Outage"),
    ((PART, PART), "major", "Partial System Outage"),
    # some partial outage
    ((PART, UP), "minor", "Minor Service Outage"),
    ((PART, SLOW), "minor", "Minor Service Outage"),
    ((PART, WORK), "minor", "Minor Service Outage"),
    # every one degraded
    ((SLOW,), "minor", "Degraded System Service"),
    ((SLOW, SLOW), "minor", "Degraded System Service"),
    # some degraded
    ((SLOW, UP), "minor", "Partially Degraded Service"),
    ((SLOW, WORK), "minor", "Partially Degraded Service"),
    # nothing worse than maintenance
    ((WORK,), "maintenance", "Service Under Maintenance"),
    ((WORK, UP), "maintenance", "Service Under Maintenance"),
    # otherwise
    ((UP,), "none", "All Systems Operational"),
    ((UP, UP), "none", "All Systems Operational"),
    ((), "none", "All Systems Operational"),
]


@pytest.mark.parametrize(("statuses", "indicator", "description"), TABLE)
def test_components_decide_as_the_table_says(statuses, indicator, description):
    shown = overall_status(statuses)

    assert (shown.indicator, shown.description) == (indicator, description)


@pytest.mark.parametrize(
    ("statuses", "impacts", "expected"),
    [
        ((UP,), ["none"], OPERATIONAL),
        ((UP,), ["minor"], MINOR_OUTAGE),
        ((UP,), ["major"], PARTIAL_OUTAGE),
        ((UP,), ["minor", "critical"], MAJOR_OUTAGE),
        ((UP,), ["maintenance"], MAINTENANCE),
        ((), ["major"], PARTIAL_OUTAGE),
        ((WORK,), ["minor"], MINOR_OUTAGE),
        # a floor never lowers, and never rewords what is as bad
        ((DOWN, UP), ["minor"], PARTIAL_OUTAGE),
        ((SLOW, UP), ["minor"], PARTLY_DEGRADED),
        ((DOWN,), ["maintenance"], MAJOR_OUTAGE),
    ],
)
def test_an_incident_that_no_component_speaks_for_sets_a_floor(statuses, impacts, expected):
    assert overall_status(statuses, impacts) == expected


statuses = st.lists(st.sampled_from(Component.Status.values), max_size=6)
impacts = st.lists(st.sampled_from(INDICATORS), max_size=3)


@given(statuses, impacts)
def test_order_does_not_matter(statuses, impacts):
    backwards = overall_status(reversed(statuses), reversed(impacts))

    assert backwards == overall_status(statuses, impacts)


@given(statuses.filter(lambda some: set(some) - {UP, WORK}), impacts)
def test_maintenance_never_hides_an_outage(statuses, impacts):
    shown = overall_status([*statuses, WORK], [*impacts, "maintenance"])

    assert shown.indicator in {"minor", "major", "critical"}


@given(statuses, impacts)
def test_it_is_never_better_than_any_floor(statuses, impacts):
    shown = INDICATORS.index(overall_status(statuses, impacts).indicator)

    assert shown >= max((INDICATORS.index(impact) for impact in impacts), default=0)


def test_an_open_incident_whose_components_work_still_shows():
    component = make_component_facts()
    quiet = make_incident_facts(impact="minor", affected=(AffectedFacts(component.public_id, component.name, UP),))

    assert page_status(make_page_facts(components=(component,), incidents=(quiet,))) == MINOR_OUTAGE


def test_a_component_that_is_down_speaks_for_its_incident():
    component = make_component_facts(SLOW)
    loud = make_incident_facts(impact="critical", affected=(AffectedFacts(component.public_id, component.name, SLOW),))

    facts = make_page_facts(components=(component, make_component_facts()), incidents=(loud,))

    assert page_status(facts) == PARTLY_DEGRADED


def test_what_is_over_or_only_planned_sets_no_floor():
    facts = make_page_facts(
        components=(make_component_facts(),), incidents=(make_resolved(impact="critical"), make_maintenance(2, 3))
    )

    assert page_status(facts) == OPERATIONAL


def test_maintenance_under_way_without_components_shows():
    facts = make_page_facts(
        components=(make_component_facts(),), incidents=(make_maintenance(-1, 3, status="in_progress"),)
    )

    assert page_status(facts) == MAINTENANCE
