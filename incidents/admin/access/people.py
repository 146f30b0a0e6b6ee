"""Who signs in, and who works at the desk. Nobody has a password: people get a code by e-mail."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from incidents.actions.access.staff import save_person
from incidents.admin.base import DomainAdmin, actor, staff
from incidents.admin.lists import begins
from incidents.models import User
from incidents.permissions import ROLES


@admin.register(User)
class UserAdmin(DomainAdmin):
    list_display = ("__str__", "email", "is_staff", "roles", "is_active", "last_login")
    list_filter = ("is_staff", "groups", "is_active")
    search_fields = ("email",)
    search_help_text = _("The beginning of an e-mail address.")
    fieldsets = (
        (None, {"fields": ("email", "first_name", "last_name", "time_zone", "language", "is_active")}),
        (_("At the desk"), {"fields": ("is_staff", "groups")}),
    )
    ordering = ("-is_staff", "-id")
    sortable_by = ("email",)
    prefetched = ("groups",)

    def begin_with(self, queryset: QuerySet[User], term: str) -> QuerySet[User]:
        return queryset.filter(begins("email", term.lower()))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody lifts themselves above their own rank."""
        is_above = obj is not None and obj.is_superuser and not staff(request).is_superuser
        return super().has_change_permission(request, obj) and not is_above

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if field is not None and db_field.name == "groups":
            if not staff(request).is_superuser:
                field.queryset = Group.objects.filter(name__in=ROLES)
            field.help_text = _("Communicator: tells. Recovery agent: makes good. Manager: both, and the catalogue.")
        return field

    def keep(self, request: HttpRequest, person: User, form: Any, *, change: bool) -> User:
        groups = form.cleaned_data["groups"]
        # Groups that the form did not offer are not the form's to take away.
        other_groups = person.groups.exclude(pk__in=form.fields["groups"].queryset) if change else ()
        return save_person(person, groups={*groups, *other_groups}, by=actor(request))

    @admin.display(description=_("roles"))
    def roles(self, person: User) -> str:
        return ", ".join(group.name for group in person.groups.all()) or "—"
