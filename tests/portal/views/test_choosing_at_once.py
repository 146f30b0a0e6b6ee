"""Two presses of the button at the very same moment, each by a browser and a connection of its own."""

import pytest
from django.db import connection

from incidents.models import Choice, Membership
from tests.at_once import at_once, call
from tests.incidents.choosing import NOW, ChoosingScene, make_choosing_scene, units_taken
from tests.make import make_membership, make_user
from tests.portal.visiting import address, ask, browser, link, press

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="threads need a server"),
]


@pytest.fixture
def it(time_machine) -> ChoosingScene:
    time_machine.move_to(NOW, tick=False)
    return make_choosing_scene(seats=1)


def test_a_double_click_is_one_choice(it) -> None:
    ana, at = browser(it.ana), address(it.impact, "choose/")
    form = ask(ana, at, it.seat)

    answers = at_once(*[call(press, ana, at, **form)] * 2)

    assert [answer.status_code for answer in answers] == [302, 302]
    assert (Choice.objects.count(), units_taken(it.seats)) == (1, 1)


def test_of_two_tabs_one_chooses_and_one_is_told(it) -> None:
    at = link(it.impact, "choose/")
    first, second = ask(browser(), at, it.seat), ask(browser(), at, it.credit)

    answers = at_once(call(press, browser(), at, **first), call(press, browser(), at, **second))

    assert sorted(answer.status_code for answer in answers) == [302, 409]
    assert Choice.objects.count() == 1


def test_of_two_delegates_one_chooses_and_one_is_told(it) -> None:
    dora = make_user("Dora")
    make_membership(dora, it.impact.customer, role=Membership.Role.CHOOSER)
    ana, delegate, at = browser(it.ana), browser(dora), address(it.impact, "choose/")
    hers, theirs = ask(ana, at, it.seat), ask(delegate, at, it.seat)

    answers = at_once(call(press, ana, at, **hers), call(press, delegate, at, **theirs))

    assert sorted(answer.status_code for answer in answers) == [302, 409]
    assert (Choice.objects.count(), units_taken(it.seats)) == (1, 1)


def test_the_last_seat_goes_to_one_customer(it) -> None:
    ana, ben = browser(it.ana), browser(it.ben)
    hers, his = address(it.impact, "choose/"), address(it.bens_impact, "choose/")
    for_her, for_him = ask(ana, hers, it.seat), ask(ben, his, it.seat)

    answers = at_once(call(press, ana, hers, **for_her), call(press, ben, his, **for_him))

    assert sorted(answer.status_code for answer in answers) == [302, 409]
    assert units_taken(it.seats) == 1
