"""How often strangers may ask: the window is as long as it says, in every kind of cache."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.cache.backends.db import DatabaseCache
from django.core.management import call_command

from incidents import limits

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _in_the_database(db, monkeypatch) -> None:
    """The cache of an installation without Redis, whatever this run has."""
    call_command("createcachetable", "makegood_cache", verbosity=0)
    monkeypatch.setattr(limits, "cache", DatabaseCache("makegood_cache", {}))


def ask(subject: str = "address:ana@example.org") -> bool:
    return limits.is_allowed(subject, times=2, within=3600)


def test_only_the_first_few_of_a_window_are_allowed() -> None:
    with time_machine.travel(NOON, tick=False):
        assert [ask(), ask(), ask(), ask()] == [True, True, False, False]


def test_a_full_window_stays_full_to_its_end() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        answers = [ask(), ask(), ask()]
        clock.move_to(NOON + timedelta(minutes=6))
        answers.append(ask())
        clock.move_to(NOON + timedelta(minutes=59))
        answers.append(ask())

    assert answers == [True, True, False, False, False]


def test_the_next_window_begins_empty() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        answers = [ask(), ask(), ask()]
        clock.move_to(NOON + timedelta(hours=1))
        answers.append(ask())

    assert answers == [True, True, False, True]


def test_one_does_not_use_up_what_is_another_s() -> None:
    with time_machine.travel(NOON, tick=False):
        assert [ask(), ask(), ask("address:ben@example.org")] == [True, True, True]


def test_a_name_may_be_longer_than_a_key_of_the_cache() -> None:
    with time_machine.travel(NOON, tick=False):
        assert [ask("a" * 300), ask("a" * 300), ask("a" * 300)] == [True, True, False]


def test_a_network_of_ipv6_is_one_client() -> None:
    assert limits.client("2001:db8::1") == limits.client("2001:db8::ffff:2") == "client:2001:db8::/64"
    assert limits.client("2001:db8:0:1::1") != limits.client("2001:db8::1")
    assert limits.client("fe80::1%eth0") == "client:fe80::/64"


def test_an_address_of_ipv4_is_a_client_of_its_own() -> None:
    assert limits.client("192.0.2.7") == limits.client("::ffff:192.0.2.7") == "client:192.0.2.7"


def test_a_turnstile_lets_so_many_in_each_second() -> None:
    turnstile = limits.Turnstile(times=2)

    with time_machine.travel(NOON, tick=False) as clock:
        first = [turnstile.lets_in() for _ in range(4)]
        clock.move_to(NOON + timedelta(seconds=1))
        second = [turnstile.lets_in() for _ in range(3)]

    assert (first, second) == ([True, True, False, False], [True, True, False])


def test_a_turnstile_counts_everybody_who_comes_at_once() -> None:
    turnstile = limits.Turnstile(times=50)

    with time_machine.travel(NOON, tick=False), ThreadPoolExecutor(8) as threads:
        let_in = list(threads.map(lambda _: turnstile.lets_in(), range(400)))

    assert sum(let_in) == 50
