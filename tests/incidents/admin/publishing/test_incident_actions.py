"""Publishing, updates, estimates, matching again, resolving: each a form, a permission and one action."""

from datetime import timedelta

import pytest
from django.utils import timezone

from incidents.models import Estimate, Event, Impact, Incident, Update
from tests.incidents.admin.scene import dara, eli, make_scene, messages_of, picker_time, rosa
from tests.make import make_holding

pytestmark = pytest.mark.django_db


def at(incident: Incident, desk_action: str) -> str:
    return f"/admin/incidents/incident/{incident.pk}/{desk_action}/"


def update_of(incident: Incident, **changes: object) -> dict[str, object]:
    component = incident.affected_components.get()
    newest = incident.updates.order_by("-id").first()
    fields = {"body": "**Crews** are out.", "status": "identified", "deliver": "on", "corrects": ""}
    statuses = {"seen": newest.pk if newest else 0, f"component_{component.component_id}": component.status}
    return {**fields, **statuses, "next_update_due_at": "", **changes}


def test_publishing_shows_the_reach_before_the_button() -> None:
    incident = make_scene().draft()

    page = dara().get(at(incident, "publish"))

    assert (page.context["reach"].customers, page.context["reach"].holdings) == (2, 3)
    assert Impact.objects.count() == 0


def test_publishing_opens_the_impacts_and_says_so() -> None:
    incident = make_scene().draft()

    response = dara().post(at(incident, "publish"), {"body": "We are on it.", "status": "investigating"})

    incident.refresh_from_db()
    assert incident.is_published
    assert Update.objects.get().body == "We are on it."
    assert Impact.objects.count() == 3
    assert messages_of(response) == ["Published. Subscribers and everybody affected are being told."]


def test_publishing_twice_goes_back_and_changes_nothing() -> None:
    incident, client = make_scene().published(), dara()

    form_response = client.get(at(incident, "publish"))
    response = client.post(at(incident, "publish"), {"body": "Again.", "status": "investigating"})

    assert form_response.headers["Location"] == f"/admin/incidents/incident/{incident.pk}/change/"
    assert response.context["form"].non_field_errors() == ["This is public already. Post an update instead."]
    assert Update.objects.count() == 1


def test_a_preview_is_sanitised_keeps_what_was_typed_and_writes_nothing() -> None:
    incident = make_scene().published()
    fields = update_of(incident, body="**Crews** <script>alert(1)</script>", _preview="Preview")

    page = dara().post(at(incident, "update"), fields)

    html = page.content.decode()
    assert "<strong>Crews</strong>" in html
    assert "<script>alert(1)" not in html
    assert page.context["form"]["status"].value() == "identified"
    assert page.context["form"].errors == {}
    assert Update.objects.count() == 1


def test_the_live_preview_answers_the_same() -> None:
    make_scene()

    answer = dara().post("/admin/incidents/incident/preview/", {"body": "*so* <img src=x onerror=alert(1)>"})

    assert "<em>so</em>" in answer.content.decode()
    assert "<img" not in answer.content.decode()


def test_an_update_moves_status_components_and_the_next_promise() -> None:
    scene = make_scene()
    incident, due = scene.published(), timezone.now() + timedelta(hours=1)
    changes = {f"component_{scene.trains.pk}": "degraded_performance", "next_update_due_at": picker_time(due)}

    dara().post(at(incident, "update"), update_of(incident, **changes))

    incident.refresh_from_db()
    scene.trains.refresh_from_db()
    update = incident.updates.order_by("-id").first()
    assert (update.body, update.status, update.author.first_name) == ("**Crews** are out.", "identified", "Dara")
    assert (incident.status, scene.trains.status) == ("identified", "degraded_performance")
    assert picker_time(incident.next_update_due_at) == picker_time(due)


def test_a_correction_points_back() -> None:
    incident = make_scene().published()
    wrong = incident.updates.get()

    dara().post(at(incident, "update"), update_of(incident, corrects=wrong.pk))

    assert incident.updates.order_by("-id").first().corrects == wrong


def test_the_second_click_and_the_second_writer_do_not_post_past_the_first() -> None:
    incident, client = make_scene().published(), dara()
    fields = update_of(incident)
    client.post(at(incident, "update"), fields)

    page = client.post(at(incident, "update"), fields)

    assert Update.objects.count() == 2
    assert page.context["form"].non_field_errors() == [
        "Dara posted an update meanwhile. Please read it, and yours again, before you post."
    ]
    assert page.context["form"]["body"].value() == "**Crews** are out."
    assert page.context["form"]["seen"].value() == str(incident.updates.order_by("-id").first().pk)


def test_an_empty_update_is_refused_beside_its_field() -> None:
    incident = make_scene().published()

    page = dara().post(at(incident, "update"), update_of(incident, body="  "))

    assert page.context["form"].errors == {"body": ["This field is required."]}
    assert Update.objects.count() == 1


def test_an_estimate_then_its_revision_which_needs_a_reason() -> None:
    incident, client = make_scene().published(), eli()
    first, second = timezone.now() + timedelta(hours=1), timezone.now() + timedelta(hours=3)
    client.post(at(incident, "estimate"), {"restored_by": picker_time(first)})

    page = client.post(at(incident, "estimate"), {"restored_by": picker_time(second)})
    response = client.post(
        at(incident, "estimate"), {"restored_by": picker_time(second), "reason": "A part is missing."}
    )

    assert page.context["form"].errors == {"reason": ["Say why the time has changed; customers will read it."]}
    assert response.status_code == 302
    assert list(Estimate.objects.order_by("id").values_list("stage", flat=True)) == ["initial", "revised"]


def test_a_past_estimate_is_refused_beside_its_field() -> None:
    incident = make_scene().published()

    page = dara().post(at(incident, "estimate"), {"restored_by": picker_time(timezone.now() - timedelta(hours=1))})

    assert list(page.context["form"].errors) == ["restored_by"]


def test_not_knowing_yet_can_be_said() -> None:
    incident = make_scene().published()

    dara().post(at(incident, "estimate"), {"restored_by": "", "source": "Network"})

    assert [(row.stage, row.restored_by) for row in Estimate.objects.all()] == [("assessing", None)]


def test_matching_again_finds_who_is_new_and_only_them() -> None:
    scene, client = make_scene(), dara()
    incident = scene.published()
    make_holding(scene.ticket.customer, scene.trains)

    page = client.get(at(incident, "match"))
    first, second = client.post(at(incident, "match")), client.post(at(incident, "match"))

    assert page.context["reach"].new == 1
    assert (messages_of(first)[-1], messages_of(second)[-1]) == (
        "1 more holding is affected.",
        "Nobody new is affected.",
    )
    assert Impact.objects.count() == 4


def test_resolving_says_how_many_will_be_asked_and_asks_them() -> None:
    incident, client = make_scene().published(), dara()

    page = client.get(at(incident, "resolve"))
    client.post(at(incident, "resolve"), {"body": "All trains run."})

    incident.refresh_from_db()
    assert (page.context["asked_customers"], page.context["asked_holdings"]) == (2, 3)
    assert incident.status == "resolved"
    assert set(Impact.objects.values_list("state", flat=True)) == {"restored"}


def test_the_page_shows_updates_estimates_and_events_newest_first() -> None:
    incident, client = make_scene().published(), dara()
    client.post(at(incident, "estimate"), {"restored_by": ""})

    page = client.get(f"/admin/incidents/incident/{incident.pk}/change/")

    timeline = page.context["desk"].timeline
    assert timeline[0].estimate == incident.estimates.get()
    assert {line.words for line in timeline} >= {
        "Incident declared",
        "Incident published",
        "Holdings matched: 3 holdings",
    }
    assert [line.update for line in timeline if line.update] == [incident.updates.get()]


@pytest.mark.parametrize("desk_action", ["publish", "update", "estimate", "match", "resolve"])
def test_a_recovery_agent_tells_nobody_anything(desk_action: str) -> None:
    scene, client = make_scene(), rosa()
    incident = scene.published()

    form_response, response = (
        client.get(at(incident, desk_action)),
        client.post(at(incident, desk_action), {"body": "Hello."}),
    )

    assert (form_response.status_code, response.status_code) == (403, 403)
    assert Event.objects.filter(actor__first_name="Rosa").count() == 0


def test_an_incident_that_is_not_there_is_404() -> None:
    assert dara().get("/admin/incidents/incident/999/update/").status_code == 404
