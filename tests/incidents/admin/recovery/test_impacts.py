"""One customer's impact at the desk: choosing for them, cancelling, restoring what was not fixed."""

import pytest

from incidents.actions.care.feedback import answer_check_in
from incidents.actions.publishing.incidents import resolve_incident
from incidents.actor import CLOCK
from incidents.models import Choice, Impact, Offer
from tests.incidents.admin.scene import Scene, dara, make_scene, messages_of, rosa

pytestmark = pytest.mark.django_db


def at(impact: Impact, desk_action: str) -> str:
    return f"/admin/incidents/impact/{impact.pk}/{desk_action}/"


def wish(offer: Offer, **changes: object) -> dict[str, object]:
    return {"offer": offer.public_id, "version": offer.version, "replaces": "", "key": "k1", **changes}


def offered() -> tuple[Scene, Impact, Offer]:
    scene = make_scene()
    incident = scene.published()
    return scene, scene.impact(incident), scene.offer(incident)


def reopened() -> Impact:
    scene = make_scene()
    incident = scene.published()
    resolve_incident(incident, body="All trains run.", by=scene.by)
    impact = scene.impact(incident)
    answer_check_in(impact, answer="no", by=CLOCK, comment="My train does not.")
    impact.refresh_from_db()
    return impact


def test_choosing_for_a_customer_says_who_did_it() -> None:
    _, impact, offer = offered()

    response = rosa().post(at(impact, "choose"), wish(offer))

    choice = Choice.objects.get()
    assert (choice.offer, choice.via, choice.chosen_by_name) == (offer, "staff", "Rosa")
    assert messages_of(response) == [f"Chosen for Ana: {offer.name}."]


def test_the_same_click_twice_is_one_choice() -> None:
    _, impact, offer = offered()
    client = rosa()

    client.post(at(impact, "choose"), wish(offer))
    client.post(at(impact, "choose"), wish(offer))

    assert Choice.objects.count() == 1


def test_a_choice_that_the_page_did_not_show_is_not_run_over() -> None:
    scene, impact, offer = offered()
    replaced_offer = scene.offer(impact.incident)
    client = rosa()
    client.post(at(impact, "choose"), wish(replaced_offer, key="customer"))

    response = client.post(at(impact, "choose"), wish(offer))

    assert Choice.objects.get().offer == replaced_offer
    assert messages_of(response)[-1].startswith(f"You already chose “{replaced_offer.name}”")


def test_an_offer_that_changed_meanwhile_is_shown_again_first() -> None:
    _, impact, offer = offered()

    response = rosa().post(at(impact, "choose"), wish(offer, version=7))

    assert Choice.objects.count() == 0
    assert messages_of(response) == [
        "This option has changed since you opened the page. Please review it and choose again."
    ]


def test_an_offer_of_another_incident_is_not_offered() -> None:
    scene, impact, _ = offered()
    foreign_offer = scene.offer(scene.published(name="Buses stand still"))

    response = rosa().post(at(impact, "choose"), wish(foreign_offer))

    assert Choice.objects.count() == 0
    assert messages_of(response) == ["That option is not offered for this."]


def test_cancelling_gives_it_back_once() -> None:
    _, impact, offer = offered()
    client = rosa()
    client.post(at(impact, "choose"), wish(offer))
    choice = Choice.objects.get()

    client.post(at(impact, "cancel"), {"choice": choice.public_id})
    client.post(at(impact, "cancel"), {"choice": choice.public_id})

    choice.refresh_from_db()
    assert choice.state == "cancelled"


def test_mending_what_was_not_fixed_asks_again() -> None:
    impact = reopened()

    response = rosa().post(at(impact, "restore"))

    impact.refresh_from_db()
    assert impact.state == "restored"
    assert list(impact.check_ins.order_by("round").values_list("round", "answer")) == [(1, "no"), (2, "")]
    assert messages_of(response) == ["Restored. The customer is asked again whether it is fixed."]


def test_mending_twice_is_refused_in_words() -> None:
    impact, client = reopened(), rosa()
    client.post(at(impact, "restore"))

    response = client.post(at(impact, "restore"))

    assert len(messages_of(response)) == 2
    assert impact.check_ins.count() == 2


def test_the_page_tells_the_whole_story() -> None:
    _, impact, offer = offered()
    client = rosa()
    client.post(at(impact, "choose"), wish(offer))

    page = client.get(f"/admin/incidents/impact/{impact.pk}/change/")

    assert page.context["chosen"] == Choice.objects.get()
    assert [card.is_chosen for card in page.context["offers"]] == [True]
    assert [event.kind for event in page.context["events"]] == ["choice.made"]
    assert [task.title for task in page.context["tasks"]] == [impact.tasks.get().title]


def test_a_communicator_looks_and_touches_nothing() -> None:
    _, impact, offer = offered()
    client = dara()

    looking = client.get(f"/admin/incidents/impact/{impact.pk}/change/")
    answers = [client.post(at(impact, desk_action), wish(offer)) for desk_action in ("choose", "cancel", "restore")]

    assert looking.status_code == 200
    assert "Choose for them" not in looking.content.decode()
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert Choice.objects.count() == 0


@pytest.mark.parametrize("desk_action", ["choose", "cancel", "restore"])
def test_looking_chooses_nothing(desk_action: str) -> None:
    _, impact, _ = offered()

    assert rosa().get(at(impact, desk_action)).status_code == 405


def test_nonsense_is_404() -> None:
    _, impact, offer = offered()
    client = rosa()

    answers = [
        client.post(at(impact, "choose"), {}),
        client.post(at(impact, "choose"), wish(offer, version="x")),
        client.post(at(impact, "cancel"), {"choice": "nothing"}),
        client.post("/admin/incidents/impact/999/choose/", wish(offer)),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404, 404]
