"""Whatever people do in whatever order: a pool has taken exactly what stands, and never more than there is."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction
from django.db.models import Count, F, Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from incidents.actions.recovery.choices import cancel_choice, choose_offer
from incidents.actions.recovery.promises import break_due_promises, complete_task
from incidents.actions.recovery.remedies import make_pool, resize_pool, revise_offer
from incidents.actor import Actor
from incidents.errors import DomainError
from incidents.models import Choice, Event, Impact, Offer, Pool, Promise, Task
from incidents.queries.offers import STANDING, live_choice
from tests.incidents.choosing import CUT_OFF, NOW
from tests.make import make_customer, make_holding, make_impact, make_incident, make_offer, make_page

BY = Actor.link("Ana")
IMPACTS = st.integers(0, 3)
OFFERS = st.integers(0, 4)


class Choosing(RuleBasedStateMachine):
    """Two pools, five offers (three share a pool, one of them an extra; one has no limit), four groups of one to four.
    A refusal is a fine answer; what counts is what the books say afterwards."""

    def __init__(self) -> None:
        super().__init__()
        self.requests = 0
        self.rollback = transaction.atomic()
        self.rollback.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.rollback.__exit__(None, None, None)

    @initialize(seats=st.integers(0, 10), buses=st.integers(0, 10))
    def open_the_incident(self, seats: int, buses: int) -> None:
        page = make_page()
        incident = make_incident(page)
        self.pools = [make_pool(page, name=name, capacity=size, by=BY) for name, size in (("s", seats), ("b", buses))]
        holders = (self.pools[0], self.pools[0], self.pools[0], self.pools[1], None)
        self.offers = [
            make_offer(incident, pool=pool, is_extra=number == 2, choose_by=CUT_OFF, fulfil_within=timedelta(hours=1))
            for number, pool in enumerate(holders)
        ]
        self.impacts = [make_impact(incident, make_holding(make_customer(), quantity=units)) for units in (1, 2, 3, 4)]

    @rule(picks=st.lists(st.tuples(IMPACTS, OFFERS), min_size=2, max_size=6))
    def choose(self, picks: list[tuple[int, int]]) -> None:
        """Choices and changes, each on a fresh screen."""
        for impact, offer in picks:
            self.requests += 1
            self._try_to_choose(self.impacts[impact], self.offers[offer], key=f"request {self.requests}", sees=True)

    @rule(impact=IMPACTS, offer=OFFERS)
    def choose_on_a_stale_screen(self, impact: int, offer: int) -> None:
        self.requests += 1
        self._try_to_choose(self.impacts[impact], self.offers[offer], key=f"request {self.requests}", sees=False)

    @rule(impact=IMPACTS, offer=OFFERS, number=st.integers(1, 5))
    def repeat(self, impact: int, offer: int, number: int) -> None:
        self._try_to_choose(self.impacts[impact], self.offers[offer], key=f"request {number}", sees=True)

    @rule(draws=st.data())
    def cancel(self, draws: st.DataObject) -> None:
        for choice in self._any_of(Choice, draws):
            self._attempt(partial(cancel_choice, choice, by=BY, now=NOW))

    @rule(draws=st.data())
    def complete(self, draws: st.DataObject) -> None:
        for task in self._any_of(Task, draws):
            self._attempt(partial(complete_task, task, by=BY, now=NOW))

    @rule(pool=st.integers(0, 1), capacity=st.integers(0, 10))
    def resize(self, pool: int, capacity: int) -> None:
        self._attempt(partial(resize_pool, self.pools[pool], capacity=capacity, by=BY, now=NOW))

    @rule(offer=OFFERS, pool=st.sampled_from([0, 1, None]))
    def move_offer_to_another_pool(self, offer: int, pool: int | None) -> None:
        changes = {"pool": None if pool is None else self.pools[pool]}
        self._attempt(partial(revise_offer, self.offers[offer], by=BY, now=NOW, **changes))

    @rule(impact=IMPACTS, units=st.integers(1, 4))
    def resize_holding(self, impact: int, units: int) -> None:
        Impact.objects.filter(pk=self.impacts[impact].pk).update(units=units)

    @rule()
    def break_promises(self) -> None:
        break_due_promises(NOW + timedelta(hours=2))

    @invariant()
    def taken_is_what_stands(self) -> None:
        choices = Choice.objects.filter(state__in=STANDING, pool__isnull=False)
        units_by_pool = dict(choices.order_by().values_list("pool").annotate(Sum("units")))
        assert {pool.pk: pool.taken for pool in Pool.objects.filter(taken__gt=0)} == units_by_pool

    @invariant()
    def nothing_is_oversold(self) -> None:
        assert not Pool.objects.filter(taken__gt=F("capacity")).exists()

    @invariant()
    def one_core_choice_stands_per_impact(self) -> None:
        core = Choice.objects.filter(state__in=STANDING, is_extra=False).order_by()
        assert not core.values("impact").annotate(standing=Count("pk")).filter(standing__gt=1).exists()

    @invariant()
    def work_is_open_for_what_is_live_and_nothing_else(self) -> None:
        live = set(Choice.objects.filter(state=Choice.State.LIVE).values_list("pk", flat=True))
        assert set(Task.objects.filter(state=Task.State.OPEN).values_list("choice", flat=True)) == live
        assert not Promise.objects.filter(state=Promise.State.OPEN).exclude(choice__in=live).exists()

    @invariant()
    def every_choice_is_told_once(self) -> None:
        events = Event.objects.filter(kind__in=[Event.Kind.CHOICE_MADE, Event.Kind.CHOICE_CHANGED])
        assert events.count() == Choice.objects.count()

    def _try_to_choose(self, impact: Impact, offer: Offer, *, key: str, sees: bool) -> None:
        offer.refresh_from_db()
        choice = live_choice(impact) if sees else None
        self._attempt(
            partial(
                choose_offer,
                impact,
                offer=offer,
                seen_version=offer.version,
                replaces=choice.public_id if choice else "",
                key=key,
                by=BY,
                now=NOW,
            )
        )

    @staticmethod
    def _any_of(model: type, draws: st.DataObject) -> list:
        rows = list(model.objects.order_by("pk"))
        return [draws.draw(st.sampled_from(rows))] if rows else []

    @staticmethod
    def _attempt(act: Callable[[], object]) -> None:
        with suppress(DomainError):
            act()


@pytest.mark.slow
@pytest.mark.django_db
def test_books_balance_whatever_people_do() -> None:
    run_state_machine_as_test(
        Choosing,
        settings=settings(
            max_examples=20,
            stateful_step_count=20,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
