"""The desk moves planned work, calls it off, and plans work that comes back."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from incidents.actions.publishing.incidents import publish_incident
from incidents.actions.publishing.maintenances import reschedule_maintenance
from incidents.actions.publishing.series import plan_series
from incidents.actions.publishing.updates import post_update
from incidents.clock import tick
from incidents.models import Incident, MaintenanceSeries, Update
from tests.incidents.admin.scene import Scene, dara, eli, make_scene, messages_of, picker_time, rosa

pytestmark = pytest.mark.django_db

START = (timezone.now() + timedelta(days=3)).replace(second=0, microsecond=0)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ADD = "/admin/incidents/maintenanceseries/add/"


def plan(scene: Scene, **changes: Any) -> Incident:
    window = {"scheduled_for": START, "scheduled_until": START + 2 * HOUR}
    draft = scene.draft(
        kind="maintenance", name="New rails", components={scene.trains: "under_maintenance"}, **{**window, **changes}
    )
    publish_incident(draft, body="We grind.", by=scene.by)
    return draft


def address_of(incident: Incident, name: str) -> str:
    return f"/admin/incidents/incident/{incident.pk}/{name}/"


def reschedule_fields(incident: Incident, **changes: Any) -> dict[str, Any]:
    window = {"scheduled_for": picker_time(START + DAY), "scheduled_until": picker_time(START + DAY + HOUR)}
    return {**window, "body": "Parts are late.", "seen": incident.updates.latest("pk").pk, **changes}


def test_the_page_offers_to_move_and_to_cancel() -> None:
    scene = make_scene()
    incident, unplanned = plan(scene), scene.published()
    client = dara()

    page = client.get(f"/admin/incidents/incident/{incident.pk}/change/")
    unplanned_page = client.get(f"/admin/incidents/incident/{unplanned.pk}/change/")

    assert {"reschedule", "cancel"} <= {
        desk_action.name for desk_action, _words, _address in page.context["desk_actions"]
    }
    assert not {"reschedule", "cancel"} & {
        desk_action.name for desk_action, _words, _address in unplanned_page.context["desk_actions"]
    }
    assert 'name="scheduled_for"' not in page.text


@pytest.mark.parametrize("name", ["reschedule", "cancel"])
def test_says_who_will_be_told(name: str) -> None:
    page = dara().get(address_of(plan(make_scene()), name)).text

    assert "2 customers hear of it personally." in page
    assert "About 3 holdings." in page


def test_moves_it() -> None:
    incident = plan(make_scene())
    client = dara()

    response = client.post(address_of(incident, "reschedule"), reschedule_fields(incident))

    incident.refresh_from_db()
    assert (incident.scheduled_for, incident.scheduled_until) == (START + DAY, START + DAY + HOUR)
    assert Update.objects.latest("pk").body.startswith("Parts are late.")
    assert messages_of(response) == ["The new time is public. Subscribers and everybody affected are being told."]
    assert "Rescheduled" not in client.get(response["Location"]).text


def test_a_refused_move_keeps_what_was_typed() -> None:
    incident = plan(make_scene())

    page = dara().post(
        address_of(incident, "reschedule"), reschedule_fields(incident, scheduled_until=picker_time(START))
    )

    form = page.context["form"]
    assert form.errors == {"scheduled_until": ["The planned end lies before the start."]}
    assert form["body"].value() == "Parts are late."


def test_a_colleague_who_was_faster_is_shown_first() -> None:
    scene = make_scene()
    incident = plan(scene)
    fields = reschedule_fields(incident)
    post_update(incident, body="We may be late.", by=scene.by)

    page = dara().post(address_of(incident, "reschedule"), fields)

    assert "posted an update meanwhile" in page.text
    assert (Incident.objects.get(pk=incident.pk).scheduled_for, "We may be late." in page.text) == (START, True)


def test_of_what_has_begun_only_the_end_is_asked() -> None:
    incident = plan(make_scene(), scheduled_for=timezone.now() + timedelta(seconds=1))
    tick(timezone.now() + timedelta(seconds=2))
    maintenance = Incident.objects.get(pk=incident.pk)

    response = dara().post(address_of(incident, "reschedule"), reschedule_fields(incident, scheduled_for=""))

    incident.refresh_from_db()
    assert (response.status_code, incident.scheduled_for) == (302, maintenance.scheduled_for)
    assert incident.scheduled_until == START + DAY + HOUR


def test_cancels_it_with_a_reason() -> None:
    incident = plan(make_scene())
    client, newest = dara(), incident.updates.get().pk

    without = client.post(address_of(incident, "cancel"), {"body": "", "seen": newest})
    response = client.post(address_of(incident, "cancel"), {"body": "Not needed.", "seen": newest})

    assert without.context["form"].errors == {"body": ["This field is required."]}
    assert response.status_code == 302
    assert Incident.objects.get(pk=incident.pk).is_cancelled
    page = client.get(response["Location"]).text
    assert "Cancelled" in page
    assert "Completed" not in page  # for programs only


def test_whoever_may_not_change_it_may_not_move_or_cancel_it() -> None:
    incident, client = plan(make_scene()), rosa()

    assert client.post(address_of(incident, "reschedule"), reschedule_fields(incident)).status_code == 403
    assert client.post(address_of(incident, "cancel"), {"body": "No."}).status_code == 403


def test_how_it_runs_is_corrected_in_the_details() -> None:
    scene = make_scene()
    incident = plan(scene)
    page = eli().get(f"/admin/incidents/incident/{incident.pk}/change/").text

    assert 'value="7 d, 24 h, 1 h"' in page
    assert 'name="verify_for"' in page


# -- work that comes back ---------------------------------------------------------------------------------------------


def planned(scene: Scene, **changes: Any) -> dict[str, Any]:
    return {
        "name": "Rails are ground",
        "rule": "FREQ=WEEKLY",
        "first_start": picker_time(START),
        "time_zone": "UTC",
        "lasts_for": "120",
        "verify_for": "15",
        "components": [scene.trains.pk],
        "body": "We grind the rails.",
        "reminders": "1 d",
        "announce_days": "30",
        "most_ahead": "2",
        "owner": "",
        **changes,
    }


def make_series(scene: Scene) -> MaintenanceSeries:
    series = plan_series(
        scene.page,
        name="Rails are ground",
        rule="FREQ=WEEKLY",
        first_start=START,
        lasts_for=120,
        body="We grind the rails.",
        components=[scene.trains],
        most_ahead=2,
        announce_days=30,
        by=scene.by,
    )
    tick()
    return series


def starts(series: MaintenanceSeries) -> list[datetime]:
    ahead = series.occurrences.filter(status="scheduled").order_by("scheduled_for")
    return list(ahead.values_list("scheduled_for", flat=True))


def test_plans_work_that_comes_back() -> None:
    scene = make_scene()

    response = dara().post(ADD, planned(scene))

    series = MaintenanceSeries.objects.get()
    assert response["Location"] == f"/admin/incidents/maintenanceseries/{series.pk}/change/"
    assert (series.rule, series.first_start, series.reminders, list(series.components.all())) == (
        "FREQ=WEEKLY",
        START,
        [1440],
        [scene.trains],
    )


def test_shows_the_next_windows_and_keeps_nothing() -> None:
    scene = make_scene()

    page = dara().post(ADD, planned(scene, _preview="Show the next windows"))

    windows = page.context["windows"]
    assert (len(windows), windows[0], windows[1][0]) == (5, (START, START + 2 * HOUR), START + 7 * DAY)
    assert MaintenanceSeries.objects.count() == 0
    assert page.context["form"]["name"].value() == "Rails are ground"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"rule": "FREQ=HOURLY"}, "rule"),
        ({"rule": "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"}, "rule"),
        ({"time_zone": "Atlantis"}, "time_zone"),
        ({"lasts_for": "99999"}, "lasts_for"),
        ({"reminders": "soon"}, "reminders"),
        ({"first_start": ""}, "first_start"),
    ],
)
@pytest.mark.parametrize("button", ["_save", "_preview"])
def test_a_bad_plan_is_refused_beside_the_field(wrong: dict[str, str], field: str, button: str) -> None:
    scene = make_scene()

    page = dara().post(ADD, planned(scene, **wrong, **{button: "x"}))

    form = page.context["form"]
    assert (list(form.errors), form["name"].value()) == ([field], "Rails are ground")
    assert MaintenanceSeries.objects.count() == 0


def test_a_changed_plan_says_what_became_of_the_windows() -> None:
    scene = make_scene()
    series = make_series(scene)
    first = series.occurrences.order_by("occurs_at")[0]
    reschedule_maintenance(first, scheduled_for=START + HOUR, scheduled_until=START + 2 * HOUR, body="", by=scene.by)
    client = dara()

    response = client.post(f"/admin/incidents/maintenanceseries/{series.pk}/change/", planned(scene, name="Night work"))

    assert messages_of(response) == ["The plan is saved. 1 window was changed. 1 announced window stays."]
    assert sorted(series.occurrences.values_list("name", flat=True)) == ["Night work", "Rails are ground"]


def test_its_page_shows_what_is_announced() -> None:
    scene = make_scene()
    series = make_series(scene)

    page = dara().get(f"/admin/incidents/maintenanceseries/{series.pk}/change/")

    assert [window.scheduled_for for window in page.context["coming"]] == [START, START + 7 * DAY]
    assert page.context["windows"][0] == (START, START + 2 * HOUR)
    assert "every week" in page.text


@pytest.mark.parametrize(("cancel", "count"), [({}, 2), ({"cancel_coming": "on", "body": "Done."}, 0)])
def test_ends_it_and_on_request_what_is_coming(cancel: dict[str, str], count: int) -> None:
    series = make_series(make_scene())

    response = dara().post(f"/admin/incidents/maintenanceseries/{series.pk}/end/", cancel)

    series.refresh_from_db()
    assert (response.status_code, series.ended_at is not None, len(starts(series))) == (302, True, count)


def test_the_list_says_how_it_comes_back() -> None:
    make_series(make_scene())

    page = dara().get("/admin/incidents/maintenanceseries/").text

    assert "every week" in page
    assert "Running" in page


def test_who_only_makes_good_may_look_but_not_plan() -> None:
    scene = make_scene()
    series = make_series(scene)
    address, client = f"/admin/incidents/maintenanceseries/{series.pk}/", rosa()

    assert client.get(f"{address}change/").status_code == 200
    assert client.get(ADD).status_code == 403
    assert client.post(f"{address}change/", planned(scene)).status_code == 403
    assert client.post(f"{address}end/").status_code == 403
