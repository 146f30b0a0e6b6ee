"""Offers at the desk: from the library, with stock or without, revised, withdrawn."""

from datetime import timedelta

import pytest
from django.utils import timezone

from incidents.models import Incident, Offer, Pool, Remedy
from tests.incidents.admin.scene import dara, eli, make_scene, picker_time, rosa
from tests.make import make_pool, make_remedy

pytestmark = pytest.mark.django_db


def adding(incident: Incident, remedy: Remedy | None = None) -> str:
    query = f"&remedy={remedy.pk}" if remedy else ""
    return f"/admin/incidents/offer/add/?incident={incident.pk}{query}"


def terms(**changes: object) -> dict[str, object]:
    until = picker_time(timezone.now() + timedelta(hours=5))
    words = {"name": "Ten pounds", "what_you_get": "Ten pounds off.", "promise": "We credit you", "when": "Tomorrow"}
    costs = {"what_it_costs": "", "what_you_give_up": "", "value": "10", "currency": "GBP"}
    rest = {"fulfil_within": "36", "choose_by": until, "position": "0", "pool": "", "stock": "", "stock_name": ""}
    return {**words, **costs, **rest, **changes}


def test_the_library_comes_first_legal_rights_on_top() -> None:
    incident = make_scene().published()
    make_remedy(name="Voucher")
    right = make_remedy(name="Your money back", is_legal_right=True)
    make_remedy(name="Retired", is_active=False)

    page = rosa().get(adding(incident))

    assert [remedy.name for remedy in page.context["remedies"]] == ["Your money back", "Voucher"]
    assert f"remedy={right.pk}" in page.content.decode()


def test_the_form_begins_with_the_words_of_the_library() -> None:
    incident = make_scene().published()
    remedy = make_remedy(name="Voucher", what_you_get="Fifty.", fulfil_within=timedelta(hours=30))

    page = rosa().get(adding(incident, remedy))

    form = page.context["adminform"].form
    assert (form["name"].value(), form["what_you_get"].value(), form["fulfil_within"].value()) == (
        "Voucher",
        "Fifty.",
        "30",
    )


def test_an_offer_without_a_limit() -> None:
    incident, remedy = make_scene().published(), make_remedy()

    response = rosa().post(adding(incident, remedy), terms())

    offer = Offer.objects.get()
    assert response.headers["Location"] == f"/admin/incidents/incident/{incident.pk}/change/"
    assert (offer.incident, offer.remedy, offer.name, offer.pool) == (incident, remedy, "Ten pounds", None)
    assert (offer.fulfil_within, offer.version) == (timedelta(hours=36), 1)


def test_an_offer_from_new_stock_and_from_stock_that_exists() -> None:
    scene, client = make_scene(), eli()
    incident, seats = scene.published(), make_pool(scene.page, capacity=9)

    client.post(adding(incident, make_remedy()), terms(name="A room", stock="4", stock_name="Rooms"))
    client.post(adding(incident, make_remedy()), terms(name="A seat", pool=seats.pk))

    assert {offer.name: offer.pool for offer in Offer.objects.all()} == {
        "A room": Pool.objects.get(name="Rooms", capacity=4),
        "A seat": seats,
    }


def test_a_refused_offer_leaves_no_stock_behind() -> None:
    incident = make_scene().published()
    past = picker_time(timezone.now() - timedelta(hours=1))

    page = rosa().post(adding(incident, make_remedy()), terms(choose_by=past, stock="4"))

    assert list(page.context["adminform"].form.errors) == ["choose_by"]
    assert page.context["adminform"].form["stock"].value() == "4"
    assert (Offer.objects.count(), Pool.objects.count()) == (0, 0)


def test_both_kinds_of_stock_at_once_is_refused() -> None:
    scene = make_scene()
    incident, pool = scene.published(), make_pool(scene.page)

    page = rosa().post(adding(incident, make_remedy()), terms(pool=pool.pk, stock="4"))

    assert page.context["adminform"].form.non_field_errors() == [
        "Take it from stock that exists or from new stock, not from both."
    ]
    assert Offer.objects.count() == 0


def test_revising_makes_a_new_version() -> None:
    scene = make_scene()
    offer = scene.offer(scene.published())

    rosa().post(f"/admin/incidents/offer/{offer.pk}/change/", terms(name="Twenty pounds", value="20"))

    offer.refresh_from_db()
    assert (offer.name, offer.value, offer.version) == ("Twenty pounds", 20, 2)


def test_withdrawing_asks_first_and_happens_once() -> None:
    scene, client = make_scene(), rosa()
    offer = scene.offer(scene.published())
    address = f"/admin/incidents/offer/{offer.pk}/withdraw/"

    question = client.get(address)
    offer.refresh_from_db()
    before = offer.withdrawn_at
    client.post(address)
    offer.refresh_from_db()
    first = offer.withdrawn_at
    client.post(address)
    offer.refresh_from_db()

    assert (question.status_code, before) == (200, None)
    assert first is not None
    assert offer.withdrawn_at == first


def test_what_was_withdrawn_cannot_be_revised() -> None:
    scene = make_scene()
    offer = scene.offer(scene.published())
    Offer.objects.filter(pk=offer.pk).update(withdrawn_at=timezone.now())

    assert rosa().post(f"/admin/incidents/offer/{offer.pk}/change/", terms()).status_code == 403


def test_stock_shrinks_to_what_is_taken_and_no_further() -> None:
    pool = make_pool(make_scene().page, capacity=9)
    Pool.objects.filter(pk=pool.pk).update(taken=5)

    page = rosa().post(f"/admin/incidents/pool/{pool.pk}/change/", {"capacity": "4"})

    pool.refresh_from_db()
    assert list(page.context["adminform"].form.errors) == ["capacity"]
    assert (pool.capacity, pool.taken) == (9, 5)


def test_a_communicator_offers_nothing() -> None:
    scene, client = make_scene(), dara()
    incident = scene.published()
    offer, remedy = scene.offer(incident), make_remedy()

    answers = [
        client.get(adding(incident)),
        client.get(adding(incident, remedy)),
        client.post(adding(incident, remedy), terms()),
        client.post(f"/admin/incidents/offer/{offer.pk}/change/", terms()),
        client.post(f"/admin/incidents/offer/{offer.pk}/withdraw/"),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403, 403, 403]
    assert Offer.objects.get() == offer


def test_an_incident_or_remedy_that_is_not_there_is_404() -> None:
    incident, client = make_scene().published(), rosa()

    assert client.get("/admin/incidents/offer/add/").status_code == 404
    assert client.get(f"{adding(incident)}&remedy=999").status_code == 404
