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


def card(it: ChoosingScene, offer: Offer, now: Any = NOW) -> OfferView:
    return {view.offer: view for view in offers_for(it.impact, now)}[offer]


def test_legal_right_stands_first_then_the_order_of_staff() -> None:
    it = make_choosing_scene()
    refund = make_offer(it.incident, position=9, is_legal_right=True, choose_by=CUT_OFF)
    first = make_offer(it.incident, position=0, choose_by=CUT_OFF)
    Offer.objects.filter(pk__in=[it.credit.pk, it.seat.pk, it.lounge.pk]).update(position=1)

    views = offers_for(it.impact, NOW)

    assert [view.offer for view in views] == [refund, first, it.credit, it.seat, it.lounge]


def test_offers_of_other_incidents_are_not_shown() -> None:
    it = make_choosing_scene()
    make_offer(make_incident(it.page), choose_by=CUT_OFF)

    views = offers_for(it.impact, NOW)

    assert {view.offer for view in views} == {it.credit, it.seat, it.lounge}


def test_open_offer_with_stock() -> None:
    it = make_choosing_scene()

    assert card(it, it.seat) == OfferView(
        offer=it.seat, left=2, is_sold_out=False, is_closed=False, is_withdrawn=False, choice=None, can_choose=True
    )


def test_open_offer_without_limit() -> None:
    it = make_choosing_scene()

    view = card(it, it.credit)

    assert (view.left, view.is_sold_out, view.can_choose, view.value) == (
        None,
        False,
        True,
        Money(Decimal("25.00"), "EUR"),
    )


def test_sold_out_offer_keeps_its_place() -> None:
    it = make_choosing_scene(seats=0)

    view = card(it, it.seat)

    assert (view.left, view.is_sold_out, view.can_choose) == (0, True, False)


def test_offer_is_sold_out_for_a_group_that_does_not_fit() -> None:
    it = make_choosing_scene(units=3, seats=2)

    view = card(it, it.seat)

    assert (view.left, view.is_sold_out, view.can_choose) == (2, True, False)


def test_offer_is_open_to_whoever_holds_the_last_units_of_its_pool() -> None:
    it = make_choosing_scene(units=2, seats=2)
    window = make_offer(it.incident, pool=it.seats, choose_by=CUT_OFF)
    choose(it, it.seat)

    view = card(it, window)

    assert (view.left, view.is_sold_out, view.can_choose) == (0, False, True)


def test_chosen_offer_is_never_sold_out_for_its_owner() -> None:
    it = make_choosing_scene(units=2, seats=2)
    choice = choose(it, it.seat)

    view = card(it, it.seat)

    assert (view.choice, view.is_chosen, view.is_sold_out, view.can_choose) == (choice, True, False, False)


def test_closed_offer_keeps_its_place() -> None:
    it = make_choosing_scene()

    view = card(it, it.credit, CUT_OFF + timedelta(seconds=1))

    assert (view.is_closed, view.can_choose) == (True, False)


def test_withdrawn_offer_is_gone() -> None:
    it = make_choosing_scene()
    withdraw_offer(it.credit, by=it.by_ana, now=NOW)

    views = offers_for(it.impact, NOW)

    assert it.credit not in {view.offer for view in views}


def test_withdrawn_offer_stays_with_whoever_chose_it() -> None:
    it = make_choosing_scene()
    choice = choose(it, it.credit)
    withdraw_offer(it.credit, by=it.by_ana, now=NOW)

    view = card(it, it.credit)

    assert (view.is_withdrawn, view.choice, view.can_choose) == (True, choice, False)
    assert it.credit not in {other.offer for other in offers_for(it.bens_impact, NOW)}


def test_fulfilled_choice_leaves_only_extras_to_choose() -> None:
    it = make_choosing_scene()
    complete_task(choose(it, it.seat).tasks.get(), by=it.by_ana, now=NOW)

    assert (card(it, it.credit).can_choose, card(it, it.lounge).can_choose) == (False, True)


def test_choice_past_its_cut_off_leaves_only_extras_to_choose() -> None:
    it = make_choosing_scene()
    choose(it, it.seat)
    Offer.objects.exclude(pk=it.seat.pk).update(choose_by=CUT_OFF + timedelta(days=1))
    later = CUT_OFF + timedelta(minutes=1)

    assert (card(it, it.credit, later).can_choose, card(it, it.lounge, later).can_choose) == (False, True)


def test_cards_of_several_impacts_do_not_mix() -> None:
    it = make_choosing_scene()
    choice = choose(it, it.seat)

    cards = offers_for_each([it.impact, it.bens_impact], NOW)

    assert [view.choice for view in cards[it.impact.pk]] == [None, choice, None]
    assert [view.choice for view in cards[it.bens_impact.pk]] == [None, None, None]


def test_cards_cost_two_queries_however_many(django_assert_num_queries: Any) -> None:
    it = make_choosing_scene()
    choose(it, it.seat)

    with django_assert_num_queries(2):
        offers_for_each([it.impact], NOW)
    with django_assert_num_queries(2):
        offers_for_each([it.impact, it.bens_impact], NOW)


def test_live_choice_is_the_core_one() -> None:
    it = make_choosing_scene()
    choose(it, it.lounge)
    choice = choose(it, it.seat)

    assert live_choice(it.impact) == choice


def test_fulfilled_choice_still_stands() -> None:
    it = make_choosing_scene()
    choice = choose(it, it.seat)
    complete_task(choice.tasks.get(), by=it.by_ana, now=NOW)

    assert live_choice(it.impact) == choice


def test_cancelled_choice_stands_no_more() -> None:
    it = make_choosing_scene()
    cancel_choice(choose(it, it.seat), by=it.by_ana, now=NOW)

    assert live_choice(it.impact) is None


def test_choice_can_be_changed_until_the_cut_off() -> None:
    it = make_choosing_scene()
    choice = choose(it, it.seat)

    assert (can_change(choice, CUT_OFF), can_change(choice, CUT_OFF + timedelta(seconds=1))) == (True, False)


def test_agreed_cut_off_outlives_an_earlier_one() -> None:
    it = make_choosing_scene()
    choice = choose(it, it.seat)
    choice.offer = revise_offer(it.seat, by=it.by_ana, choose_by=NOW + timedelta(minutes=1), now=NOW)

    assert changeable_until(choice) == CUT_OFF


def test_choice_without_kept_terms_follows_its_offer() -> None:
    it = make_choosing_scene()
    choice = choose(it, it.seat)
    choice.terms = {}

    assert changeable_until(choice) == CUT_OFF
