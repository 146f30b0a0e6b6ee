"""Sign-in mails go the way of all others: queued on the urgent lane, sent by the worker, never inside a request."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.utils import translation

from notifications.actions.account_mail import queue_ready_mail
from portal.personal import sign_in

# allauth's own templates that have a message of ours in their place.
OURS = {"account/email/login_code": "sign_in_code", "account/email/unknown_account": "no_account"}


class AccountAdapter(sign_in.AccountAdapter):
    """How people sign in (portal.personal.sign_in), with mail by notifications."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        message = OURS.get(template_prefix)
        facts = {"code": context.get("code", "")} if message else self._rendered(template_prefix, email, context)
        queue_ready_mail(email, message=message or "ready", contents=facts, language=translation.get_language() or "")

    def _rendered(self, template_prefix: str, email: str, context: dict[str, Any]) -> dict[str, Any]:
        mail = DefaultAccountAdapter.render_mail(self, template_prefix, email, context)
        return {"subject": mail.subject, "text": mail.body}
