"""Pages, groups and components: what the public sees. Their status follows from incidents and cannot be set here."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from incidents.actions.catalogue import save_component, save_group, save_page
from incidents.actions.translations import Thing
from incidents.admin.domain import FRIENDLY, actor
from incidents.admin.fields import LinesField
from incidents.admin.translations import TranslatedAdmin
from incidents.models import Component, ComponentGroup, Page


@admin.register(Page)
class PageAdmin(TranslatedAdmin):
    list_display = ("name", "slug", "is_default", "time_zone", "language")
    fieldsets = (
        (None, {"fields": ("name", "slug", "is_default", "description", "url")}),
        (_("Readers"), {"fields": ("time_zone", "language")}),
        (_("Help"), {"fields": ("support_email", "support_phone", "support_url")}),
        (_("Widgets"), {"fields": ("embed_origins",)}),
    )
    search_fields = ("name", "slug")
    formfield_overrides = {**FRIENDLY, models.JSONField: {"form_class": LinesField}}

    def things_of(self, owner: Page) -> Sequence[Thing]:
        """The page and its whole catalogue, as it stands there."""
        components = Component.objects.filter(page=owner, is_hidden=False).select_related("group", "page")
        groups = ComponentGroup.objects.filter(page=owner).select_related("page")
        return [owner, *groups, *components.order_by("group__position", "group_id", "position", "id")]

    def keep(self, request: HttpRequest, thing: Page, form: Any, *, change: bool) -> Page:
        return save_page(thing, by=actor(request))


@admin.register(ComponentGroup)
class ComponentGroupAdmin(TranslatedAdmin):
    list_display = ("name", "page", "position")
    list_filter = ("page",)
    list_select_related = ("page",)
    fields = ("page", "name", "description", "position")
    search_fields = ("name",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("page",) if obj else ()

    def keep(self, request: HttpRequest, thing: ComponentGroup, form: Any, *, change: bool) -> ComponentGroup:
        return save_group(thing, by=actor(request))


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

    def keep(self, request: HttpRequest, thing: Component, form: Any, *, change: bool) -> Component:
        return save_component(thing, by=actor(request))
