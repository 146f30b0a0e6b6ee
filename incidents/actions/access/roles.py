"""The three groups of staff and what each may do."""

from django.contrib.auth.models import Group, Permission
from django.db import transaction

from incidents.permissions import ROLES


@transaction.atomic
def ensure_roles() -> dict[str, Group]:
    """Make the groups communicator, recovery agent and manager, with exactly the permissions of `ROLES`.

    Run at every start: an upgrade that adds a deed gives it to whoever should have it. Repeating it changes nothing.
    Groups that the company made itself are left alone.
    """
    permissions = _permissions_by_code()
    groups = {}
    for name, codes in ROLES.items():
        groups[name], _ = Group.objects.get_or_create(name=name)
        groups[name].permissions.set([permissions[code] for code in sorted(codes)])
    return groups


def _permissions_by_code() -> dict[str, Permission]:
    permissions = Permission.objects.filter(content_type__app_label="incidents").select_related("content_type")
    return {f"incidents.{permission.codename}": permission for permission in permissions}
