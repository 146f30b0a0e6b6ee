"""Fixtures that every test may use."""

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
import redis
from django.core.cache import cache
from pytest_django import Settings

from config.settings import ENVIRONMENT
from portal.publishing.store import published
from tests import clock  # noqa: F401 - it sets the clock when TEST_MOMENT is given
from tests.installation import Installation, copied_installation, migrated_template

# A shared machine may stop anybody for a moment: how long one example takes says nothing.
hypothesis.settings.register_profile("shared", deadline=None)
hypothesis.settings.load_profile("shared")

# Seconds; what takes longer is marked slow and runs in `make check`.
FAST = 3
CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    without_browser = pytest.mark.skip(reason=f"no Chromium at {CHROMIUM} (apt-get install chromium)")
    for item in items:
        if item.get_closest_marker("browser") and not CHROMIUM.exists():
            item.add_marker(without_browser)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Which tests took longer than a fast one may, so that somebody looks at them. No fault: machines are busy."""
    calls = [
        report
        for reports in terminalreporter.stats.values()
        for report in reports
        if isinstance(report, pytest.TestReport) and report.when == "call"
    ]
    for report in sorted(calls, key=lambda report: -report.duration):
        if report.duration > FAST and "slow" not in report.keywords:
            terminalreporter.write_line(
                f"longer than {FAST} s, and not marked slow: {report.nodeid} {report.duration:.1f} s"
            )


@pytest.fixture(autouse=True)
def _own_mail_and_cache(tmp_path: Path, settings: Settings) -> None:
    """Mail to files lands beside the test; limits and heartbeats of one test are not another's."""
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    if ENVIRONMENT.redis_url:
        server = redis.from_url(ENVIRONMENT.redis_url)  # `cache.clear` would empty the whole server
        for key in server.scan_iter(f"{settings.OWN}*"):
            server.delete(key)
        server.close()
    else:
        cache.clear()


@pytest.fixture(autouse=True)
def _own_documents() -> None:
    """What one test published is not what the next one reads."""
    published.cache_clear()


@pytest.fixture(scope="session")
def _template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with migrated_template(tmp_path_factory.mktemp("template")) as made:
        yield made


@pytest.fixture
def installation(_template: Installation, tmp_path: Path) -> Iterator[Installation]:
    """A migrated Makegood with a database of its own, for tests that start real processes."""
    with copied_installation(_template, tmp_path) as made:
        yield made
