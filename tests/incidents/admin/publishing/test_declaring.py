"""Declaring an incident at the desk: a draft, with its components and rules, and what is refused."""

from datetime import timedelta

import pytest
from django.utils import timezone

from incidents.models import Event, Incident
from tests.incidents.admin.scene import dara, eli, make_scene, messages_of, picker_time, rosa, rows
from tests.make import make_incident

pytestmark = pytest.mark.django_db

ADD = "/admin/incidents/incident/add/"


def declared(**changes: object) -> dict[str, object]:
    now = picker_time(timezone.now())
    fields = {"name": "Trains stand still", "impact": "major", "started_at": now, "owner": "", "next_update_due_at": ""}
    return {**fields, **rows("affected_components"), **rows("scopes"), **changes}


def test_a_draft_with_its_components_and_rules() -> None:
    scene, client = make_scene(), dara()
    component = {"component": scene.trains.pk, "status": "partial_outage"}
    rule = {"component": "", "kind": "", "region": "north", "starts_from": "", "starts_before": "", "refs": "T-2"}

    response = client.post(ADD, declared(**rows("affected_components", component), **rows("scopes", rule)))

    incident = Incident.objects.get()
    assert response.headers["Location"] == f"/admin/incidents/incident/{incident.pk}/change/"
    assert (incident.name, incident.impact, incident.published_at) == ("Trains stand still", "major", None)
    assert [(row.component, row.status) for row in incident.affected_components.all()] == [
        (scene.trains, "partial_outage")
    ]
    assert [(rule.region, rule.refs) for rule in incident.scopes.all()] == [("north", "T-2")]
    assert [event.kind for event in Event.objects.all()] == ["incident.declared"]


def test_each_field_of_a_component_s_row_says_its_name_to_a_screen_reader() -> None:
    make_scene()

    page = dara().get(ADD)

    row = page.context["inline_admin_formsets"][0].formset.forms[0]
    assert [row.fields[name].widget.attrs["aria-label"] for name in ("component", "status")] == ["Component", "Status"]


def test_the_box_that_takes_a_row_out_says_so_too() -> None:
    scene = make_scene()
    incident = make_incident(scene.page, components=(scene.trains,))

    page = dara().get(f"/admin/incidents/incident/{incident.pk}/change/")

    assert 'name="affected_components-0-DELETE" aria-label="Delete?"' in page.content.decode()


def test_the_owner_is_whoever_declares_unless_they_say_otherwise() -> None:
    make_scene()
    client = dara()

    page = client.get(ADD)

    assert page.context["adminform"].form.initial["owner"] == page.wsgi_request.user.pk


def test_the_component_of_the_address_stands_in_the_first_row_and_is_saved_as_it_stands() -> None:
    scene, client = make_scene(), dara()
    address = f"{ADD}?page={scene.page.pk}&component={scene.trains.pk}"
    form = client.get(address).context["inline_admin_formsets"][0].formset.forms[0]
    as_shown = {"component": form["component"].value(), "status": form["status"].value()}

    client.post(address, declared(**rows("affected_components", as_shown)))

    [row] = Incident.objects.get().affected_components.all()
    assert (row.component, row.status) == (scene.trains, "major_outage")


def test_an_address_with_no_component_shows_an_empty_row() -> None:
    make_scene()

    page = dara().get(f"{ADD}?component=none")

    assert page.context["inline_admin_formsets"][0].formset.forms[0]["component"].value() is None


def test_only_components_of_the_page_are_offered() -> None:
    scene = make_scene()

    page = dara().get(ADD)

    form = page.context["inline_admin_formsets"][0].formset.forms[0]
    assert set(form.fields["component"].queryset) == {scene.trains, scene.buses}


def test_a_refusal_says_why_and_loses_nothing() -> None:
    scene = make_scene()
    tomorrow = picker_time(timezone.now() + timedelta(days=1))
    component = {"component": scene.trains.pk, "status": "partial_outage"}

    page = dara().post(ADD, declared(started_at=tomorrow, **rows("affected_components", component)))

    form = page.context["adminform"].form
    assert form.errors == {"started_at": ["It cannot have started in the future. Plan a maintenance instead."]}
    assert form["name"].value() == "Trains stand still"
    assert page.context["inline_admin_formsets"][0].formset.forms[0]["status"].value() == "partial_outage"
    assert Incident.objects.count() == 0
    assert Event.objects.count() == 0


def test_a_maintenance_is_planned_with_its_window() -> None:
    scene, begins = make_scene(), timezone.now() + timedelta(days=1)
    window = {"scheduled_for": picker_time(begins), "scheduled_until": picker_time(begins + timedelta(hours=2))}
    component = {"component": scene.trains.pk, "status": "under_maintenance"}
    course = {"starts_by_itself": "on", "verify_for": "30", "reminders": "2 d, 90 min"}
    fields = {"name": "New rails", "owner": "", "next_update_due_at": "", **course, **window, **rows("scopes")}

    dara().post(f"{ADD}?kind=maintenance", {**fields, **rows("affected_components", component)})

    incident = Incident.objects.get()
    assert (incident.kind, incident.status, incident.impact) == ("maintenance", "scheduled", "maintenance")
    assert (incident.starts_by_itself, incident.ends_by_itself, incident.verify_for) == (True, False, 30)
    assert incident.reminders == [2880, 90]


def test_times_are_typed_in_the_zone_of_whoever_sits_there() -> None:
    make_scene()
    client = dara()
    client.get(ADD).wsgi_request.user.__class__.objects.filter(first_name="Dara").update(time_zone="Asia/Kolkata")

    client.post(ADD, declared(started_at="2026-01-05T10:00"))

    assert Incident.objects.get().started_at.isoformat() == "2026-01-05T04:30:00+00:00"


def test_details_are_changed_by_the_action_and_only_where_they_differ() -> None:
    scene = make_scene()
    incident = scene.draft(impact="major")
    row = incident.affected_components.get()
    component = {"id": row.pk, "incident": incident.pk, "component": scene.trains.pk, "status": "major_outage"}
    fields = declared(
        name="Trains are late", started_at=picker_time(incident.started_at), **rows("affected_components", component)
    )

    response = eli().post(
        f"/admin/incidents/incident/{incident.pk}/change/", fields | {"affected_components-INITIAL_FORMS": 1}
    )

    incident.refresh_from_db()
    assert response.status_code == 302
    assert incident.name == "Trains are late"
    event = Event.objects.get(kind="incident.changed")
    assert event.data == {"fields": ["name"]}


def test_a_struck_out_component_is_no_longer_affected() -> None:
    scene = make_scene()
    incident = scene.draft(impact="major")
    row = incident.affected_components.get()
    struck = {"id": row.pk, "incident": incident.pk, "component": scene.trains.pk, "status": "major_outage"}
    fields = declared(
        started_at=picker_time(incident.started_at), **rows("affected_components", struck | {"DELETE": "on"})
    )

    dara().post(f"/admin/incidents/incident/{incident.pk}/change/", fields | {"affected_components-INITIAL_FORMS": 1})

    assert incident.affected_components.count() == 0
    assert Incident.objects.filter(pk=incident.pk).exists()


def test_the_draft_shows_whom_it_touches_and_what_comes_next() -> None:
    incident = make_scene().draft()

    page = dara().get(f"/admin/incidents/incident/{incident.pk}/change/")

    reach = page.context["desk"].reach
    assert (reach.customers, reach.holdings, reach.units, reach.reachable) == (2, 3, 5, 2)
    assert [desk_action.name for desk_action, _, _ in page.context["desk_actions"]] == ["publish"]


def test_a_recovery_agent_may_look_and_not_declare() -> None:
    scene, client = make_scene(), rosa()
    incident = scene.draft()

    looking = client.get(f"/admin/incidents/incident/{incident.pk}/change/")
    asking, sending = client.get(ADD), client.post(ADD, declared())

    assert looking.status_code == 200
    assert looking.context["desk_actions"] == []
    assert (asking.status_code, sending.status_code) == (403, 403)


def test_without_a_page_one_is_made_first() -> None:
    response = dara().get(ADD)

    assert response.headers["Location"] == "/admin/incidents/page/add/"
    assert messages_of(response) == ["Add a status page first; incidents stand on one."]


def test_a_page_that_is_not_there_is_404() -> None:
    make_scene()

    assert dara().get(f"{ADD}?page=999").status_code == 404
