from dataclasses import replace
from typing import Any

import pytest
from django.core.checks import CheckMessage
from pytest_django import Settings

from config import checks
from config.environment import Environment, Mail

PRODUCTION = {"database_url": "postgres://db/makegood", "redis_url": "redis://cache", "base_url": "https://x.example"}


@pytest.fixture
def ids_of_messages(settings: Settings) -> Any:
    original: Environment = settings.ENVIRONMENT

    def run(**changes: Any) -> list[str | None]:
        settings.ENVIRONMENT = replace(original, **{"database_url": "", "redis_url": ""} | changes)
        all_checks = (checks.check_debug, checks.check_inbox, checks.check_shape, checks.check_address)
        messages: list[CheckMessage] = [message for check in all_checks for message in check(None)]
        return [message.id for message in messages]

    return run


def test_the_embedded_shape_is_in_order(ids_of_messages: Any) -> None:
    assert ids_of_messages(debug=True, dev_inbox=True) == []


def test_production_is_in_order(ids_of_messages: Any) -> None:
    assert ids_of_messages(**PRODUCTION, mail=Mail("relay")) == []


def test_debug_in_production_is_an_error(ids_of_messages: Any) -> None:
    assert ids_of_messages(**PRODUCTION, debug=True) == ["makegood.E001"]


def test_the_inbox_in_production_is_warned_about(ids_of_messages: Any) -> None:
    assert ids_of_messages(**PRODUCTION, dev_inbox=True) == ["makegood.W001"]


def test_redis_beside_sqlite_is_warned_about(ids_of_messages: Any) -> None:
    assert ids_of_messages(redis_url="redis://cache") == ["makegood.W002"]


def test_links_in_mails_need_https(ids_of_messages: Any) -> None:
    assert ids_of_messages(mail=Mail("relay")) == ["makegood.W003"]
