"""A clock that stands still and chance that repeats itself, so that two checkouts can be compared byte for byte."""

import hashlib
import itertools
import os
import random
from datetime import UTC, datetime, timedelta

import time_machine
from django.db.backends.signals import connection_created

# A Monday morning outside of every holiday; no clock changes within the weeks that the demo tells of.
MOMENT = datetime(2026, 6, 15, 9, 30, tzinfo=UTC)
CHANCE = {"label": "", "numbers": itertools.count()}
CLOCK: dict[str, time_machine.Traveller] = {}


def hold_still() -> None:
    """Stop the clock at MOMENT, and draw every random byte of this process from a row that is always the same."""
    os.urandom = random._urandom = _repeatable_bytes
    connection_created.connect(_repeat_in_database)
    repeat_chance("start")
    CLOCK["traveller"] = time_machine.travel(MOMENT, tick=False).start()


def move_clock(later: timedelta) -> None:
    """So much after MOMENT."""
    CLOCK["traveller"].move_to(MOMENT + later, tick=False)


def repeat_chance(label: str) -> None:
    """Begin the row that belongs to this label: what came before has no say in what is drawn now."""
    random.seed(label)
    CHANCE.update(label=label, numbers=itertools.count())


def _repeat_in_database(connection, **more) -> None:
    """SQLite draws the identifiers of rows that one statement writes by hundreds."""
    connection.connection.create_function("randomblob", 1, _repeatable_bytes)


def _repeatable_bytes(size: int) -> bytes:
    row = f"{CHANCE['label']} {next(CHANCE['numbers'])}"
    return hashlib.shake_256(row.encode()).digest(size)
