"""The development inbox: what was mailed while mail goes to files. It shows everybody's sign-in codes, so it is there
only when the setting says so, and only for those who sit at this machine."""

import re
from collections.abc import Callable
from functools import wraps
from ipaddress import ip_address
from typing import Any

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp, csp_update
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.personal.dev_mail import DevMail, dev_mail, newest_dev_mails
from portal.views.impact_access import personal

# What a mail's own page may do: nothing but show itself, and open a link in the whole window when it is clicked.
SANDBOX = "allow-top-navigation-by-user-activation"
MAIL_POLICY = {
    "sandbox": [SANDBOX],
    "default-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "img-src": ["data:"],
    "frame-ancestors": [SELF],
}

# A proxy on this machine makes everybody look like somebody who sits at it.
LEFT_BY_PROXIES = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via")

View = Callable[..., HttpResponse]


def for_developers(view: View) -> View:
    """404 unless the inbox is switched on and the request comes from this very machine, by no proxy."""

    @personal
    @require_safe
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.DEV_INBOX or not _is_from_here(request):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@for_developers
def inbox(request: HttpRequest) -> HttpResponse:
    dev_mails = newest_dev_mails(settings.EMAIL_FILE_PATH)
    codes = [mail for mail in dev_mails if mail.code][:3]
    return render(request, "portal/dev_inbox.html", {"dev_mails": dev_mails, "codes": codes, "now": timezone.now()})


@csp_update({"frame-src": [SELF]})
@for_developers
def message(request: HttpRequest, name: str) -> HttpResponse:
    return render(request, "portal/dev_message.html", {"dev_mail": _dev_mail(name), "sandbox": SANDBOX})


@csp(MAIL_POLICY)
@for_developers
def html(request: HttpRequest, name: str) -> HttpResponse:
    """The mail's HTML as it was sent, but that its links open in the whole window and not in the frame."""
    return HttpResponse(re.sub(r"<head[^>]*>|^(?!.*<head)", _with_base, _dev_mail(name).html, count=1, flags=re.DOTALL))


def _with_base(match: re.Match[str]) -> str:
    return f'{match[0]}<base target="_top">'


def _dev_mail(name: str) -> DevMail:
    mail = dev_mail(settings.EMAIL_FILE_PATH, name)
    if mail is None:
        raise Http404
    return mail


def _is_from_here(request: HttpRequest) -> bool:
    if settings.ALLAUTH_TRUSTED_PROXY_COUNT or any(name in request.headers for name in LEFT_BY_PROXIES):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
