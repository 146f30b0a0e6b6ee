"""People at the desk: roles are given here, and nobody lifts themselves above their rank."""

import pytest
from django.contrib.auth.models import Group

from incidents.actions.access.roles import ensure_roles
from incidents.models import Event, User
from incidents.permissions import ROLES
from tests.incidents.admin.scene import dara, eli, rosa, seat
from tests.make import make_user

pytestmark = pytest.mark.django_db

ADD = "/admin/incidents/user/add/"


def person(**changes: object) -> dict[str, object]:
    names = {"email": "Nora@example.org", "first_name": "Nora", "last_name": "", "time_zone": "", "language": ""}
    return {**names, "is_active": "on", "is_staff": "on", "groups": [], **changes}


def group(name: str) -> Group:
    return ensure_roles()[name]


def test_the_roles_have_exactly_their_permissions_however_often() -> None:
    ensure_roles()
    groups = ensure_roles()

    permissions = {
        name: {f"{p.content_type.app_label}.{p.codename}" for p in group.permissions.select_related("content_type")}
        for name, group in groups.items()
    }
    assert permissions == ROLES
    assert Group.objects.count() == 3


def test_no_role_may_delete_anything() -> None:
    assert [code for codes in ROLES.values() for code in codes if ".delete_" in code] == []


def test_a_manager_adds_a_colleague() -> None:
    eli().post(ADD, person(groups=[group("communicator").pk]))

    nora = User.objects.get(first_name="Nora")
    assert (nora.email, nora.is_staff, nora.has_usable_password()) == ("nora@example.org", True, False)
    assert [role.name for role in nora.groups.all()] == ["communicator"]
    assert Event.objects.get().data == {"user": nora.pk, "roles": ["communicator"]}


def test_a_role_without_access_is_refused_in_words() -> None:
    page = eli().post(ADD, person(is_staff="", groups=[group("manager").pk]))

    assert page.context["adminform"].form.errors == {"is_staff": ["A role needs access to the desk."]}
    assert User.objects.filter(first_name="Nora").count() == 0


def test_a_manager_does_not_touch_a_superuser() -> None:
    root = User.objects.create_superuser("root@example.org")

    response = eli().post(f"/admin/incidents/user/{root.pk}/change/", person(email="eli2@example.org"))

    root.refresh_from_db()
    assert (response.status_code, root.email) == (403, "root@example.org")


def test_a_manager_gives_the_three_roles_and_keeps_other_groups_as_they_are() -> None:
    night = Group.objects.create(name="night shift")
    nora = make_user("Nora", is_staff=True)
    nora.groups.add(night)

    client = eli()
    client.post(f"/admin/incidents/user/{nora.pk}/change/", person(groups=[group("communicator").pk]))
    response = client.post(f"/admin/incidents/user/{nora.pk}/change/", person(groups=[night.pk]))

    assert {role.name for role in nora.groups.all()} == {"night shift", "communicator"}
    assert list(response.context["adminform"].form.errors) == ["groups"]


def test_being_a_superuser_is_not_on_the_form() -> None:
    eli().post(ADD, person(is_superuser="on"))

    assert User.objects.get(first_name="Nora").is_superuser is False


@pytest.mark.parametrize("address", [ADD, "/admin/incidents/user/", "/admin/auth/group/"])
def test_others_do_not_see_people(address: str) -> None:
    teller, agent = dara(), rosa()

    assert [client.get(address).status_code for client in (teller, agent)] == [403, 403]


def test_a_superuser_sees_groups() -> None:
    root = seat(User.objects.create_superuser("root@example.org"))

    assert root.get("/admin/auth/group/").status_code == 200
