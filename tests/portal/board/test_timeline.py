"""A past estimate is never shown as current."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.board.timeline import estimates_at, incident_at
from tests.portal.make_facts import NOON, at, make_estimate_facts, make_incident_facts, make_resolved


def states(incident, now=NOON):
    return [estimate.state for estimate in estimates_at(incident, now)]


def test_an_estimate_that_lies_ahead_is_current():
    assert states(make_incident_facts(estimates=(make_estimate_facts(-1, 1),))) == ["current"]


@pytest.mark.parametrize("hours", [0, -0.001, -1])
def test_from_its_very_minute_on_it_is_missed(hours):
    assert states(make_incident_facts(estimates=(make_estimate_facts(-2, hours),))) == ["missed"]


def test_not_known_yet_is_current_until_a_time_is_given():
    unknown = make_estimate_facts(-2, None, "assessing")

    assert states(make_incident_facts(estimates=(unknown,))) == ["current"]
    assert states(make_incident_facts(estimates=(make_estimate_facts(-1, 2), unknown))) == ["current", "superseded"]


def test_one_that_was_revised_in_time_is_superseded_and_one_revised_too_late_was_missed():
    estimates = (
        make_estimate_facts(-0.5, 2, "revised"),
        make_estimate_facts(-1.5, -1, "revised"),
        make_estimate_facts(-3, 1),
    )

    assert states(make_incident_facts(estimates=estimates)) == ["current", "missed", "superseded"]


def test_a_revision_to_not_known_leaves_no_time_that_is_current():
    estimates = (make_estimate_facts(-0.5, None, "assessing"), make_estimate_facts(-3, 1))

    assert states(make_incident_facts(estimates=estimates)) == ["current", "superseded"]


@pytest.mark.parametrize(("restored_by", "state"), [(0, "met"), (-1, "met"), (-1.001, "missed")])
def test_after_the_end_it_was_met_or_missed(restored_by, state):
    assert states(make_resolved(ended=-1, estimates=(make_estimate_facts(-2, restored_by),))) == [state]


def test_after_the_end_nothing_is_unknown_any_more():
    assert states(make_resolved(estimates=(make_estimate_facts(-2, None, "assessing"),))) == ["superseded"]


hours = st.floats(-48, 48, allow_nan=False)


@given(st.lists(st.tuples(hours, st.none() | hours), max_size=5), st.booleans(), hours)
def test_only_the_newest_estimate_of_an_open_incident_is_ever_current_and_only_ahead(estimates, is_over, now):
    newest_first = sorted(estimates, key=lambda estimate: estimate[0], reverse=True)
    made = tuple(make_estimate_facts(said, by) for said, by in newest_first)
    incident = make_resolved(estimates=made) if is_over else make_incident_facts(estimates=made)

    current = [one for one in estimates_at(incident, at(now)) if one.state == "current"]

    assert current in ([], [estimates_at(incident, at(now))[0]] if made else [])
    assert all(one.restored_by is None or one.restored_by > at(now) for one in current)
    assert not (is_over and current)


def test_a_view_holds_until_its_estimate_or_its_next_update_turns():
    incident = make_incident_facts(estimates=(make_estimate_facts(-1, 2),), next_update_due_at=at(1))

    assert incident_at(incident, NOON).valid_until == at(1)
    assert incident_at(incident, at(1)).valid_until == at(2)
    assert incident_at(incident, at(2)).valid_until is None


def test_an_update_that_is_late_says_so():
    incident = make_incident_facts(next_update_due_at=at(1))

    assert not incident_at(incident, NOON).is_update_late
    assert incident_at(incident, at(1)).is_update_late


def test_what_is_over_turns_no_more():
    over = make_resolved(estimates=(make_estimate_facts(-2, 3),), next_update_due_at=at(1))

    view = incident_at(over, NOON)

    assert (view.valid_until, view.next_update_at, view.is_update_late) == (None, None, False)
