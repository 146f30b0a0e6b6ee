"""Statuspage's API v2: every key, word, order and limit that real clients rely on."""

import json
import re

import pytest

from portal.facts.page import AffectedFacts, ComponentChange
from portal.facts.profile import PageProfile
from tests import make
from tests.portal.make_facts import (
    at,
    make_component_facts,
    make_group,
    make_incident_facts,
    make_maintenance,
    make_page_facts,
    make_resolved,
    make_update_facts,
)
from tests.portal.page_documents import add_update, publish, text_at
from tests.portal.rendered import header, json_of, paths_of, render

PAGE = ["id", "name", "url", "time_zone", "updated_at"]
COMPONENT = [
    "id", "name", "status", "created_at", "updated_at", "position", "description", "showcase", "start_date",
    "group_id", "page_id", "group", "only_show_if_degraded",
]  # fmt: skip
INCIDENT = [
    "id", "name", "status", "created_at", "updated_at", "monitoring_at", "resolved_at", "impact", "shortlink",
    "started_at", "page_id", "incident_updates", "components", "reminder_intervals",
]  # fmt: skip
UPDATE = [
    "id", "status", "body", "incident_id", "created_at", "updated_at", "display_at", "affected_components",
    "deliver_notifications", "custom_tweet", "tweet_id",
]  # fmt: skip
DOCUMENTS = {
    "status": ["page", "status"],
    "summary": ["page", "components", "incidents", "scheduled_maintenances", "status"],
    "components": ["page", "components"],
    "incidents": ["page", "incidents"],
    "incidents/unresolved": ["page", "incidents"],
    "incidents/resolved": ["page", "incidents"],
    "scheduled-maintenances": ["page", "scheduled_maintenances"],
    "scheduled-maintenances/upcoming": ["page", "scheduled_maintenances"],
    "scheduled-maintenances/active": ["page", "scheduled_maintenances"],
}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d)")


def make_lived_through():
    """A page with one of everything."""
    web, mail, api = (
        make_component_facts("major_outage", group_id="front", name="Web"),
        make_component_facts(name="Mail"),
        make_component_facts(),
    )
    said = (
        make_update_facts(
            1, "identified", changes=(ComponentChange(web.public_id, "Front - Web", "operational", "major_outage"),)
        ),
        make_update_facts(0, "investigating"),
    )
    return make_page_facts(
        groups=(make_group("front"), make_group("empty")),
        components=(mail, web, api),
        incidents=(
            make_maintenance(30, 31),
            make_maintenance(1, 2, status="verifying"),
            make_incident_facts(
                affected=(AffectedFacts(web.public_id, "Web", "major_outage"),), updates=said, status="identified"
            ),
            make_resolved(monitoring_at=at(-1.5)),
            make_resolved(status="postmortem"),
            make_maintenance(-5, -4, status="completed", resolved_at=at(-4)),
        ),
    )


def rows(facts, name, key=None):
    key = key or DOCUMENTS[name][1]
    return [row["id"] for row in json_of(facts, f"/api/v2/{name}.json")[key]]


def ids(facts, *numbers):
    return [facts.incidents[number].public_id for number in numbers]


# -- shapes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "keys"), DOCUMENTS.items())
def test_every_document_has_its_keys_in_order(name, keys):
    body = json_of(make_lived_through(), f"/api/v2/{name}.json")

    assert (list(body), list(body["page"])) == (keys, PAGE)


def test_every_row_has_all_keys_in_order():
    facts = make_lived_through()

    summary = json_of(facts, "/api/v2/summary.json")
    [incident] = summary["incidents"]

    assert {tuple(row) for row in summary["components"] if not row["group"]} == {tuple(COMPONENT)}
    assert {tuple(row) for row in summary["components"] if row["group"]} == {(*COMPONENT, "components")}
    assert list(incident) == INCIDENT
    assert {tuple(row) for row in summary["scheduled_maintenances"]} == {
        (*INCIDENT, "scheduled_for", "scheduled_until")
    }
    assert {tuple(update) for update in incident["incident_updates"]} == {tuple(UPDATE)}
    assert {tuple(component) for component in incident["components"]} == {tuple(COMPONENT)}


def test_an_incident_in_full():
    facts = make_lived_through()
    web, one = facts.components[1], facts.incidents[2]

    [incident] = json_of(facts, "/api/v2/incidents/unresolved.json")["incidents"]

    assert incident == {
        "id": one.public_id,
        "name": one.name,
        "status": "identified",
        "created_at": "2026-11-22T10:00:00.000+00:00",
        "updated_at": "2026-11-22T10:00:00.000+00:00",
        "monitoring_at": None,
        "resolved_at": None,
        "impact": "minor",
        "shortlink": f"http://127.0.0.1:8000/incidents/{one.public_id}",
        "started_at": "2026-11-22T10:00:00.000+00:00",
        "page_id": "northwindpage",
        "incident_updates": [
            {
                "id": one.updates[0].public_id,
                "status": "identified",
                "body": one.updates[0].body,
                "incident_id": one.public_id,
                "created_at": "2026-11-22T13:00:00.000+00:00",
                "updated_at": "2026-11-22T13:00:00.000+00:00",
                "display_at": "2026-11-22T13:00:00.000+00:00",
                "affected_components": [
                    {
                        "code": web.public_id,
                        "name": "Front - Web",
                        "old_status": "operational",
                        "new_status": "major_outage",
                    }
                ],
                "deliver_notifications": True,
                "custom_tweet": None,
                "tweet_id": None,
            },
            {
                "id": one.updates[1].public_id,
                "status": "investigating",
                "body": one.updates[1].body,
                "incident_id": one.public_id,
                "created_at": "2026-11-22T12:00:00.000+00:00",
                "updated_at": "2026-11-22T12:00:00.000+00:00",
                "display_at": "2026-11-22T12:00:00.000+00:00",
                "affected_components": None,
                "deliver_notifications": True,
                "custom_tweet": None,
                "tweet_id": None,
            },
        ],
        "components": [
            {
                "id": web.public_id,
                "name": "Web",
                "status": "major_outage",
                "created_at": "2026-11-22T03:00:00.000+00:00",
                "updated_at": "2026-11-22T03:00:00.000+00:00",
                "position": web.position,
                "description": None,
                "showcase": False,
                "start_date": None,
                "group_id": "front",
                "page_id": "northwindpage",
                "group": False,
                "only_show_if_degraded": False,
            }
        ],
        "reminder_intervals": None,
    }


def test_the_status_is_the_board_s():
    facts = make_lived_through()

    statuses = [json_of(facts, f"/api/v2/{name}.json")["status"] for name in ("status", "summary")]

    assert statuses == [{"indicator": "major", "description": "Partial System Outage"}] * 2


def test_a_group_stands_before_its_components_and_an_empty_one_not_at_all():
    facts = make_lived_through()
    mail, web, api = facts.components

    listed = json_of(facts, "/api/v2/components.json")["components"]

    assert [row["id"] for row in listed] == ["front", web.public_id, mail.public_id, api.public_id]
    assert (listed[0]["status"], listed[0]["components"]) == ("major_outage", [web.public_id])
    assert (listed[1]["group_id"], listed[2]["group_id"]) == ("front", None)


# -- which rows -------------------------------------------------------------------------------------------------------


def test_each_list_has_its_statuses_newest_first_and_plans_soonest_first():
    facts = make_lived_through()

    assert rows(facts, "incidents") == ids(facts, 2, 3, 4)
    assert rows(facts, "incidents/unresolved") == ids(facts, 2)
    assert rows(facts, "incidents/resolved") == ids(facts, 3, 4)
    assert rows(facts, "scheduled-maintenances") == ids(facts, 0, 1, 5)
    assert rows(facts, "scheduled-maintenances/upcoming") == ids(facts, 0)
    assert rows(facts, "scheduled-maintenances/active") == ids(facts, 1)
    assert rows(facts, "summary", "incidents") == ids(facts, 2)
    assert rows(facts, "summary", "scheduled_maintenances") == ids(facts, 1, 0)


def test_the_past_ends_after_fifty_rows():
    resolved = tuple(make_resolved() for _ in range(60))
    done = tuple(make_maintenance(-2, -1, status="completed", resolved_at=at(-1)) for _ in range(60))
    facts = make_page_facts(incidents=(*resolved, *done))

    assert rows(facts, "incidents") == ids(facts, *range(50))
    assert rows(facts, "incidents/resolved") == ids(facts, *range(50))
    assert rows(facts, "scheduled-maintenances") == ids(facts, *range(60, 110))


def test_what_is_open_is_never_cut_off():
    facts = make_page_facts(incidents=tuple(make_incident_facts() for _ in range(60)))

    assert len(rows(facts, "incidents/unresolved")) == len(rows(facts, "summary", "incidents")) == 60


def test_an_empty_page_has_empty_lists():
    summary = json_of(make_page_facts(), "/api/v2/summary.json")

    lists = {key: summary[key] for key in ("components", "incidents", "scheduled_maintenances")}
    assert lists == {"components": [], "incidents": [], "scheduled_maintenances": []}
    assert summary["status"] == {"indicator": "none", "description": "All Systems Operational"}


# -- times ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "written"),
    [
        ("UTC", "2026-11-22T11:00:00.000Z"),
        ("Etc/UTC", "2026-11-22T11:00:00.000Z"),
        ("Europe/London", "2026-11-22T11:00:00.000+00:00"),
        ("America/Los_Angeles", "2026-11-22T03:00:00.000-08:00"),
        ("Asia/Kolkata", "2026-11-22T16:30:00.000+05:30"),
    ],
)
def test_times_are_in_the_page_s_zone(zone, written):
    facts = make_page_facts(profile=PageProfile(zone=zone))

    page = json_of(facts, "/api/v2/status.json")["page"]

    assert (page["time_zone"], page["updated_at"]) == (zone, written)


def test_every_time_has_milliseconds():
    facts = make_lived_through()
    texts = [json.dumps(json_of(facts, f"/api/v2/{name}.json")) for name in DOCUMENTS]

    times = re.findall(r'"\w+_(?:at|for|until)": "([^"]+)"', "".join(texts))

    assert len(times) > 100
    assert [time for time in times if not TIME.fullmatch(time)] == []


# -- over the wire ----------------------------------------------------------------------------------------------------


def test_another_page_has_its_own_below_its_address():
    facts = make_page_facts(
        profile=PageProfile(root="/p/other/", home="/p/other/", slug="other"), incidents=(make_resolved(),)
    )

    assert {f"/p/other/api/v2/{name}.json" for name in DOCUMENTS} <= paths_of(facts)
    body = json_of(facts, "/p/other/api/v2/incidents.json")
    assert body["page"]["url"] == "http://127.0.0.1:8000/p/other"
    assert body["incidents"][0]["shortlink"].startswith("http://127.0.0.1:8000/p/other/incidents/")


def test_any_site_s_script_may_read_it():
    document = render(make_page_facts(), "/api/v2/status.json")

    assert header(document, "Content-Type") == "application/json; charset=utf-8"
    assert header(document, "Access-Control-Allow-Origin") == "*"
    assert ("Access-Control-Allow-Origin", "*") in document.plain.not_modified[1]


@pytest.fixture
def page():
    return make.make_page(is_default=True, slug="northwind", name="Northwind")


@pytest.mark.django_db
def test_hidden_components_and_drafts_are_nowhere(page):
    group = make.make_group(page, name="Secret group")
    secret = make.make_component(page, name="Secret component", is_hidden=True, group=group, status="major_outage")
    shown = make.make_component(page, name="Shown")
    make.make_incident(page, name="Secret draft", published=False)
    incident = make.make_incident(page, components=(secret, shown), status="resolved", resolved_at=at(0))
    spoken = {"code": secret.public_id, "name": "Secret group - Secret component"}
    spoken |= {"old_status": "operational", "new_status": "major_outage"}
    add_update(incident, affected_components=[spoken])

    store = publish(page)

    texts = [text_at(store, f"/api/v2/{name}.json") for name in DOCUMENTS]
    assert [text for text in texts if "Secret" in text or secret.public_id in text] == []
    assert json.loads(texts[0])["status"]["indicator"] == "none"
    assert json.loads(texts[3])["incidents"][0]["incident_updates"][0]["affected_components"] is None


@pytest.mark.django_db
def test_the_moment_of_the_page_moves_with_everything_public(page):
    early = json.loads(text_at(publish(page), "/api/v2/status.json"))["page"]["updated_at"]

    late = json.loads(text_at(publish(page), "/api/v2/status.json"))["page"]["updated_at"]

    assert late > early > page.updated_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/api/v2/status.json", "/p/northwind/api/v2/status.json"])
def test_django_answers_the_same(page, client, path):
    document = publish(page).find("/api/v2/status.json")

    response = client.get(path)

    assert (response.status_code, response.content) == (200, document.plain.body)
    assert response["Access-Control-Allow-Origin"] == "*"
    assert client.get(path, headers={"if-none-match": document.plain.etag}).status_code == 304


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/api/v2", "/api/v2/nothing.json", "/p/nobody/api/v2/status.json", "/p/x/api/v2/"])
@pytest.mark.parametrize("method", ["get", "post", "delete", "put"])
def test_an_unknown_address_is_refused_in_json(page, client, path, method):
    client.handler.enforce_csrf_checks = True
    publish(page)

    response = getattr(client, method)(path)

    assert (response.status_code, response.json()) == (404, {"error": "Not found"})
    assert response["Content-Type"] == "application/json; charset=utf-8"
    assert response["Access-Control-Allow-Origin"] == "*"


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["post", "delete", "put", "patch"])
def test_another_method_is_refused_in_json(page, client, method):
    client.handler.enforce_csrf_checks = True
    publish(page)

    response = getattr(client, method)("/api/v2/summary.json")

    assert (response.status_code, response.json()) == (405, {"error": "Method not allowed"})
    assert (response["Allow"], response["Access-Control-Allow-Origin"]) == ("GET, HEAD, OPTIONS", "*")


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/api/v2/summary.json", "/api/v2/nothing.json"])
def test_a_browser_that_asks_first_is_told_yes(page, client, path):
    publish(page)

    response = client.options(path)

    assert (response.status_code, response.content) == (204, b"")
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
