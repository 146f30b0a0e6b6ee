"""Documents with anything anywhere: no traceback, no half incident, and a second run that changes nothing."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incidents.imports.report import ImportReport, Tally
from incidents.models import Event, Incident, Update
from tests.incidents.imports.files import (
    PAGE,
    component,
    incident,
    maintenance,
    read,
    stored_rows,
    update,
)

pytestmark = pytest.mark.django_db

WHOLE = {
    "page": PAGE,
    "components": [component("hall", group=True), component(group_id="hall"), component("gate", status="major_outage")],
    "incidents": [
        incident(
            incident_updates=[
                update("u2", affected_components=[{"code": "gate", "name": "Gate", "new_status": "major_outage"}]),
                update(),
            ],
            components=[component("gate")],
        ),
        incident("two", status="resolved", resolved_at="2025-02-03T11:00:00Z"),
    ],
    "scheduled_maintenances": [maintenance()],
}

JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=2**62)
    | st.floats()
    | st.text(max_size=40)
    | st.sampled_from(["", "\0", "\ud800", "x" * 400, "2025-02-30T00:00:00Z", "0001-01-01T00:00:00+23:59", "resolved"])
    | st.sampled_from(
        ["belt", "two", "u1", "checkin", "hall", "maintenance", "<p><a href='javascript:x'>", "2025-01-01"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in the document below its root."""
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield (*path, key)
        yield from places(child, (*path, key))


PLACES = sorted(places(WHOLE), key=repr)


def mutated(mutations: list[tuple[tuple[Any, ...], str, Any]]) -> dict[str, Any]:
    document: dict[str, Any] = copy.deepcopy(WHOLE)
    for path, how, junk in mutations:
        try:
            parent: Any = document
            for key in path[:-1]:
                parent = parent[key]
            _mutate(parent, path[-1], how, junk)
        except (KeyError, IndexError, TypeError):
            continue  # an earlier mutation took the place away
    return document


def _mutate(parent: Any, key: Any, how: str, junk: Any) -> None:
    if how == "delete":
        del parent[key]
    elif how == "double" and isinstance(parent, list):
        parent.append(copy.deepcopy(parent[key]))
    else:
        parent[key] = junk


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from(PLACES), st.sampled_from(["replace", "delete", "double"]), JUNK),
        min_size=1,
        max_size=4,
    )
)
@pytest.mark.slow
def test_a_document_with_anything_anywhere_comes_in_as_far_as_it_can(tmp_path: Path, mutations: list[Any]) -> None:
    file = tmp_path / "summary.json"
    file.write_text(json.dumps(mutated(mutations)), encoding="utf-8")

    with transaction.atomic():
        dry_report = read(file, dry_run=True)
        rows_after_dry_run = stored_rows()
        first = read(file)
        rows_after_first = stored_rows()
        second = read(file)
        rows_after_second = stored_rows()
        sums = totals()
        transaction.set_rollback(True)

    assert rows_after_dry_run == [[], [], [], [], [], [], []]
    assert dry_report == first
    assert sums == (created(first, "incidents", "maintenances"), created(first, "updates", "their updates"))
    assert all(adds_up(kind, tally) for kind, tally in first.tallies.items())
    assert (second.wrote_nothing, rows_after_second == rows_after_first) == (True, True)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=60) | JUNK.map(lambda junk: json.dumps(junk).encode()))
def test_a_file_of_anything_is_reported(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "any.json").write_bytes(content)

    report = read(tmp_path)

    assert (report.tallies["files"].read, report.wrote_nothing) == (1, True)


def totals() -> tuple[int, int]:
    """Incidents that are whole (they were recorded last, in their transaction), and updates."""
    recorded = Event.objects.filter(kind="incident.imported").values_list("incident", flat=True)
    return Incident.objects.filter(pk__in=recorded).count(), Update.objects.count()


def created(report: ImportReport, *kinds: str) -> int:
    return sum(report.tallies.get(kind, Tally()).created for kind in kinds)


def adds_up(kind: str, tally: Tally) -> bool:
    return kind == "files" or tally.read == tally.created + tally.changed + tally.unchanged + tally.skipped
