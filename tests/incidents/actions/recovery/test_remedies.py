"""Offers attached, revised and withdrawn; stock made and resized."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from incidents.actions.recovery.remedies import attach_offer, make_pool, resize_pool, revise_offer, withdraw_offer
from incidents.actor import Actor
from incidents.errors import InvalidInput, WrongState
from incidents.models import Choice, Event, Offer, Pool, Remedy
from tests import make
from tests.incidents.choosing import CUT_OFF, NOW, choose, make_choosing_scene, units_taken
from tests.make import make_incident, make_page, make_remedy, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def dara() -> Actor:
    return Actor.staff(make_user("Dara", is_staff=True))


def attach(by: Actor, **terms: Any) -> Offer:
    incident = terms.pop("incident", None) or make_incident(make_page())
    remedy = terms.pop("remedy", None) or make_remedy(name="Credit", value="10.00", currency="EUR")
    return attach_offer(incident, remedy=remedy, by=by, **{"choose_by": CUT_OFF, "now": NOW, **terms})


def test_offer_begins_as_a_copy_of_its_remedy(dara: Actor) -> None:
    remedy = make_remedy(
        kind=Remedy.Kind.REFUND,
        name="Refund",
        what_you_get="All your money back",
        what_it_costs="Nothing",
        what_you_give_up="Your seat",
        promise="We refund your card",
        fulfil_within=timedelta(days=7),
        value=Decimal("80.00"),
        currency="EUR",
        is_legal_right=True,
    )

    offer = attach(dara, remedy=remedy)

    offer.refresh_from_db()
    assert (offer.name, offer.what_you_get, offer.what_it_costs) == ("Refund", "All your money back", "Nothing")
    assert (offer.what_you_give_up, offer.promise) == ("Your seat", "We refund your card")
    assert (offer.fulfil_within, offer.value, offer.currency) == (timedelta(days=7), Decimal("80.00"), "EUR")
    assert (offer.is_legal_right, offer.is_extra, offer.version) == (True, False, 1)
    assert (offer.choose_by, offer.created_at, offer.withdrawn_at) == (CUT_OFF, NOW, None)


def test_offer_says_otherwise_where_it_is_told_to(dara: Actor) -> None:
    offer = attach(dara, name=" Credit for tonight ", when="Within the hour", value=Decimal(15))

    assert (offer.name, offer.when, offer.value, offer.promise) == (
        "Credit for tonight",
        "Within the hour",
        15,
        offer.remedy.promise,
    )


def test_attaching_is_recorded(dara: Actor) -> None:
    offer = attach(dara)

    event = Event.objects.get()
    assert (event.kind, event.incident, event.actor) == ("offer.attached", offer.incident, dara.user)
    assert event.data == {"offer": offer.public_id, "remedy": offer.remedy.pk}


def test_offers_stand_in_the_order_they_were_attached(dara: Actor) -> None:
    incident = make_incident(make_page())

    first, second = attach(dara, incident=incident), attach(dara, incident=incident, remedy=make_remedy())

    assert list(incident.offers.all()) == [first, second]


def test_second_click_attaches_nothing(dara: Actor) -> None:
    first = attach(dara)

    with pytest.raises(InvalidInput) as refusal:
        attach(dara, incident=first.incident, remedy=first.remedy)

    assert (refusal.value.field, Offer.objects.count()) == ("name", 1)


def test_name_is_free_again_after_withdrawal(dara: Actor) -> None:
    first = attach(dara)
    withdraw_offer(first, by=dara, now=NOW)

    second = attach(dara, incident=first.incident, remedy=first.remedy)

    assert second != first


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"choose_by": NOW}, "choose_by"),
        ({"fulfil_within": timedelta(0)}, "fulfil_within"),
        ({"currency": "euro"}, "currency"),
        ({"currency": ""}, "currency"),
        ({"value": Decimal("1.234")}, "value"),
        ({"name": ""}, "name"),
        ({"promise": "x" * 201}, "promise"),
    ],
)
def test_unsound_terms_are_refused_by_field(dara: Actor, terms: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        attach(dara, **terms)

    assert (refusal.value.field, Offer.objects.count()) == (field, 0)


def test_negative_value_is_refused(dara: Actor) -> None:
    with pytest.raises(InvalidInput) as refusal:
        attach(dara, value=Decimal(-1))

    assert refusal.value.field == "value"


def test_retired_remedy_is_refused(dara: Actor) -> None:
    with pytest.raises(InvalidInput) as refusal:
        attach(dara, remedy=make_remedy(is_active=False))

    assert refusal.value.field == "remedy"


def test_stock_of_another_page_is_refused(dara: Actor) -> None:
    with pytest.raises(InvalidInput) as refusal:
        attach(dara, pool=make.make_pool(make_page()))

    assert refusal.value.field == "pool"


def test_words_that_are_no_terms_are_a_mistake_in_the_code(dara: Actor) -> None:
    with pytest.raises(TypeError, match="not a term of an offer: version"):
        attach(dara, version=7)


def test_revising_raises_the_version_and_records_old_and_new(dara: Actor) -> None:
    offer = attach(dara)

    revised = revise_offer(
        offer, by=dara, value=Decimal("12.00"), choose_by=CUT_OFF + timedelta(hours=1), name="Credit", now=NOW
    )

    event = Event.objects.get(kind=Event.Kind.OFFER_REVISED)
    assert (revised.version, revised.value) == (2, Decimal("12.00"))
    assert event.data == {
        "offer": offer.public_id,
        "version": 2,
        "old": {"value": "10.00", "choose_by": "2026-03-02T18:02:00+00:00"},
        "new": {"value": "12.00", "choose_by": "2026-03-02T19:02:00+00:00"},
    }


def test_revising_to_the_same_terms_changes_nothing(dara: Actor) -> None:
    offer = attach(dara)

    revised = revise_offer(offer, by=dara, value=Decimal(10), name=" Credit ", now=NOW)

    assert revised.version == 1
    assert not Event.objects.filter(kind=Event.Kind.OFFER_REVISED).exists()


def test_new_position_is_no_new_term(dara: Actor) -> None:
    offer = attach(dara)

    revised = revise_offer(offer, by=dara, position=7, now=NOW)

    assert (revised.position, revised.version) == (7, 1)
    assert Event.objects.get(kind=Event.Kind.OFFER_REVISED).data["new"] == {"position": 7}


def test_new_stock_and_time_are_recorded_as_plain_values(dara: Actor) -> None:
    offer = attach(dara)
    pool = make.make_pool(offer.incident.page)

    revise_offer(offer, by=dara, pool=pool, fulfil_within=timedelta(hours=2), now=NOW)

    assert Event.objects.get(kind=Event.Kind.OFFER_REVISED).data["new"] == {"fulfil_within": 7200.0, "pool": pool.pk}


def test_terms_can_be_mended_after_the_cut_off_without_moving_it(dara: Actor) -> None:
    offer = attach(dara)

    revised = revise_offer(offer, by=dara, what_you_get="Ten euros", now=CUT_OFF + timedelta(days=1))

    assert revised.version == 2


def test_unsound_revision_changes_nothing(dara: Actor) -> None:
    offer = attach(dara)

    with pytest.raises(InvalidInput) as refusal:
        revise_offer(offer, by=dara, name="", now=NOW)

    offer.refresh_from_db()
    assert (refusal.value.field, offer.name, offer.version) == ("name", "Credit", 1)


def test_withdrawn_offer_cannot_be_revised(dara: Actor) -> None:
    offer = withdraw_offer(attach(dara), by=dara, now=NOW)

    with pytest.raises(WrongState):
        revise_offer(offer, by=dara, value=Decimal(1), now=NOW)


def test_withdrawn_offer_stays_with_those_who_chose_it(dara: Actor) -> None:
    scene = make_choosing_scene()
    choice = choose(scene, scene.seat)

    withdraw_offer(scene.seat, by=dara, now=NOW)

    choice.refresh_from_db()
    assert (choice.state, units_taken(scene.seats)) == (Choice.State.LIVE, 1)


def test_withdrawing_twice_is_withdrawing_once(dara: Actor) -> None:
    offer = withdraw_offer(attach(dara), by=dara, now=NOW)

    repeated = withdraw_offer(offer, by=dara, now=CUT_OFF)

    assert repeated.withdrawn_at == NOW
    assert Event.objects.filter(kind=Event.Kind.OFFER_WITHDRAWN).count() == 1


def test_pool_begins_untouched(dara: Actor) -> None:
    page = make_page()

    pool = make_pool(page, name=" Seats ", capacity=40, by=dara, now=NOW)

    pool.refresh_from_db()
    assert (pool.page, pool.name, pool.capacity, pool.taken, pool.units_left) == (page, "Seats", 40, 0, 40)
    assert Event.objects.get().data == {"pool": pool.pk, "old": None, "new": 40}


@pytest.mark.parametrize(("name", "capacity", "field"), [("", 4, "name"), ("Seats", -1, "capacity")])
def test_unsound_pool_is_refused(dara: Actor, name: str, capacity: int, field: str) -> None:
    page = make_page()

    with pytest.raises(InvalidInput) as refusal:
        make_pool(page, name=name, capacity=capacity, by=dara, now=NOW)

    assert (refusal.value.field, Pool.objects.count()) == (field, 0)


def test_pool_can_shrink_to_what_is_taken(dara: Actor) -> None:
    scene = make_choosing_scene()
    choose(scene, scene.seat)

    pool = resize_pool(scene.seats, capacity=1, by=dara, now=NOW)

    assert (pool.capacity, pool.taken) == (1, 1)
    assert Event.objects.get(kind=Event.Kind.POOL_CHANGED).data == {"pool": pool.pk, "old": 2, "new": 1}


def test_pool_cannot_shrink_below_what_is_taken(dara: Actor) -> None:
    scene = make_choosing_scene()
    choose(scene, scene.seat)

    with pytest.raises(InvalidInput, match=r"1 is taken already, so it cannot be 0\.") as refusal:
        resize_pool(scene.seats, capacity=0, by=dara, now=NOW)

    scene.seats.refresh_from_db()
    assert (refusal.value.field, scene.seats.capacity) == ("capacity", 2)


def test_same_capacity_changes_nothing(dara: Actor) -> None:
    scene = make_choosing_scene()

    resize_pool(scene.seats, capacity=2, by=dara, now=NOW)

    assert not Event.objects.exists()


def test_what_somebody_has_chosen_does_not_turn_into_an_extra_that_they_could_choose_again(dara: Actor) -> None:
    disruption = make_choosing_scene()
    choose(disruption, disruption.credit)

    with pytest.raises(InvalidInput) as refusal:
        revise_offer(disruption.credit, by=dara, is_extra=True, now=NOW)

    disruption.credit.refresh_from_db()
    assert (refusal.value.field, disruption.credit.is_extra, disruption.credit.version) == ("is_extra", False, 1)
