"""My page: what is mine, what is touched, what I can do."""

from datetime import timedelta

import pytest
from django.test import Client

from incidents.actions.recovery.promises import break_due_promises
from incidents.models import CheckIn, Choice, Customer, Impact, Incident, Page
from tests.incidents.choosing import CUT_OFF, NOW, ChoosingScene, choose, make_choosing_scene
from tests.make import (
    make_customer,
    make_holding,
    make_impact,
    make_incident,
    make_membership,
    make_offer,
    make_page,
    make_user,
)
from tests.portal.visiting import browser, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def it(time_machine) -> ChoosingScene:
    time_machine.move_to(NOW, tick=False)
    return make_choosing_scene()


def test_it_greets_and_leads_with_what_is_touched(it) -> None:
    shown = words(browser(it.ana).get("/my/"))

    assert "Hello, <bdi>Ana</bdi>." in shown
    assert "<h1>One of your things is affected</h1>" in shown
    assert "Night train cancelled" in shown
    assert it.impact.holding.ref in shown
    assert "We do not know yet." in shown
    assert "See your options" in shown
    assert shown.index("One of your things") < shown.index("Night train cancelled") < shown.index("See your options")


def test_it_shows_mine_and_nobody_else_s(it) -> None:
    make_holding(it.bens_impact.customer, label="Ben's bicycle")

    response = browser(it.ana).get("/my/")

    assert [impact_view.impact for impact_view in response.context["my_page"].current] == [it.impact]
    assert it.bens_impact.holding.ref not in words(response)
    assert "bicycle" not in words(response)


def test_things_of_one_incident_stand_together(it) -> None:
    second = make_impact(it.incident, make_holding(it.impact.customer, label="Second berth"))

    response = browser(it.ana).get("/my/")

    [group] = response.context["my_page"].groups
    assert {impact_view.impact for impact_view in group.impact_views} == {it.impact, second}
    assert "2 of your things are affected" in words(response)


def test_a_choice_is_shown_with_its_promise_and_until_when_it_can_change(it) -> None:
    choose(it, it.seat)

    response = browser(it.ana).get("/my/")

    assert "You chose <strong>Seat on the 18:10</strong>." in words(response)
    assert "You can change it until <time" in words(response)
    assert it.seat.promise in words(response)
    assert "See your options" not in words(response)


def test_when_every_offer_is_closed_nothing_asks_to_choose(it, time_machine) -> None:
    time_machine.move_to(CUT_OFF + timedelta(seconds=1), tick=False)

    assert "See your options" not in words(browser(it.ana).get("/my/"))


def test_the_check_in_is_asked(it) -> None:
    restore(it.impact)

    shown = words(browser(it.ana).get("/my/"))

    assert "<h1>The service is back. Is it fixed for you?</h1>" in shown
    assert f"/my/impacts/{it.impact.public_id}/check-in/" in shown


def restore(impact: Impact, at=NOW) -> None:
    Incident.objects.filter(pk=impact.incident_id).update(status=Incident.Status.RESOLVED, resolved_at=at)
    Impact.objects.filter(pk=impact.pk).update(state=Impact.State.RESTORED, restored_at=at)
    CheckIn.objects.create(impact=impact, asked_at=at)


def test_not_fixed_is_still_touched(it) -> None:
    restore(it.impact)
    Impact.objects.filter(pk=it.impact.pk).update(state=Impact.State.REOPENED)

    shown = words(browser(it.ana).get("/my/"))

    assert "One of your things is affected" in shown
    assert "A person of ours looks into it and calls you" in shown


def test_what_is_over_moves_to_the_past(it) -> None:
    Impact.objects.filter(pk=it.impact.pk).update(state=Impact.State.CONFIRMED, confirmed_at=NOW)

    response = browser(it.ana).get("/my/")

    assert [impact_view.impact for impact_view in response.context["my_page"].past] == [it.impact]
    assert "Nothing of yours is affected" in words(response)


def test_what_we_still_owe_stays_in_front(it) -> None:
    choose(it, it.seat)
    Impact.objects.filter(pk=it.impact.pk).update(state=Impact.State.CONFIRMED, confirmed_at=NOW)

    response = browser(it.ana).get("/my/")

    assert [impact_view.impact for impact_view in response.context["my_page"].current] == [it.impact]
    assert "what we promised you is under way" in words(response)


def test_what_we_owe_and_missed_is_said_first(it, time_machine) -> None:
    choose(it, it.seat)
    Impact.objects.filter(pk=it.impact.pk).update(state=Impact.State.CONFIRMED, confirmed_at=NOW)
    time_machine.move_to(NOW + it.seat.fulfil_within + timedelta(seconds=1), tick=False)

    shown = words(browser(it.ana).get("/my/"))

    assert "<h1>It works again, but we owe you something that is late</h1>" in shown
    assert "A promise to you is late" in shown


def test_a_promise_that_was_given_up_is_not_owed_any_more(it, time_machine) -> None:
    choose(it, it.credit)
    late = NOW + it.credit.fulfil_within + timedelta(hours=1)
    break_due_promises(late)
    Choice.objects.update(state=Choice.State.CHANGED)
    time_machine.move_to(late, tick=False)

    shown = words(browser(it.ana).get("/my/"))

    assert "had not done it when the choice was given up" in shown
    assert "is late" not in shown


def test_an_unanswered_check_in_does_not_nag_for_ever(it, time_machine) -> None:
    restore(it.impact)
    time_machine.move_to(NOW + timedelta(days=31), tick=False)

    assert browser(it.ana).get("/my/").context["my_page"].current == ()


def test_planned_work_ahead_is_not_called_a_disruption(it) -> None:
    Impact.objects.filter(pk=it.impact.pk).delete()
    planned = make_incident(
        it.page,
        kind="maintenance",
        status="scheduled",
        impact="maintenance",
        scheduled_for=NOW + timedelta(days=1),
        scheduled_until=NOW + timedelta(days=1, hours=2),
    )
    make_impact(planned, it.impact.holding)

    shown = words(browser(it.ana).get("/my/"))

    assert "Planned work will touch something of yours" in shown
    assert "is affected</h1>" not in shown
    assert "Planned for" in shown


def test_nothing_affected_is_a_state_of_its_own_with_what_is_fine(it) -> None:
    cleo = make_user("Cleo")
    make_membership(cleo, make_customer("Cleo"))
    make_holding(Customer.objects.get(name="Cleo"), label="Cleo's line")

    shown = words(browser(cleo).get("/my/"))

    assert "<h1>Nothing of yours is affected</h1>" in shown
    assert "Cleo's line".replace("'", "&#x27;") in shown


def test_what_ended_is_not_listed_as_fine(it) -> None:
    make_holding(it.impact.customer, label="Last year's trip", ends_at=NOW - timedelta(days=300))
    make_holding(it.impact.customer, label="Next year's trip", ends_at=NOW + timedelta(days=300))

    shown = browser(it.ana).get("/my/").context["my_page"].unaffected

    assert [holding.label for holding in shown] == ["Next year's trip"]


def test_somebody_who_is_no_customer_is_told_so() -> None:
    shown = words(browser(make_user("Dara", is_staff=True)).get("/my/"))

    assert "There is nothing here under this address" in shown
    assert "Go to the staff desk" in shown


def test_a_delegate_sees_whose_each_thing_is(it) -> None:
    make_membership(it.ana, it.bens_impact.customer, role="viewer")

    response = browser(it.ana).get("/my/")

    assert len(response.context["my_page"].current) == 2
    assert "· <bdi>Ben</bdi></p>" in words(response)


def test_a_person_to_reach_is_named(it) -> None:
    Page.objects.update(support_phone="+351 21 000")

    assert 'href="tel:+35121000"' in words(browser(it.ana).get("/my/"))


def test_drafts_are_not_told(it) -> None:
    Incident.objects.update(published_at=None)

    assert browser(it.ana).get("/my/").context["my_page"].current == ()


def test_it_is_never_stored_or_indexed(it) -> None:
    response = browser(it.ana).get("/my/")

    assert (response["Cache-Control"], response["X-Robots-Tag"]) == ("private, no-store", "noindex, nofollow")


def test_only_looking_is_possible(it) -> None:
    client = Client()
    client.force_login(it.ana)

    assert client.post("/my/").status_code == 405


def test_the_past_is_shown_in_part_and_whole_on_request(it) -> None:
    make_past(it, 25)

    some, whole = browser(it.ana).get("/my/"), browser(it.ana).get("/my/?all")

    assert (len(some.context["my_page"].past), some.context["my_page"].has_more_past) == (20, True)
    assert (len(whole.context["my_page"].past), whole.context["my_page"].has_more_past) == (25, False)


def make_past(it: ChoosingScene, number: int) -> None:
    for _ in range(number):
        make_impact(it.incident, make_holding(it.impact.customer), state=Impact.State.CONFIRMED)


@pytest.mark.parametrize("things", [1, 3])
def test_queries_do_not_grow_with_what_is_mine(it, things, django_assert_num_queries) -> None:
    make_more(it, things)
    ana = browser(it.ana)

    with django_assert_num_queries(18):
        ana.get("/my/")


def make_more(it: ChoosingScene, number: int) -> None:
    """So many incidents, each with a choice and a check-in for a thing of Ana's; and as many things beside."""
    for index in range(number):
        page = make_page()
        impact = make_impact(make_incident(page), make_holding(it.impact.customer))
        make_holding(it.impact.customer)
        choose(it, make_offer(impact.incident, choose_by=CUT_OFF), impact=impact, key=f"key-{index:016}")
        CheckIn.objects.create(impact=impact, asked_at=NOW)
