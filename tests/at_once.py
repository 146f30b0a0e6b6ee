"""Real threads, let go together: each with its own database connection and its own copy of every row."""

import copy
import gc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, is_dataclass
from threading import Barrier, BrokenBarrierError
from types import FunctionType, ModuleType
from typing import Any, cast

from django.db import connection
from django.db.models import Model, QuerySet

from incidents.errors import DomainError


@dataclass(frozen=True)
class Call:
    """A function and its arguments, read anew by whoever makes the call."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def __call__(self) -> Any:
        return self.function(*self.args, **self.kwargs)

    def but(self, **kwargs: Any) -> "Call":
        return call(self.function, *self.args, **{**self.kwargs, **kwargs})


def call(function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Call:
    """What a caller of ``at_once`` does. A function that brings a row of its own, from around it or as a default, would
    share it with the other callers: it is refused."""
    if not isinstance(function, FunctionType | type):
        raise TypeError(f"a function is needed, with its arguments beside it: {function!r}")
    if holds_rows(function):
        raise TypeError(f"rows in {function.__qualname__} would be shared; give them as arguments")
    return Call(function, args, kwargs)


def at_once(*calls: Call) -> list[Any]:
    """What each call returned or, in its place, the DomainError that refused it, in the order of the calls.

    No two callers share a row: each reads those among its arguments by its own connection before all are let go, as
    another process would have.
    """
    if strangers := [stranger for stranger in calls if not isinstance(stranger, Call)]:
        raise TypeError(f"calls are made by call(function, …): {strangers!r}")
    start = Barrier(len(calls))

    def run(shared: Call) -> Any:
        try:
            ready = _ready(shared, start)
            start.wait(timeout=30)
            return ready()
        except DomainError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        callers = [threads.submit(run, shared) for shared in calls]
    failures = [failure for caller in callers if (failure := caller.exception())]
    for failure in sorted(failures, key=lambda failure: isinstance(failure, BrokenBarrierError)):
        raise failure  # what went wrong, before those who waited for it in vain
    return [caller.result() for caller in callers]


def read_anew(value: Any) -> Any:
    """The same with every row in it read from the database, also in containers, dataclasses and calls."""
    return _read_anew(value, {})


def holds_rows(value: Any) -> bool:
    """Whether a row can be reached from here, but for what a module or a class holds."""
    return any(isinstance(reached, Model) for reached in _reached(value))


def kinds(outcomes: list[Any]) -> list[str]:
    """The outcomes' types by name, sorted: who won and who lost, whoever it was."""
    return sorted(type(outcome).__name__ for outcome in outcomes)


def _ready(shared: Call, start: Barrier) -> Call:
    try:
        connection.ensure_connection()
        return cast("Call", read_anew(shared))
    except BaseException:
        start.abort()
        raise


def _read_anew(value: Any, rows: dict[int, Model]) -> Any:
    """``rows``: what was read already, by the instance it stands for, since one instance given twice stays one."""
    if isinstance(value, Model):
        if id(value) not in rows:
            rows[id(value)] = _row(value)
        return rows[id(value)]
    if type(value) in (list, tuple, set, frozenset):
        return type(value)(_read_anew(member, rows) for member in value)
    if type(value) is dict:
        return {_read_anew(key, rows): _read_anew(member, rows) for key, member in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return _dataclass(value, rows)
    if holds_rows(value):
        raise TypeError(f"rows in {value!r} would be shared; give them in a list, a tuple, a dict or a dataclass")
    return value.all() if isinstance(value, QuerySet) else value


def _row(row: Model) -> Model:
    if row._state.adding:
        raise TypeError(f"{row!r} is not stored, so nobody else can read it")
    return type(row)._base_manager.using(row._state.db).get(pk=row.pk)


def _dataclass(value: Any, rows: dict[int, Model]) -> Any:
    renewed = copy.copy(value)
    for field in fields(value):
        object.__setattr__(renewed, field.name, _read_anew(getattr(value, field.name), rows))
    return renewed


def _reached(value: Any) -> Iterator[Any]:
    visited: dict[int, Any] = {}
    ahead = [value]
    while ahead:
        reached = ahead.pop()
        if id(reached) in visited or isinstance(reached, ModuleType | type):
            continue
        visited[id(reached)] = reached  # kept, so that nothing else gets its id
        yield reached
        ahead.extend(_parts(reached) if isinstance(reached, FunctionType) else gc.get_referents(reached))


def _parts(function: FunctionType) -> list[Any]:
    """All that belongs to a function but its module."""
    return [function.__closure__, function.__defaults__, function.__kwdefaults__, vars(function)]
