"""The form of a page: where it stands, who may read it, in which languages, how it looks."""

import zoneinfo
from typing import Any

from django import forms
from django.conf import settings
from django.utils.functional import lazystr
from django.utils.html import escape
from django.utils.translation import gettext_lazy as _

from incidents.admin.base import DomainForm
from incidents.models import Component, CustomerGroup, Page

SOME = {"class": "some-of"}
WHO = {
    Page.Visibility.PUBLIC: _("Everybody, search engines too."),
    Page.Visibility.SIGNED_IN: _("Everybody who has signed in with a code. Everybody else is asked to sign in."),
    Page.Visibility.GROUPS: _("Whoever acts for a customer of one of the groups below, and staff."),
    Page.Visibility.LINK: _("Whoever has the link, without signing in. It stands at the top once this is saved."),
}


class SuggestingInput(forms.TextInput):
    """A line of text with suggestions by the browser, which needs no script of ours."""

    template_name = "admin/incidents/page/suggesting.html"

    def __init__(self, suggestions: Any) -> None:
        super().__init__(attrs={"autocomplete": "off", "spellcheck": "false"})
        self.suggestions = suggestions

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        list_id = f"{context['widget']['attrs'].get('id', name)}_list"
        context["widget"]["attrs"]["list"] = list_id
        return context | {"list_id": list_id, "suggestions": self.suggestions}


class PageForm(DomainForm):
    language = forms.ChoiceField(
        label=_("Default language"),
        choices=settings.LANGUAGES,
        help_text=_("The one that its texts are written in. It stays, as soon as there are some."),
    )
    languages = forms.MultipleChoiceField(
        label=_("Other languages"),
        choices=settings.LANGUAGES,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs=SOME),
        help_text=_("Each has an address of its own, such as /de/. What is not translated shows in the default one."),
    )
    time_zone = forms.CharField(
        label=_("Time zone"), widget=SuggestingInput(sorted(zoneinfo.available_timezones())), max_length=64
    )
    visibility = forms.ChoiceField(
        label=_("Who may read it"),
        choices=[(level.value, lazystr(words)) for level, words in WHO.items()],
        widget=forms.RadioSelect(attrs={"class": "one-of"}),
        initial=Page.Visibility.PUBLIC,
    )
    customer_groups = forms.ModelMultipleChoiceField(
        CustomerGroup.objects.all(),
        label=_("Groups of customers"),
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs=SOME),
        help_text=_("Only where some groups may read it."),
    )
    guests = forms.ModelMultipleChoiceField(
        Component.objects.none(),
        label=_("Also shown"),
        required=False,
        help_text=_(
            "Components of other pages that stand here too, with the incidents that touch them. Whoever reads this "
            "page reads those incidents, even when the other page is not for everybody."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:  # it names a place between angle brackets
            self.fields["slug"].help_text = escape(self.fields["slug"].help_text)
        guests: Any = self.fields.get("guests")
        if guests:
            components = Component.objects.exclude(page=self.instance.pk).select_related("page")
            guests.queryset = components.order_by("page__name", "position", "id")
            guests.label_from_instance = lambda component: f"{component.page} · {component}"
        if self.instance.pk and "customer_groups" in self.fields:
            self.initial["customer_groups"] = list(self.instance.customer_groups.all())


class LogoForm(forms.Form):
    logo = forms.FileField(
        label=_("Logo"),
        help_text=_("SVG, PNG or WebP, at most 200 KB. It stands in place of the page's name, which is its text."),
        widget=forms.FileInput(attrs={"accept": ".svg,.png,.webp,image/svg+xml,image/png,image/webp"}),
    )
