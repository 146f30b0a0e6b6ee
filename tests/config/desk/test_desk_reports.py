"""What visitors say does not work, as staff see it at the desk."""

import pytest
from django.http import HttpResponse
from django.utils import timezone

from incidents.actions.intake.reports import report_problem
from incidents.models import Component
from tests.incidents.admin.scene import Scene, dara, make_scene, rosa

pytestmark = pytest.mark.django_db


def report(component: Component, times: int) -> None:
    now = timezone.now()
    for number in range(times):
        report_problem(component, visitor=f"Visitor {number}", now=now)


def words(page: HttpResponse) -> str:
    return " ".join(page.content.decode().split())


def declare_link(scene: Scene) -> str:
    return f'/admin/incidents/incident/add/?page={scene.page.pk}&amp;component={scene.trains.pk}"'


def test_when_nobody_has_a_problem_it_says_so() -> None:
    make_scene()

    assert "No visitor told us of a problem in the last 24 hours." in words(dara().get("/admin/"))


def test_the_panel_has_bars_and_the_figures_behind_them() -> None:
    scene = make_scene()
    report(scene.trains, 3)

    page = words(dara().get("/admin/"))

    assert 'class="spark"' in page
    assert '</th> <td class="figure">3</td><td class="figure">0.0</td>' in page
    assert page.count('<tr><th scope="row"><time') == 24
    assert "unusual" not in page
    assert declare_link(scene) not in page


def test_what_is_unusual_is_flagged_and_leads_to_an_incident_about_it() -> None:
    scene = make_scene()
    report(scene.trains, 5)

    page = words(dara().get("/admin/"))

    assert ">unusual</span>" in page
    assert declare_link(scene) in page


def test_what_is_unusual_and_not_written_down_stands_before_what_we_know() -> None:
    scene, client = make_scene(), dara()
    scene.published(name="Known")
    report(scene.buses, 5)

    before = words(client.get("/admin/"))
    scene.draft(name="Buses too", components={scene.buses: "major_outage"})
    after = words(client.get("/admin/"))

    assert before.index('id="claims"') < before.index(">Known<")
    assert after.index('id="claims"') > after.index(">Known<")
    assert before.count('id="claims"') == after.count('id="claims"') == 1


def test_who_may_not_declare_sees_the_flag_only() -> None:
    scene = make_scene()
    report(scene.trains, 5)

    page = words(rosa().get("/admin/"))

    assert ">unusual</span>" in page
    assert declare_link(scene) not in page


def test_an_open_incident_about_it_is_named_instead() -> None:
    scene = make_scene()
    incident = scene.published()
    report(scene.trains, 5)

    page = words(dara().get("/admin/"))

    assert f'<a href="/admin/incidents/incident/{incident.pk}/change/">{incident.name}</a></th>' in page
    assert declare_link(scene) not in page


def test_the_incident_s_page_says_how_many_since_it_began() -> None:
    scene = make_scene()
    incident = scene.published()
    report(scene.trains, 2)
    report(scene.buses, 4)

    page = words(dara().get(f"/admin/incidents/incident/{incident.pk}/change/"))

    assert "2 reports about these parts since it began" in page
