"""Real threads, let go together: each with its own database connection."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection

from incidents.errors import DomainError


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What each call returned or, in its place, the DomainError that refused it, in the order of the calls."""
    start = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            start.wait(timeout=30)
            return call()
        except DomainError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def kinds(outcomes: list[Any]) -> list[str]:
    """The outcomes' types by name, sorted: who won and who lost, whoever it was."""
    return sorted(type(outcome).__name__ for outcome in outcomes)
