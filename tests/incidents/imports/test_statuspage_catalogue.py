"""Pages, groups and components: made, changed, left alone, refused."""

from datetime import UTC, date, datetime
from pathlib import Path
from unittest.mock import Mock

import pytest
from django.db import IntegrityError

from incidents.imports import catalogue
from incidents.models import Component, Event, Page
from tests.incidents.imports.files import PAGE, component, counts, edit, incident, read, reasons, stored_rows, write
from tests.make import make_page

pytestmark = pytest.mark.django_db


def test_the_first_page_becomes_the_default_one(tmp_path: Path) -> None:
    read(write(tmp_path, components=[]))

    page = Page.objects.get()
    assert (page.public_id, page.slug, page.name, page.url, page.time_zone, page.is_default, page.updated_at) == (
        "northwindair",
        "northwind-air",
        "Northwind Air",
        "https://northwind.example",
        "Europe/London",
        True,
        datetime(2025, 3, 1, 10, tzinfo=UTC),
    )


def test_a_page_beside_others_gets_an_address_of_its_own(tmp_path: Path) -> None:
    make_page(slug="northwind-air", is_default=True)
    make_page(slug="northwind-air-2")

    read(write(tmp_path, components=[]))

    page = Page.objects.get(public_id="northwindair")
    assert (page.slug, page.is_default) == ("northwind-air-3", False)


def test_a_name_without_letters_still_gets_an_address(tmp_path: Path) -> None:
    read(write(tmp_path, page={**PAGE, "name": "北风"}, components=[]))

    assert Page.objects.get().slug == "page"


def test_a_page_that_changed_elsewhere_changes_here(tmp_path: Path) -> None:
    read(write(tmp_path, components=[]))

    report = read(write(tmp_path, page={**PAGE, "name": "Northwind", "time_zone": "Etc/UTC"}, components=[]))

    page = Page.objects.get()
    assert (counts(report, "pages"), page.name, page.time_zone) == ({"read": 1, "changed": 1}, "Northwind", "Etc/UTC")
    assert Event.objects.latest("id").data == {"fields": ["name", "time_zone"]}


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", 7, ["UTC"], "UTC\0"])
def test_an_unknown_time_zone_is_utc_with_a_note(tmp_path: Path, zone: object) -> None:
    report = read(write(tmp_path, page={**PAGE, "time_zone": zone}, components=[]))

    assert Page.objects.get().time_zone == "UTC"
    assert list(report.notes) == ["summary.json page (id northwindair): time_zone is unknown; the page keeps UTC."]
    assert report.skips == []


def test_an_address_that_could_act_is_left_out_with_a_note(tmp_path: Path) -> None:
    report = read(write(tmp_path, page={**PAGE, "url": "javascript:alert(1)"}, components=[]))

    assert Page.objects.get().url == ""
    assert len(report.notes) == 1


def test_with_page_everything_goes_there(tmp_path: Path) -> None:
    page = make_page(name="Mine", slug="mine")

    report = read(write(tmp_path, components=[component()]), page=page)

    page.refresh_from_db()
    assert (page.name, Component.objects.get().page, "pages" in report.tallies) == ("Mine", page, False)


@pytest.mark.parametrize("page", [None, {}, [], "northwind", {**PAGE, "id": None}, {**PAGE, "id": "a/b"}])
def test_a_file_that_does_not_say_whose_it_is_is_skipped(tmp_path: Path, page: object) -> None:
    report = read(write(tmp_path, page=page, components=[component()]))

    assert (counts(report, "pages"), Page.objects.count()) == ({"read": 1, "skipped": 1}, 0)
    assert reasons(report)[0].startswith("summary.json page: ")
    assert reasons(report)[0].endswith("; say which page with --page")


def test_components_keep_everything(tmp_path: Path) -> None:
    group = component("hall", name="Hall", group=True, components=["checkin"], position=4, description="Where you wait")
    leaf = component(
        "checkin",
        name="Check-in",
        status="partial_outage",
        group_id="hall",
        position=7,
        description="Desks 1–9",
        showcase=True,
        start_date="2024-05-06",
        only_show_if_degraded=True,
    )

    read(write(tmp_path, components=[leaf, group]))

    checkin = Component.objects.get()
    assert (checkin.group.name, checkin.group.public_id, checkin.group.position, checkin.group.description) == (
        "Hall",
        "hall",
        4,
        "Where you wait",
    )
    assert (checkin.public_id, checkin.name, checkin.status, checkin.position, checkin.description) == (
        "checkin",
        "Check-in",
        "partial_outage",
        7,
        "Desks 1–9",
    )
    assert (checkin.showcase, checkin.only_show_if_degraded, checkin.start_date) == (True, True, date(2024, 5, 6))
    assert (checkin.created_at, checkin.updated_at) == (
        datetime(2024, 1, 1, tzinfo=UTC),
        datetime(2025, 2, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({"status": "major_outage"}, ["status"]),
        ({"name": "Bags", "position": 9}, ["name", "position"]),
        ({"group_id": "hall"}, ["group"]),
        ({"start_date": "2024-01-02"}, ["start_date"]),
        ({"updated_at": "2025-02-01T00:00:00.001Z"}, ["updated_at"]),
    ],
)
def test_a_component_that_changed_elsewhere_changes_here(
    tmp_path: Path, fields: dict[str, object], names: list[str]
) -> None:
    group = component("hall", group=True)
    read(write(tmp_path, components=[group, component()]))

    report = read(write(tmp_path, components=[group, component(**fields)]))

    assert (counts(report, "components"), counts(report, "component groups")) == (
        {"read": 1, "changed": 1},
        {"read": 1, "unchanged": 1},
    )
    assert Event.objects.latest("id").data == {"component": "checkin", "fields": names}


def test_a_dry_run_tells_of_each_change_and_makes_none(tmp_path: Path) -> None:
    read(write(tmp_path, components=[component(), component("gate")]))
    before = stored_rows()
    later = [component("hall", group=True), component(group_id="hall"), component("gate"), component("lounge")]

    report = read(write(tmp_path, components=later, page={**PAGE, "name": "Northwind"}), dry_run=True)

    assert stored_rows() == before
    assert report == read(tmp_path)
    assert counts(report, "components") == {"read": 3, "created": 1, "changed": 1, "unchanged": 1}


def test_a_group_that_changed_elsewhere_changes_here(tmp_path: Path) -> None:
    read(write(tmp_path, components=[component("hall", group=True)]))

    report = read(write(tmp_path, components=[component("hall", group=True, name="Great hall")]))

    assert counts(report, "component groups") == {"read": 1, "changed": 1}


def test_what_was_changed_here_later_is_kept(tmp_path: Path) -> None:
    read(write(tmp_path, components=[component()]))
    Component.objects.update(status="major_outage", updated_at=datetime(2025, 2, 2, tzinfo=UTC))

    report = read(write(tmp_path, components=[component()]))

    assert counts(report, "components") == {"read": 1, "unchanged": 1}
    assert Component.objects.get().status == "major_outage"


def test_hiding_is_decided_here(tmp_path: Path) -> None:
    read(write(tmp_path, components=[component()]))
    Component.objects.update(is_hidden=True)

    read(write(tmp_path, components=[component(status="major_outage")]))

    checkin = Component.objects.get()
    assert (checkin.is_hidden, checkin.status) == (True, "major_outage")


def test_what_the_file_does_not_name_stays(tmp_path: Path) -> None:
    read(write(tmp_path, components=[component(), component("gate")]))

    read(write(tmp_path, components=[component()]))

    assert Component.objects.count() == 2


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (None, "components[1]: is not an object but null"),
        ("gate", "components[1]: is not an object but “gate”"),
        ([], "components[1]: is not an object but a list"),
        ({}, "components[1]: id is missing"),
        (component("gate", id=None), "components[1]: id is missing"),
        (component("gate", id=17), "components[1]: id is not an id: 1 to 32 letters, digits, - and _: 17"),
        (
            component("gate", id="a/b"),
            "components[1] (id a/b): id is not an id: 1 to 32 letters, digits, - and _: “a/b”",
        ),
        (component("gate", name=None), "components[1] (id gate): name is missing"),
        (component("gate", name=["x"]), "components[1] (id gate): name is not a text: a list"),
        (
            component("gate", name="x" * 201),
            "components[1] (id gate): name has 201 characters; at most 200 are kept",
        ),
        (component("gate", name="a\0b"), "components[1] (id gate): name holds characters that no database takes"),
        (component("gate", name="a\ud800"), "components[1] (id gate): name holds characters that no database takes"),
        (
            component("gate", status="broken"),
            (
                "components[1] (id gate): status is not one of operational, under_maintenance, degraded_performance, "
                "partial_outage, major_outage: “broken”"
            ),
        ),
        (component("gate", status=None), "components[1] (id gate): status is missing"),
        (component("gate", position=-1), "components[1] (id gate): position is not a whole number: -1"),
        (component("gate", position=True), "components[1] (id gate): position is not a whole number: true or false"),
        (component("gate", position=2**31), "components[1] (id gate): position is not a whole number: 2147483648"),
        (component("gate", showcase="yes"), "components[1] (id gate): showcase is neither true nor false: “yes”"),
        (component("gate", group="yes"), "components[1] (id gate): group is neither true nor false: “yes”"),
        (component("gate", start_date="soon"), "components[1] (id gate): start_date is not a date: “soon”"),
        (component("gate", created_at="soon"), "components[1] (id gate): created_at is not a time: “soon”"),
        (
            component("gate", updated_at="2025-01-01T00:00:00"),
            "components[1] (id gate): updated_at is a time without its offset from UTC: “2025-01-01T00:00:00”",
        ),
        (
            component("gate", updated_at="0001-01-01T00:00:00+14:00"),
            "components[1] (id gate): updated_at is not a time: “0001-01-01T00:00:00+14:00”",
        ),
        (
            component("gate", updated_at="9999-01-01T00:00:00Z"),
            "components[1] (id gate): updated_at is not a believable time: “9999-01-01T00:00:00Z”",
        ),
        (
            component("gate", group_id="nowhere"),
            "components[1] (id gate): group_id names no group of this page: nowhere",
        ),
        (
            component("gate", group_id=3),
            "components[1] (id gate): group_id is not an id: 1 to 32 letters, digits, - and _: 3",
        ),
        (component(), "components[1]: the id is repeated; components[0] has it first"),
    ],
)
def test_a_broken_component_is_named_with_its_place_and_the_others_come_in(
    tmp_path: Path, bad: object, reason: str
) -> None:
    report = read(write(tmp_path, components=[component(), bad, component("lounge")]))

    assert reasons(report) == [f"summary.json {reason}"]
    assert list(Component.objects.order_by("public_id").values_list("public_id", flat=True)) == ["checkin", "lounge"]


def test_a_component_whose_group_is_broken_is_left_out_until_it_is_mended(tmp_path: Path) -> None:
    file = write(tmp_path, components=[component("hall", group=True, name=""), component(group_id="hall")])
    report = read(file)

    edit(file, lambda content: content["components"][0].update(name="Hall"))
    second = read(file)

    assert (counts(report, "components"), counts(report, "component groups")) == (
        {"read": 1, "skipped": 1},
        {"read": 1, "skipped": 1},
    )
    assert (counts(second, "components"), second.skips) == ({"read": 1, "created": 1}, [])


def test_two_files_with_the_same_component_agree_on_the_newer(tmp_path: Path) -> None:
    write(tmp_path, "a.json", components=[component(status="major_outage", updated_at="2025-02-01T00:00:02Z")])
    write(tmp_path, "b.json", components=[component(updated_at="2025-02-01T00:00:01Z")])
    write(tmp_path, "c.json", components=[component(status="partial_outage", updated_at="2025-02-01T00:00:02Z")])

    first, second = read(tmp_path), read(tmp_path)

    assert counts(first, "components") == {"read": 3, "created": 1, "unchanged": 2}
    assert second.wrote_nothing
    assert Component.objects.get().status == "major_outage"


def test_a_component_that_the_database_refuses_keeps_nobody_else_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path, components=[component("gate"), component()])
    monkeypatch.setattr(
        catalogue, "import_component", Mock(side_effect=[IntegrityError("gate taken\nDETAIL"), Component()])
    )

    report = read(file)

    assert reasons(report) == ["summary.json components[0] (id gate): the database refused it: gate taken"]
    assert counts(report, "components") == {"read": 2, "created": 1, "skipped": 1}


def test_incidents_of_a_page_that_is_known_need_no_components(tmp_path: Path) -> None:
    components = [component("gone")]

    report = read(write(tmp_path, incidents=[incident(components=components), incident("two", components=components)]))

    assert dict(report.notes) == {"The component “gone”, which incidents name, is not on the page.": 2}
    assert counts(report, "incidents") == {"read": 2, "created": 2}
