"""How people sign in: by a code sent to an address that we know already."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from incidents.actions.access.people import recognise_customers
from incidents.actor import Actor
from incidents.models import User


class AccountAdapter(DefaultAccountAdapter):
    """allauth's hooks. `config.accounts` adds how its mails are sent."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "incorrect_code": _(
            "This is not the code. Look at the newest of our mails; each new code ends the older ones."
        ),
        "too_many_login_attempts": _("That was too often. Wait a few minutes, then ask for a new code."),
        "rate_limited": _("That was a little fast. Wait a minute, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are made for customers and by staff, never by a stranger."""
        return False

    def post_login(self, request: HttpRequest, user: User, *, email: str | None, **login: Any) -> HttpResponseBase:
        """The code has proved that the address is theirs: whatever customers have it, they may now act for."""
        if email:
            recognise_customers(user, email=email, by=Actor.account(user))
        response: HttpResponseBase = super().post_login(request, user, email=email, **login)
        return response
