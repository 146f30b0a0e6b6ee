"""Is it fixed for you, and how was it? By both doors; nothing is ever answered by opening a page."""

import pytest

from incidents.actions.care.feedback import answer_check_in, rate
from incidents.actions.publishing.impacts import restore_impact
from incidents.actor import Actor
from incidents.models import CheckIn, Impact, Incident, Membership, Rating, Task
from tests.incidents.choosing import NOW, ChoosingScene, make_choosing_scene
from tests.make import make_customer, make_membership, make_user
from tests.portal.visiting import address, browser, link, press, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def it(time_machine) -> ChoosingScene:
    """The service is restored, and Ana is asked."""
    time_machine.move_to(NOW, tick=False)
    made = make_choosing_scene()
    Incident.objects.update(status=Incident.Status.RESOLVED, resolved_at=NOW)
    Impact.objects.update(state=Impact.State.RESTORED, restored_at=NOW)
    CheckIn.objects.create(impact=made.impact, asked_at=NOW)
    return made


@pytest.fixture(params=["signed in", "by link"])
def access(request, it):
    """Ana's browser, which has looked at the question, and her addresses."""
    client, at = browser(), lambda act="": link(it.impact, act)
    if request.param == "signed in":
        client, at = browser(it.ana), lambda act="": address(it.impact, act)
    client.get(at("check-in/"))
    return client, at


def state(it: ChoosingScene) -> tuple[str, str]:
    return Impact.objects.get(pk=it.impact.pk).state, CheckIn.objects.get().answer


def test_the_question_is_asked_and_not_answered_by_looking(it, access) -> None:
    ana, at = access

    response = ana.get(at("check-in/"), {"answer": "yes"})

    assert "<h1>Is it fixed for you?</h1>" in words(response)
    assert response.context["form"]["answer"].value() == "yes"
    assert state(it) == ("restored", "")


def test_the_story_leads_to_the_question(it, access) -> None:
    ana, at = access

    shown = words(ana.get(at()))

    assert "The service is back. Is it fixed for you?" in shown
    assert f'href="{at("check-in/")}"' in shown


def test_yes_confirms_and_leads_to_the_rating(it, access) -> None:
    ana, at = access

    response = press(ana, at("check-in/"), answer="yes", comment="Thank you")

    assert (response.status_code, response["Location"]) == (302, at("rate/"))
    assert state(it) == ("confirmed", "yes")
    assert CheckIn.objects.get().comment == "Thank you"


@pytest.mark.parametrize("answer", ["partly", "no"])
def test_not_fixed_reopens_and_says_what_happens_next(it, access, answer) -> None:
    ana, at = access

    response = press(ana, at("check-in/"), answer=answer, comment="Still dark upstairs")

    assert (response.status_code, response["Location"]) == (302, at("check-in/"))
    assert state(it) == ("reopened", answer)
    assert Task.objects.get().kind == Task.Kind.FOLLOW_UP
    shown = words(ana.get(at("check-in/")))
    assert "They call you; you need not explain it again." in shown
    assert "You told us that it is not fixed for you." in words(ana.get(at()))


def test_answering_twice_is_answering_once(it, access) -> None:
    ana, at = access

    press(ana, at("check-in/"), answer="no", comment="")
    response = press(ana, at("check-in/"), answer="no", comment="")

    assert response.status_code == 302
    assert Task.objects.count() == 1


def test_the_answer_can_be_changed(it, access) -> None:
    ana, at = access
    press(ana, at("check-in/"), answer="no", comment="Still dark")
    again = ana.get(at("check-in/"), {"again": ""})

    response = press(ana, at("check-in/"), answer="yes", comment="")

    assert again.context["form"]["comment"].value() == "Still dark"
    assert response["Location"] == at("rate/")
    assert state(it) == ("confirmed", "yes")


def test_no_answer_is_refused_and_keeps_what_was_typed(it, access) -> None:
    ana, at = access

    response = press(ana, at("check-in/"), comment="A long story")

    assert response.status_code == 200
    assert "Please say yes, partly or no." in words(response)
    assert "A long story" in words(response)
    assert state(it) == ("restored", "")


def test_a_comment_that_is_too_long_is_refused_and_kept(it, access) -> None:
    ana, at = access

    response = press(ana, at("check-in/"), answer="no", comment="x" * 2001)

    assert "Please write at most 2000 characters; these are 2001." in words(response)
    assert "x" * 2001 in words(response)
    assert state(it) == ("restored", "")


def test_before_we_ask_there_is_no_question(it, access) -> None:
    ana, at = access
    CheckIn.objects.all().delete()
    Impact.objects.update(state=Impact.State.OPEN)

    looked = ana.get(at("check-in/"))
    answered = press(ana, at("check-in/"), answer="yes", comment="Early")

    assert (looked.status_code, looked["Location"]) == (302, at())
    assert answered.status_code == 409
    assert "We will ask you whether it is fixed as soon as the service is restored." in words(answered)
    assert "Early" in words(answered)


def test_when_it_is_mended_we_ask_once_more(it, access) -> None:
    ana, at = access
    press(ana, at("check-in/"), answer="no", comment="")
    restore_impact(Impact.objects.get(pk=it.impact.pk), by=Actor.staff(it.ben), now=NOW)

    assert "<h1>Is it fixed for you?</h1>" in words(ana.get(at("check-in/")))


def test_the_rating_is_asked_after_a_yes(it, access) -> None:
    ana, at = access
    press(ana, at("check-in/"), answer="yes", comment="")

    shown = words(ana.get(at("rate/")))

    assert "How satisfied are you with how we put it right?" in shown
    assert "1: Very hard" in shown
    assert "7: Very easy" in shown


def test_no_rating_before_an_answer(it, access) -> None:
    ana, at = access

    looked = ana.get(at("rate/"))
    rated = press(ana, at("rate/"), satisfaction="5", effort="7", comment="Early")

    assert (looked.status_code, looked["Location"]) == (302, at("check-in/"))
    assert rated.status_code == 409
    assert "Please tell us first whether it is fixed for you." in words(rated)
    assert "Early" in words(rated)
    assert Rating.objects.count() == 0


def test_a_rating_is_kept_and_thanked_for(it, access) -> None:
    ana, at = access
    press(ana, at("check-in/"), answer="yes", comment="")

    response = press(ana, at("rate/"), satisfaction="4", effort="6", comment="Quick")

    assert (response.status_code, response["Location"]) == (302, at("rate/"))
    assert list(Rating.objects.values_list("satisfaction", "effort", "comment")) == [(4, 6, "Quick")]
    thanks = words(ana.get(at("rate/")))
    assert "<h1>Thank you</h1>" in thanks
    assert "You said: satisfied 4 of 5, easy 6 of 7." in thanks


def test_rating_twice_is_rating_once(it, access) -> None:
    ana, at = access
    press(ana, at("check-in/"), answer="yes", comment="")

    same = [press(ana, at("rate/"), satisfaction="4", effort="6", comment="") for _ in range(2)]
    other = press(ana, at("rate/"), satisfaction="1", effort="1", comment="")

    assert [response.status_code for response in same] == [302, 302]
    assert other.status_code == 409
    assert "You have rated this already. Thank you." in words(other)
    assert list(Rating.objects.values_list("satisfaction", "effort")) == [(4, 6)]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"effort": "6"}, "Please choose a number from 1 to 5."),
        ({"satisfaction": "6", "effort": "6"}, "6 is not one of the available choices."),
        ({"satisfaction": "4"}, "Please choose a number from 1 to 7."),
        ({"satisfaction": "4", "effort": "0"}, "0 is not one of the available choices."),
    ],
)
def test_half_a_rating_is_refused_and_keeps_what_was_typed(it, access, typed, said) -> None:
    ana, at = access
    press(ana, at("check-in/"), answer="yes", comment="")

    response = press(ana, at("rate/"), comment="Half a story", **typed)

    assert response.status_code == 200
    assert said in words(response)
    assert "Half a story" in words(response)
    assert Rating.objects.count() == 0


def test_a_viewer_sees_the_question_and_does_not_answer_it(it) -> None:
    make_membership(it.ben, it.impact.customer, role=Membership.Role.VIEWER)
    ben = browser(it.ben)
    looked = ben.get(address(it.impact, "check-in/"))

    pressed = press(ben, address(it.impact, "check-in/"), answer="yes", comment="")

    assert (looked.status_code, pressed.status_code) == (200, 403)
    assert state(it) == ("restored", "")


def test_a_stranger_finds_no_question(it) -> None:
    cleo = make_user("Cleo")
    make_membership(cleo, make_customer("Cleo"))

    pages = [browser(cleo).get(address(it.impact, act)).status_code for act in ("check-in/", "rate/")]

    assert pages == [404, 404]


def test_another_site_cannot_answer(it) -> None:
    ana = browser(it.ana)
    ana.get(address(it.impact, "check-in/"))

    response = ana.post(address(it.impact, "check-in/"), {"answer": "yes"})

    assert response.status_code == 403
    assert state(it) == ("restored", "")


def test_other_methods_are_refused(it) -> None:
    assert browser().put(link(it.impact, "check-in/")).status_code == 405
    assert browser().delete(link(it.impact, "rate/")).status_code == 405


def test_everything_told_is_thanked_for(it, access) -> None:
    ana, at = access
    answer_check_in(it.impact, answer="yes", by=it.by_ana, now=NOW)
    rate(it.impact, satisfaction=5, effort=7, by=it.by_ana, now=NOW)

    shown = words(ana.get(at("check-in/")))

    assert "Good to hear that it is fixed" in shown
    assert "You have told us everything. Thank you." in shown
