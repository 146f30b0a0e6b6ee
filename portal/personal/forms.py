"""What people type and press: shapes only, the rules are the actions'."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.fields import EmailField
from allauth.account.forms import ConfirmLoginCodeForm, RequestLoginCodeForm
from allauth.core import context
from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from incidents.actions.access.people import account_for
from incidents.actions.care.feedback import COMMENT_LENGTH
from incidents.errors import DomainError
from incidents.limits import client, is_allowed
from incidents.models import CheckIn, User

# Codes for one address that one client may ask for: how many, within how many seconds.
PER_CLIENT = ((5, 60), (20, 3600))


class SignInForm(RequestLoginCodeForm):
    """Asks for the address; who is a customer and has no account yet gets one when their code is sent.

    Known and unknown addresses get the same answer, at the same limits. Each client has its own, so that a stranger who
    asks for somebody's codes uses up none of theirs; how much one mailbox gets from all together is in the settings.
    """

    _user: User | None

    email = EmailField(
        label=_("Your e-mail address"),
        help_text=_("The one that we write to. We send you a code; there is no password."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": _("Please type your e-mail address."),
            "invalid": _("This does not look like an e-mail address; it should be like ana@example.org."),
        },
    )

    def clean_email(self) -> str:
        self._count(self.cleaned_data["email"])
        email: str = super().clean_email()
        if self._user is None:
            self._user = account_for(email)
        return email

    def _count(self, email: str) -> None:
        adapter = get_adapter()
        key = f"sign-in:{email.lower()}:{client(adapter.get_client_ip(context.request))}"
        if not all(is_allowed(key, times=times, within=within) for times, within in PER_CLIENT):
            raise adapter.validation_error("too_many_login_attempts")


class CodeForm(ConfirmLoginCodeForm):
    code = forms.CharField(
        label=_("The code from our e-mail"),
        widget=forms.TextInput(
            attrs={
                "class": "code",
                "autocomplete": "one-time-code",
                "autocapitalize": "characters",
                "spellcheck": "false",
            }
        ),
        error_messages={"required": _("Please type the code.")},
    )


class ChooseForm(forms.Form):
    """What a customer pressed, and what their screen showed when they did."""

    offer = forms.CharField(max_length=32, widget=forms.HiddenInput)
    seen_version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    replaces = forms.CharField(max_length=32, required=False, widget=forms.HiddenInput)
    key = forms.CharField(min_length=16, max_length=64, widget=forms.HiddenInput)


class CancelForm(forms.Form):
    choice = forms.CharField(max_length=32, widget=forms.HiddenInput)


def comment_field(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=COMMENT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"max_length": _("Please write at most %(limit_value)d characters; these are %(show_value)d.")},
    )


class CheckInForm(forms.Form):
    use_required_attribute = False

    answer = forms.ChoiceField(
        label=_("Your answer"),
        choices=[
            (CheckIn.Answer.YES, _("Yes, it is fixed")),
            (CheckIn.Answer.PARTLY, _("Partly")),
            (CheckIn.Answer.NO, _("No, it is not fixed")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Please say yes, partly or no.")},
    )
    comment = comment_field(_("What should we know?"))


class RatingForm(forms.Form):
    """Two scales, more is better on both, and room for words."""

    use_required_attribute = False

    satisfaction = forms.TypedChoiceField(
        label=_("How satisfied are you with how we put it right?"),
        choices=[(number, str(number)) for number in range(1, 6)],
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose a number from 1 to 5.")},
    )
    effort = forms.TypedChoiceField(
        label=_("How easy did we make it for you?"),
        choices=[(number, str(number)) for number in range(1, 8)],
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose a number from 1 to 7.")},
    )
    comment = comment_field(pgettext_lazy("label of the comment on a rating", "What should we do better?"))

    # What the ends of the scales mean.
    ends = {
        "satisfaction": (_("Very dissatisfied"), _("Very satisfied")),
        "effort": (_("Very hard"), _("Very easy")),
    }


def refuse(form: forms.Form, refusal: DomainError) -> None:
    """Put a refusal beside the field that it is about, or on top."""
    form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal.message))
