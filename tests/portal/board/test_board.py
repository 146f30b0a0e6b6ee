"""What the status page and the history show at a moment."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from portal.board.board import board_at, groups_of, months_of
from portal.board.timeline import incident_at
from portal.facts.page import AffectedFacts
from tests.portal.make_facts import (
    NOON,
    at,
    make_component_facts,
    make_estimate_facts,
    make_group,
    make_incident_facts,
    make_maintenance,
    make_page_facts,
    make_resolved,
    make_update_facts,
)

LONDON = ZoneInfo("Europe/London")


def test_the_worst_open_incident_answers_first_and_the_first_began_it():
    minor = make_incident_facts(started_at=at(-3))
    major = make_incident_facts(impact="major", started_at=at(-1))

    board = board_at(make_page_facts(incidents=(major, minor)), NOON)

    assert (board.lead.facts, board.since) == (major, at(-3))


def test_open_incidents_stand_in_the_order_in_which_we_last_spoke_of_them():
    quiet = make_incident_facts(started_at=at(-1), updates=(make_update_facts(-1),))
    spoken_of = make_incident_facts(started_at=at(-5), updates=(make_update_facts(-0.5), make_update_facts(-5)))

    board = board_at(make_page_facts(incidents=(quiet, spoken_of)), NOON)

    assert [view.facts for view in board.open] == [spoken_of, quiet]


def test_planned_work_stands_apart_soonest_first():
    later, sooner, running = (
        make_maintenance(48, 50),
        make_maintenance(2, 3),
        make_maintenance(-1, 1, status="verifying"),
    )

    board = board_at(make_page_facts(incidents=(later, sooner, running)), NOON)

    assert [view.facts for view in board.planned] == [sooner, later]
    assert [view.facts for view in board.under_way] == [running]
    assert (board.lead.facts, board.next_planned.facts) == (running, sooner)


def test_a_window_that_passed_is_no_plan_any_more():
    board = board_at(make_page_facts(incidents=(make_maintenance(-5, -3),)), NOON)

    assert (board.next_planned, board.planned[0].is_window_past) == (None, True)


def test_the_board_holds_until_the_next_thing_turns():
    incident = make_incident_facts(estimates=(make_estimate_facts(-1, 5),), next_update_due_at=at(4))
    work = make_maintenance(3, 6)

    board = board_at(make_page_facts(incidents=(work, incident)), NOON)

    assert board.valid_until == at(3)


def test_without_anything_to_turn_it_holds_until_the_page_s_midnight():
    board = board_at(make_page_facts(), datetime(2026, 7, 1, 12, tzinfo=UTC))

    assert board.valid_until == datetime(2026, 7, 1, 23, tzinfo=UTC)  # London is an hour ahead in summer


def test_groups_show_their_worst_state_and_empty_ones_are_left_out():
    alone, slow, down = (
        make_component_facts(),
        make_component_facts("degraded_performance", group_id="web"),
        make_component_facts("major_outage", group_id="web"),
    )
    groups = (make_group("web"), make_group("bare"))

    views = groups_of(make_page_facts(groups=groups, components=(slow, alone, down)))

    assert [(view.group, view.components, view.worst, view.is_troubled) for view in views] == [
        (None, (alone,), "operational", False),
        (groups[0], (slow, down), "major_outage", True),
    ]


def test_a_component_may_be_shown_only_when_it_is_worse_than_operational():
    quiet, loud = (
        make_component_facts(only_if_degraded=True),
        make_component_facts("partial_outage", only_if_degraded=True),
    )

    [view] = groups_of(make_page_facts(components=(quiet, loud)))

    assert view.components == (loud,)


def test_the_last_days_are_the_page_s_days():
    late = make_resolved(started_at=datetime(2026, 11, 20, 23, 59, tzinfo=LONDON))
    early = make_resolved(started_at=datetime(2026, 11, 20, 0, 1, tzinfo=LONDON))
    old = make_resolved(started_at=NOON - timedelta(days=14))

    board = board_at(make_page_facts(incidents=(late, early, old)), NOON)

    assert [(day.first, [view.facts for view in day.incidents]) for day in board.days] == [
        (datetime(2026, 11, 20, tzinfo=LONDON), [late, early]),
    ]
    assert board.last == late


def test_months_are_the_page_s_months_and_the_present_one_is_always_there():
    summer = make_resolved(started_at=datetime(2026, 6, 30, 23, 30, tzinfo=UTC))  # already July in London
    spring = make_resolved(started_at=datetime(2026, 3, 5, tzinfo=UTC))

    months = months_of(make_page_facts(incidents=(make_maintenance(24, 25), summer, spring)), NOON)

    assert [(month.path, month.incidents) for month in months] == [
        ("history/2026/11", ()),
        ("history/2026/07", (summer,)),
        ("history/2026/03", (spring,)),
    ]


def test_an_update_shows_which_components_it_changed():
    web = [
        AffectedFacts("web", "Web", status)
        for status in ("degraded_performance", "degraded_performance", "operational")
    ]
    said = (
        make_update_facts(-1, "resolved", affected=(web[2],)),
        make_update_facts(-2, affected=(web[1],)),
        make_update_facts(-3, affected=(web[0],)),
    )

    view = incident_at(make_resolved(updates=said), NOON)

    assert [update.turned for update in view.updates] == [(web[2],), (), (web[0],)]


def test_a_correction_and_what_it_corrects_point_at_each_other():
    first = make_update_facts(-2)
    second = make_update_facts(-1, corrects=first.key)

    newest, oldest = incident_at(make_incident_facts(updates=(second, first)), NOON).updates

    assert (newest.corrects_at, newest.corrected_at) == (at(-2), None)
    assert (oldest.corrects_at, oldest.corrected_at) == (None, at(-1))


def test_it_lasted_from_its_start_to_its_end():
    assert incident_at(make_resolved(started_at=at(-3), ended=-1), NOON).duration == timedelta(hours=2)
    assert incident_at(make_incident_facts(), NOON).duration is None
