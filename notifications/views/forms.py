"""The one form that strangers fill in."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from incidents.models import Component, Page
from incidents.queries.guests import components_on


class SubscribeForm(forms.Form):
    """An address, and the components that it wants to hear of: none chosen means everything."""

    email = forms.EmailField(
        label=_("Your e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": _("Write the address that the updates should go to."),
            "invalid": _("That does not look like an e-mail address; it should be like name@example.org."),
        },
    )
    components = forms.ModelMultipleChoiceField(
        queryset=Component.objects.none(),
        required=False,
        label=_("Only these parts"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("One of these parts is not on this page any more.")},
    )

    def __init__(self, *args: Any, page: Page, only_address: str = "", **kwargs: Any) -> None:
        """`only_address`: the only address that may be subscribed, if it may not be any."""
        super().__init__(*args, **kwargs)
        self._only_address = self.initial["email"] = only_address
        components: Any = self.fields["components"]
        components.queryset = components_on(page).filter(is_hidden=False)

    def clean_email(self) -> str:
        address = str(self.cleaned_data["email"])
        if self._only_address and address.lower() != self._only_address.lower():
            raise forms.ValidationError(
                _("This page is not for everybody: only your own address, %(address)s, can hear of it."),
                params={"address": self._only_address},
            )
        return address
