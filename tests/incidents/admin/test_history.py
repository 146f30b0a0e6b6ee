"""What was said, promised, answered and done can be looked at and not be touched: not by a form, not by an address."""

import pytest
from django.contrib import admin
from django.test import RequestFactory

from incidents.admin.base import DomainAdmin
from incidents.models import User
from tests.incidents.admin.scene import eli, make_scene, seat

pytestmark = pytest.mark.django_db

HISTORY = ["update", "estimate", "promise", "checkin", "rating", "event", "task", "impact"]


@pytest.mark.parametrize("noun", HISTORY)
def test_even_a_superuser_neither_adds_nor_changes_history(noun: str) -> None:
    root = seat(User.objects.create_superuser("root@example.org"))

    assert root.get(f"/admin/incidents/{noun}/").status_code == 200
    assert root.post(f"/admin/incidents/{noun}/add/", {}).status_code == 403


@pytest.mark.parametrize("noun", ["update", "event", "impact"])
def test_history_is_shown_and_answers_403_to_a_change(noun: str) -> None:
    incident = make_scene().published()
    newest = {"update": incident.updates, "event": incident.events, "impact": incident.impacts}[noun].first()
    client, address = eli(), f"/admin/incidents/{noun}/{newest.pk}/change/"

    assert client.get(address).status_code == 200
    assert client.post(address, {"body": "Nothing happened."}).status_code == 403


def test_nothing_of_the_domain_can_be_deleted_by_anybody() -> None:
    request = RequestFactory().get("/")
    request.user = User.objects.create_superuser("root@example.org")

    admins = [model_admin for model_admin in admin.site._registry.values() if model_admin.opts.app_label == "incidents"]

    assert [model_admin.opts.model_name for model_admin in admins if not isinstance(model_admin, DomainAdmin)] == []
    assert [model_admin.opts.model_name for model_admin in admins if model_admin.has_delete_permission(request)] == []
    assert [
        model_admin.opts.model_name for model_admin in admins if "delete_selected" in model_admin.get_actions(request)
    ] == []
