"""/metrics: for those whom the operator named."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from portal.publishing.access_log import save_counts
from tests import make
from tests.portal.page_documents import publish


@pytest.fixture(autouse=True)
def _own_counts(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def ask(address: str = "127.0.0.1", **headers: str) -> int:
    return Client().get("/metrics", REMOTE_ADDR=address, headers=headers).status_code


@pytest.mark.django_db
def test_counts_and_freshness_are_told(client: Client, tmp_path: Path) -> None:
    publish(make.make_page(is_default=True))
    save_counts(Counter({("/", "200 OK"): 3, ('/"\\', "304 Not Modified"): 1}), tmp_path / "counts")

    response = client.get("/metrics")

    assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-store"
    lines = response.content.decode().splitlines()
    assert "makegood_public_away 0" in lines
    assert any(line.startswith("makegood_public_age_seconds ") for line in lines)
    answers = [line.partition(",")[2] for line in lines if line.startswith("makegood_answers_total{")]
    assert answers == ['path="/",code="200"} 3', 'path="/\\"\\\\",code="304"} 1']


def test_by_default_only_this_machine_may_read_them() -> None:
    assert [ask("127.0.0.1"), ask("::1"), ask("10.1.2.3"), ask("")] == [200, 200, 404, 404]


def test_the_operator_names_others(settings: Settings) -> None:
    settings.METRICS_FROM = ("10.0.0.0/8", "192.0.2.7")

    assert [ask("10.1.2.3"), ask("192.0.2.7"), ask("127.0.0.1")] == [200, 200, 404]


def test_what_a_proxy_passes_on_is_not_local() -> None:
    assert ask("127.0.0.1", x_forwarded_for="203.0.113.5") == 404


def test_behind_proxies_the_address_that_they_saw_counts(settings: Settings) -> None:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, trusted_proxies=1)
    settings.METRICS_FROM = ("10.0.0.0/8",)

    assert ask("127.0.0.1", x_forwarded_for="10.9.9.9, 203.0.113.5") == 404
    assert ask("127.0.0.1", x_forwarded_for="203.0.113.5, 10.9.9.9") == 200
    assert ask("10.9.9.9") == 404
