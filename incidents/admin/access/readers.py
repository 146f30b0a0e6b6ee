"""Who may read pages that are not for everybody: groups of customers, and programs by their tokens."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents.actions.access.readers import make_read_token, revoke_read_token, save_customer_group
from incidents.addresses import address_of
from incidents.admin.base import DomainAdmin, actor, moment, require, state
from incidents.errors import DomainError
from incidents.models import CustomerGroup, Page, ReadToken


@admin.register(CustomerGroup)
class CustomerGroupAdmin(DomainAdmin):
    list_display = ("name", "pages_read")
    prefetched = ("pages",)
    search_fields = ("name",)
    fields = ("name", "customers")
    autocomplete_fields = ("customers",)

    @admin.display(description=gettext_lazy("may read"))
    def pages_read(self, group: CustomerGroup) -> str:
        return ", ".join(page.name for page in group.pages.all()) or "—"

    def keep(self, request: HttpRequest, group: CustomerGroup, form: Any, *, change: bool) -> CustomerGroup:
        return save_customer_group(group, customers=form.cleaned_data["customers"], by=actor(request))


@admin.register(ReadToken)
class ReadTokenAdmin(DomainAdmin):
    """Made and revoked, never changed; the token itself is shown once."""

    list_display = ("name", "page", "token_state", "made_at", "until", "used")
    list_filter = ("page",)
    list_select_related = ("page", "made_by")
    search_fields = ("name",)
    change_form_template = "admin/incidents/readtoken/change_form.html"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        facts = ("token_state", "made_by", "made_at", "until", "used")
        return ("page", "name", *facts) if obj else ("page", "name", "expires_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("page", "name", "token_state", "made_by", "made_at", "until", "used") if obj else ()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "page":
            kwargs["queryset"] = Page.objects.exclude(visibility=Page.Visibility.PUBLIC)
            kwargs["help_text"] = _("Pages that everybody may read need no token.")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(description=gettext_lazy("state"))
    def token_state(self, token: ReadToken) -> SafeString:
        if token.revoked_at:
            return state("withdrawn", _("Revoked"))
        is_over = token.expires_at is not None and token.expires_at <= timezone.now()
        return state("none", _("Expired")) if is_over else state("operational", _("Good"))

    @admin.display(description=gettext_lazy("made"), ordering="created_at")
    def made_at(self, token: ReadToken) -> str:
        return moment(token.created_at)

    @admin.display(description=gettext_lazy("expires"), ordering="expires_at")
    def until(self, token: ReadToken) -> str:
        return moment(token.expires_at)

    @admin.display(description=gettext_lazy("last used"), ordering="last_used_at")
    def used(self, token: ReadToken) -> str:
        return moment(token.last_used_at)

    def keep(self, request: HttpRequest, token: ReadToken, form: Any, *, change: bool) -> ReadToken:
        row, request.made_token = make_read_token(  # type: ignore[attr-defined]
            token.page, name=token.name, expires_at=token.expires_at, by=actor(request)
        )
        return row

    def response_add(self, request: HttpRequest, obj: ReadToken, post_url_continue: str | None = None) -> HttpResponse:
        """The one time that the token is shown; it is kept nowhere, not even for a redirect."""
        context = {
            **self.admin_site.each_context(request),
            "title": _("Copy the token now"),
            "opts": self.opts,
            "original": obj,
            "token": request.made_token,  # type: ignore[attr-defined]
            "feed": address_of(obj.page, "history.atom"),
        }
        response = TemplateResponse(request, "admin/incidents/readtoken/made.html", context)
        add_never_cache_headers(response)
        return response

    def get_urls(self) -> list[URLPattern]:
        return [self.desk_action_path("revoke/", self.revoke_view, "revoke"), *super().get_urls()]

    def revoke_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """End a token, after asking."""
        token = self.find(request, object_id)
        require(request, "incidents.change_readtoken")
        if request.method == "POST":
            try:
                revoke_read_token(token, by=actor(request))
            except DomainError as refusal:
                messages.error(request, str(refusal.message))
            else:
                messages.success(request, _("“%(token)s” opens nothing any more.") % {"token": token.name})
            return HttpResponseRedirect(reverse("admin:incidents_readtoken_changelist"))
        title = _("Revoke this token?")
        context = {**self.admin_site.each_context(request), "title": title, "opts": self.opts, "original": token}
        return TemplateResponse(request, "admin/incidents/readtoken/revoke.html", context)
