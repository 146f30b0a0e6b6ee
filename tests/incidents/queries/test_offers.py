"""What may be chosen, and until when."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from incidents.actions.recovery.choices import cancel_choice
from incidents.actions.recovery.promises import complete_task
from incidents.actions.recovery.remedies import revise_offer, withdraw_offer
from incidents.models import Offer
from incidents.money import Money
from incidents.queries.offers import OfferView, can_change, changeable_until, live_choice, offers_for, offers_for_each
from tests.incidents.choosing import CUT_OFF, NOW, ChoosingScene, choose, make_choosing_scene
from tests.make import make_incident, make_offer

pytestmark = pytest.mark.django_db


def card(scene: ChoosingScene, offer: Offer, now: Any = NOW) -> OfferView:
    return {view.offer: view for view in offers_for(scene.impact, now)}[offer]


def test_legal_right_stands_first_then_the_order_of_staff() -> None:
    scene = make_choosing_scene()
    refund = make_offer(scene.incident, position=9, is_legal_right=True, choose_by=CUT_OFF)
    first = make_offer(scene.incident, position=0, choose_by=CUT_OFF)
    Offer.objects.filter(pk__in=[scene.credit.pk, scene.seat.pk, scene.lounge.pk]).update(position=1)

    views = offers_for(scene.impact, NOW)

    assert [view.offer for view in views] == [refund, first, scene.credit, scene.seat, scene.lounge]


def test_offers_of_other_incidents_are_not_shown() -> None:
    scene = make_choosing_scene()
    make_offer(make_incident(scene.page), choose_by=CUT_OFF)

    views = offers_for(scene.impact, NOW)

    assert {view.offer for view in views} == {scene.credit, scene.seat, scene.lounge}


def test_open_offer_with_stock() -> None:
    scene = make_choosing_scene()

    assert card(scene, scene.seat) == OfferView(
        offer=scene.seat,
        units_left=2,
        is_sold_out=False,
        is_closed=False,
        is_withdrawn=False,
        choice=None,
        can_choose=True,
    )


def test_open_offer_without_limit() -> None:
    scene = make_choosing_scene()

    view = card(scene, scene.credit)

    assert (view.units_left, view.is_sold_out, view.can_choose, view.value) == (
        None,
        False,
        True,
        Money(Decimal("25.00"), "EUR"),
    )


def test_sold_out_offer_keeps_its_place() -> None:
    scene = make_choosing_scene(seats=0)

    view = card(scene, scene.seat)

    assert (view.units_left, view.is_sold_out, view.can_choose) == (0, True, False)


def test_offer_is_sold_out_for_a_group_that_does_not_fit() -> None:
    scene = make_choosing_scene(units=3, seats=2)

    view = card(scene, scene.seat)

    assert (view.units_left, view.is_sold_out, view.can_choose) == (2, True, False)


def test_offer_is_open_to_whoever_holds_the_last_units_of_its_pool() -> None:
    scene = make_choosing_scene(units=2, seats=2)
    window = make_offer(scene.incident, pool=scene.seats, choose_by=CUT_OFF)
    choose(scene, scene.seat)

    view = card(scene, window)

    assert (view.units_left, view.is_sold_out, view.can_choose) == (0, False, True)


def test_chosen_offer_is_never_sold_out_for_its_owner() -> None:
    scene = make_choosing_scene(units=2, seats=2)
    choice = choose(scene, scene.seat)

    view = card(scene, scene.seat)

    assert (view.choice, view.is_chosen, view.is_sold_out, view.can_choose) == (choice, True, False, False)


def test_closed_offer_keeps_its_place() -> None:
    scene = make_choosing_scene()

    view = card(scene, scene.credit, CUT_OFF + timedelta(seconds=1))

    assert (view.is_closed, view.can_choose) == (True, False)


def test_withdrawn_offer_is_gone() -> None:
    scene = make_choosing_scene()
    withdraw_offer(scene.credit, by=scene.by_ana, now=NOW)

    views = offers_for(scene.impact, NOW)

    assert scene.credit not in {view.offer for view in views}


def test_withdrawn_offer_stays_with_whoever_chose_it() -> None:
    scene = make_choosing_scene()
    choice = choose(scene, scene.credit)
    withdraw_offer(scene.credit, by=scene.by_ana, now=NOW)

    view = card(scene, scene.credit)

    assert (view.is_withdrawn, view.choice, view.can_choose) == (True, choice, False)
    assert scene.credit not in {offer_view.offer for offer_view in offers_for(scene.bens_impact, NOW)}


def test_fulfilled_choice_leaves_only_extras_to_choose() -> None:
    scene = make_choosing_scene()
    complete_task(choose(scene, scene.seat).tasks.get(), by=scene.by_ana, now=NOW)

    assert (card(scene, scene.credit).can_choose, card(scene, scene.lounge).can_choose) == (False, True)


def test_choice_past_its_cut_off_leaves_only_extras_to_choose() -> None:
    scene = make_choosing_scene()
    choose(scene, scene.seat)
    Offer.objects.exclude(pk=scene.seat.pk).update(choose_by=CUT_OFF + timedelta(days=1))
    later = CUT_OFF + timedelta(minutes=1)

    assert (card(scene, scene.credit, later).can_choose, card(scene, scene.lounge, later).can_choose) == (False, True)


def test_cards_of_several_impacts_do_not_mix() -> None:
    scene = make_choosing_scene()
    choice = choose(scene, scene.seat)

    cards = offers_for_each([scene.impact, scene.bens_impact], NOW)

    assert [view.choice for view in cards[scene.impact.pk]] == [None, choice, None]
    assert [view.choice for view in cards[scene.bens_impact.pk]] == [None, None, None]


def test_cards_cost_two_queries_however_many(django_assert_num_queries: Any) -> None:
    scene = make_choosing_scene()
    choose(scene, scene.seat)

    with django_assert_num_queries(2):
        offers_for_each([scene.impact], NOW)
    with django_assert_num_queries(2):
        offers_for_each([scene.impact, scene.bens_impact], NOW)


def test_live_choice_is_the_core_one() -> None:
    scene = make_choosing_scene()
    choose(scene, scene.lounge)
    choice = choose(scene, scene.seat)

    assert live_choice(scene.impact) == choice


def test_fulfilled_choice_still_stands() -> None:
    scene = make_choosing_scene()
    choice = choose(scene, scene.seat)
    complete_task(choice.tasks.get(), by=scene.by_ana, now=NOW)

    assert live_choice(scene.impact) == choice


def test_cancelled_choice_stands_no_more() -> None:
    scene = make_choosing_scene()
    cancel_choice(choose(scene, scene.seat), by=scene.by_ana, now=NOW)

    assert live_choice(scene.impact) is None


def test_choice_can_be_changed_until_the_cut_off() -> None:
    scene = make_choosing_scene()
    choice = choose(scene, scene.seat)

    assert (can_change(choice, CUT_OFF), can_change(choice, CUT_OFF + timedelta(seconds=1))) == (True, False)


def test_agreed_cut_off_outlives_an_earlier_one() -> None:
    scene = make_choosing_scene()
    choice = choose(scene, scene.seat)
    choice.offer = revise_offer(scene.seat, by=scene.by_ana, choose_by=NOW + timedelta(minutes=1), now=NOW)

    assert changeable_until(choice) == CUT_OFF


def test_choice_without_kept_terms_follows_its_offer() -> None:
    scene = make_choosing_scene()
    choice = choose(scene, scene.seat)
    choice.terms = {}

    assert changeable_until(choice) == CUT_OFF
