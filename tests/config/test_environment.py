import os
import stat
from pathlib import Path

import pytest

from config.environment import SHOULD_BE, Mail, WrongEnvironment, read_environment


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in SHOULD_BE:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))


def test_nothing_needs_to_be_set(tmp_path: Path) -> None:
    environment = read_environment()

    assert environment.data_dir == tmp_path
    assert environment.base_url == "http://127.0.0.1:8000"
    assert environment.allowed_hosts == ("127.0.0.1", "localhost", "[::1]")
    assert environment.mail == Mail()
    assert (environment.is_postgres, environment.is_secure, environment.dev_inbox) == (False, False, False)


def test_an_empty_variable_is_an_absent_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "")
    monkeypatch.setenv("DATABASE_URL", " ")

    environment = read_environment()

    assert (environment.port, environment.database_url) == (8000, "")


def test_all_wrong_ones_are_named_together_with_what_they_should_be(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {
        "SECRET_KEY": "short",
        "DEBUG": "maybe",
        "DATA_DIR": "/proc/nowhere",
        "DATABASE_URL": "mysql://localhost/x",
        "REDIS_URL": "http://localhost",
        "REDIS_PREFIX": "Mine!",
        "HOST": "not a host",
        "PORT": "99999",
        "BASE_URL": "status.example.org",
        "ALLOWED_HOSTS": "a,b/c",
        "EMAIL_URL": "smtp://host:port",
        "DEFAULT_FROM_EMAIL": "nobody",
        "TRUSTED_PROXIES": "-1",
        "DEV_INBOX": "perhaps",
        "WEB_THREADS": "0",
        "WEB_PROCESSES": "many",
        "WORKERS": "65",
        "HEARTBEAT_LIMIT": "1",
        "LOG_LEVEL": "LOUD",
        "ACCESS_LOG": "paper",
        "METRICS_FROM": "10.0.0.1/8",
        "MAKEGOOD_ROLE": "king",
    }
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(WrongEnvironment) as caught:
        read_environment()

    assert list(caught.value.problems) == list(SHOULD_BE)
    assert str(caught.value).startswith("Makegood cannot start: 22 settings are wrong.\n  SECRET_KEY: ")
    assert "  PORT: 99999 is out of range. It should be a port number from 1 to 65535." in str(caught.value)


def test_a_password_in_a_wrong_address_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "oracle://user:hunter2@host/db")

    with pytest.raises(WrongEnvironment) as caught:
        read_environment()

    assert "hunter2" not in str(caught.value)


def test_postgres_needs_a_secret_that_all_hosts_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://user@host/db")

    with pytest.raises(WrongEnvironment) as caught:
        read_environment()

    assert list(caught.value.problems) == ["SECRET_KEY"]


def test_the_inbox_is_refused_when_mail_leaves_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEV_INBOX", "true")
    monkeypatch.setenv("EMAIL_URL", "smtp://relay")

    with pytest.raises(WrongEnvironment) as caught:
        read_environment()

    assert list(caught.value.problems) == ["DEV_INBOX"]


def test_the_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first = read_environment().secret_key
    second = read_environment().secret_key

    assert first == second
    assert len(first) >= 50
    assert stat.S_IMODE(os.stat(tmp_path / "secret_key").st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


@pytest.mark.parametrize(
    ("url", "mail"),
    [
        ("file:", Mail()),
        ("smtp://relay", Mail("relay", 587, use_tls=True)),
        ("smtp://relay:2525", Mail("relay", 2525)),
        ("smtp://ana%40x:p%2Fw@relay:587", Mail("relay", 587, "ana@x", "p/w", use_tls=True)),
        ("smtps://relay", Mail("relay", 465, use_ssl=True)),
    ],
)
def test_mail_goes_where_the_address_says(url: str, mail: Mail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMAIL_URL", url)

    assert read_environment().mail == mail


def test_own_host_is_always_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BASE_URL", "https://status.example.org/")

    environment = read_environment()

    assert environment.base_url == "https://status.example.org"
    assert environment.is_secure
    assert environment.allowed_hosts == ("status.example.org", "localhost", "127.0.0.1", "[::1]")
