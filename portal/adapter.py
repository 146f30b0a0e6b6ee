"""How people sign in: by a code sent to the address that we already know."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are made by staff, by import and by invitation, never by a stranger."""
        return False
