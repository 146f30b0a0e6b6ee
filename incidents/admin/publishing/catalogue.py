"""Groups and components: what the public sees. Their status follows from incidents and cannot be set here."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from incidents.actions.publishing.catalogue import save_component, save_group
from incidents.admin.base import actor
from incidents.admin.publishing.translations import TranslatedAdmin
from incidents.models import Component, ComponentGroup


@admin.register(ComponentGroup)
class ComponentGroupAdmin(TranslatedAdmin):
    list_display = ("name", "page", "position")
    list_filter = ("page",)
    list_select_related = ("page",)
    fields = ("page", "name", "description", "position")
    search_fields = ("name",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("page",) if obj else ()

    def keep(self, request: HttpRequest, group: ComponentGroup, form: Any, *, change: bool) -> ComponentGroup:
        return save_group(group, by=actor(request))


@admin.register(Component)
class ComponentAdmin(TranslatedAdmin):
    list_display = ("name", "status", "group", "page", "position", "is_hidden")
    list_filter = ("page", "status", "is_hidden")
    list_select_related = ("group", "page")
    fields = (
        "page",
        "group",
        "name",
        "description",
        "status",
        "position",
        "is_hidden",
        "showcase",
        "only_show_if_degraded",
        "start_date",
    )
    search_fields = ("name",)
    ordering = ("page", "group__position", "position", "id")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("status", "page") if obj else ("status",)

    def keep(self, request: HttpRequest, component: Component, form: Any, *, change: bool) -> Component:
        return save_component(component, by=actor(request))
