"""When a silent queue counts as dead. The clock is moved by hand; the real thing is in test_up."""

import time
from dataclasses import replace
from unittest.mock import Mock

import pytest
import time_machine
from django.db import OperationalError
from pytest_django import Settings

from config import heartbeat
from config.processes import supervisor
from config.processes.child import Child
from config.processes.supervisor import Listener, Pulse


@pytest.fixture
def beats(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    clusters: list[str] = []
    monkeypatch.setattr(heartbeat, "send_beat", clusters.append)
    return clusters


@pytest.fixture
def pulse(settings: Settings) -> Pulse:
    settings.HEARTBEAT_LIMIT = 60
    return Pulse("one", Mock(Child, is_running=True, started_at=time.monotonic() - 10_000))


def _ask_every_second(pulse: Pulse, clock: time_machine.Traveller, *, seconds: int, answering: bool) -> None:
    for _ in range(seconds):
        clock.shift(1)
        if answering:
            heartbeat.beat("one")
        pulse.ask()


def test_a_queue_that_answers_is_never_silent(pulse: Pulse, beats: list[str]) -> None:
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        _ask_every_second(pulse, clock, seconds=300, answering=True)

        assert pulse.silence() == 0
        assert len(beats) == 30


def test_a_queue_that_does_not_is_silent_and_not_filled(pulse: Pulse, beats: list[str]) -> None:
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        _ask_every_second(pulse, clock, seconds=121, answering=False)

        assert pulse.silence() == 120
        assert len(beats) == 3


def test_time_in_which_nobody_could_ask_does_not_count(pulse: Pulse, beats: list[str]) -> None:
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        _ask_every_second(pulse, clock, seconds=5, answering=True)
        clock.shift(3600)
        while_away = pulse.silence()
        _ask_every_second(pulse, clock, seconds=5, answering=False)

        assert (while_away, pulse.silence()) == (0, 4)


def test_a_process_that_has_just_started_gets_its_time(pulse: Pulse, beats: list[str]) -> None:
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        _ask_every_second(pulse, clock, seconds=100, answering=False)
        pulse.child.started_at = time.monotonic() - 2

        assert pulse.silence() == pytest.approx(2, abs=1)


def test_a_lock_that_is_never_given_back_counts_against_the_worker(
    pulse: Pulse, beats: list[str], monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, database_url="")
    listener = Listener([pulse], Mock())
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        _ask_every_second(pulse, clock, seconds=5, answering=True)
        _fail_for(listener, monkeypatch, clock, minutes=2)

        assert pulse.silence() == 120


def test_a_server_that_is_away_does_not_count_against_the_worker(
    pulse: Pulse, beats: list[str], monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, database_url="postgres://db/makegood")
    listener = Listener([pulse], Mock())
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        _ask_every_second(pulse, clock, seconds=5, answering=True)
        _fail_for(listener, monkeypatch, clock, minutes=2)

        assert pulse.silence() == 0


def _fail_for(
    listener: Listener, monkeypatch: pytest.MonkeyPatch, clock: time_machine.Traveller, *, minutes: int
) -> None:
    monkeypatch.setattr(supervisor.connections, "close_all", lambda: None)
    monkeypatch.setattr(supervisor.time, "sleep", lambda _: None)
    monkeypatch.setattr(Pulse, "ask", Mock(side_effect=OperationalError("database is locked")))
    for _ in range(minutes * 6):
        clock.shift(10)
        listener._ask()
