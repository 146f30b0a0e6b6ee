"""How the web server is started."""

import resource

import pytest

from config.processes.supervisor import ENOUGH_CONNECTIONS, OTHER_FILES, most_connections, web_command


@pytest.fixture
def set_to(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    calls: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "setrlimit", lambda _kind, limits: calls.append(limits))
    return calls


def allow(monkeypatch: pytest.MonkeyPatch, soft: int, hard: int) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _kind: (soft, hard))


def test_the_web_server_holds_as_many_visitors_as_the_system_allows(
    monkeypatch: pytest.MonkeyPatch, set_to: list[tuple[int, int]]
) -> None:
    allow(monkeypatch, 1024, 20_000)

    assert most_connections() == 20_000 - OTHER_FILES
    assert set_to == [(20_000, 20_000)]


def test_a_limit_that_is_high_enough_stays(monkeypatch: pytest.MonkeyPatch, set_to: list[tuple[int, int]]) -> None:
    allow(monkeypatch, 1_000_000, 1_000_000)

    assert most_connections() == ENOUGH_CONNECTIONS
    assert set_to == []


def test_no_limit_is_no_invitation(monkeypatch: pytest.MonkeyPatch, set_to: list[tuple[int, int]]) -> None:
    allow(monkeypatch, 1024, resource.RLIM_INFINITY)

    assert most_connections() == ENOUGH_CONNECTIONS
    assert set_to == [(ENOUGH_CONNECTIONS + OTHER_FILES, resource.RLIM_INFINITY)]


def test_the_command_says_so() -> None:
    command = web_command()

    assert command[command.index("--most") + 1] == str(most_connections())
    assert command[command.index("--backlog") + 1] == "4096"
