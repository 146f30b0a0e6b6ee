"""Pages: where each stands, who may read it, how it looks. Link and logo are desk actions of their own."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.files.uploadedfile import UploadedFile
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents.actions.access.readers import renew_link
from incidents.actions.publishing.brand import remove_logo, set_logo
from incidents.actions.publishing.catalogue import save_page
from incidents.actions.publishing.translations import Subject
from incidents.addresses import address_of
from incidents.admin.base import FRIENDLY, actor, as_fieldset, refuse, require
from incidents.admin.fields import LinesField
from incidents.admin.publishing.page_form import LogoForm, PageForm
from incidents.admin.publishing.translations import TranslatedAdmin
from incidents.errors import DomainError, InvalidInput
from incidents.logos import LARGEST
from incidents.models import Component, ComponentGroup, Page

CHANGE = "incidents.change_page"


@admin.register(Page)
class PageAdmin(TranslatedAdmin):
    form = PageForm
    change_form_template = "admin/incidents/page/change_form.html"
    list_display = ("name", "slug", "domain", "visibility", "is_default", "time_zone", "language")
    list_filter = ("visibility",)
    search_fields = ("name", "slug", "domain")
    readonly_fields = ("address", "groups_reading")
    formfield_overrides = {**FRIENDLY, models.JSONField: {"form_class": LinesField}}
    fieldsets = (
        (None, {"fields": ("name", "slug", "address", "domain", "is_default", "description", "url")}),
        (
            gettext_lazy("Readers"),
            {"fields": ("visibility", "customer_groups", "time_zone", "language", "languages")},
        ),
        (
            gettext_lazy("Look"),
            {
                "description": gettext_lazy(
                    "Colours like #1d3f72; empty: ours. The accent colours links and buttons and is checked for "
                    "contrast. Words on the masthead turn black or white, whichever can be read better. The colours of "
                    "states stay as they are everywhere."
                ),
                "fields": (("accent_light", "accent_dark"), ("masthead_light", "masthead_dark")),
            },
        ),
        (gettext_lazy("Help"), {"fields": ("support_email", "support_phone", "support_url")}),
        (gettext_lazy("Components of other pages"), {"fields": ("guests",)}),
        (
            gettext_lazy("Widgets"),
            {
                "fields": ("embed_origins",),
                "description": gettext_lazy(
                    "What to copy into other sites stands at the page’s address, at embed/preview."
                ),
            },
        ),
    )

    @admin.display(description=gettext_lazy("stands at"))
    def address(self, page: Page) -> SafeString:
        """Of a page with a secret link that link, to copy."""
        url = address_of(page) if page.slug else ""
        return format_html('<a href="{}">{}</a>', url, url)

    @admin.display(description=gettext_lazy("Groups of customers"))
    def groups_reading(self, page: Page) -> str:
        """Django cannot show the other side of such a relation to those who may only look."""
        return ", ".join(group.name for group in page.customer_groups.all()) if page.pk else ""

    def get_fieldsets(self, request: HttpRequest, obj: Page | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets
        return [
            (
                title,
                {
                    **options,
                    "fields": ["groups_reading" if name == "customer_groups" else name for name in options["fields"]],
                },
            )
            for title, options in fieldsets
        ]

    def subjects_of(self, owner: Page) -> Sequence[Subject]:
        """The page and its whole catalogue, as it stands there."""
        components = Component.objects.filter(page=owner, is_hidden=False).select_related("group", "page")
        groups = ComponentGroup.objects.filter(page=owner).select_related("page")
        return [owner, *groups, *components.order_by("group__position", "group_id", "position", "id")]

    def keep(self, request: HttpRequest, page: Page, form: Any, *, change: bool) -> Page:
        fields = form.cleaned_data
        readers = list(fields.get("customer_groups", ()))
        return save_page(page, by=actor(request), customer_groups=readers, guests=list(fields.get("guests", ())))

    def get_urls(self) -> list[URLPattern]:
        desk_actions = [
            self.desk_action_path("link/", self.link_view, "link"),
            self.desk_action_path("logo/", self.logo_view, "logo"),
        ]
        return [*desk_actions, *super().get_urls()]

    def link_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Make the secret link anew, after asking."""
        page = self.find(request, object_id)
        require(request, CHANGE)
        if request.method == "POST":
            try:
                renew_link(page, by=actor(request))
            except DomainError as refusal:
                messages.error(request, str(refusal.message))
            else:
                messages.success(request, _("The page has a new link. Every earlier one is closed."))
            return HttpResponseRedirect(self._back(page))
        title = _("Make a new secret link?")
        return TemplateResponse(request, "admin/incidents/page/link.html", self._context(request, page, title))

    def logo_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Give the page a logo, or take it away."""
        page = self.find(request, object_id)
        require(request, CHANGE)
        if request.method == "POST" and "remove" in request.POST:
            remove_logo(page, by=actor(request))
            messages.success(request, _("The page shows its name again."))
            return HttpResponseRedirect(self._back(page))
        form = LogoForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid() and self._take(request, page, form):
            messages.success(request, _("The page has a new logo."))
            return HttpResponseRedirect(self._back(page))
        context = self._context(request, page, _("Logo of %(page)s") % {"page": page})
        context |= {"form": form, "adminform": as_fieldset(form)}
        return TemplateResponse(request, "admin/incidents/page/logo.html", context)

    def _take(self, request: HttpRequest, page: Page, form: LogoForm) -> bool:
        file: UploadedFile[bytes] = form.cleaned_data["logo"]
        try:
            set_logo(page, content=file.read(LARGEST + 1), by=actor(request))
        except InvalidInput as refusal:
            refuse(form, refusal)
        return form.is_valid()

    def _back(self, page: Page) -> str:
        return reverse("admin:incidents_page_change", args=[page.pk])

    def _context(self, request: HttpRequest, page: Page, title: str) -> dict[str, Any]:
        link = address_of(page)
        return {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "original": page,
            "logo_address": f"{link}logo.{page.logo_kind}" if page.logo_kind else "",
        }
