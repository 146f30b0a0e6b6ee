"""The two doors to one impact. Behind both stands the same view: `view(request, visit)`.

Whatever passes a door is personal: never stored, never indexed.
"""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt

from incidents.actions.publishing.impacts import mark_seen
from incidents.errors import NotAllowed
from incidents.models import User
from portal.personal.access import LinkClosed, Visit, impact_for_link, impact_for_user

AnyView = Callable[..., HttpResponse]
View = Callable[[HttpRequest, Visit], HttpResponse]


def personal(view: AnyView) -> AnyView:
    """Keep the answer out of every cache and every search engine."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response.headers["Cache-Control"] = "private, no-store"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return answer


def by_account(view: View) -> AnyView:
    """Open an impact to the members of its customer; anybody else is asked to sign in, or told that it is not there.

    That a member looks counts as seen. That a link is followed does not, since mail scanners follow links; what
    somebody does behind it counts (see `by_link`).
    """

    @personal
    @login_required
    @wraps(view)
    def enter(request: HttpRequest, public_id: str) -> HttpResponse:
        return _enter(view, request, impact_for_user(signed_in(request), public_id), is_seen=True)

    return enter


def by_link(view: View) -> AnyView:
    """Open the one impact that a signed link was made for, without signing in.

    The address itself is the permission. Another site cannot know it, so there is no forged request to guard against,
    and nothing here needs a cookie; and it must not leave in a Referer. (The two belong together: without a referrer
    browsers send `Origin: null`, which the check against forged requests refuses.)
    """

    @csrf_exempt
    @personal
    @wraps(view)
    def enter(request: HttpRequest, token: str) -> HttpResponse:
        try:
            response = _enter(view, request, impact_for_link(token), is_seen=request.method == "POST")
        except LinkClosed:
            response = render(request, "portal/link_closed.html", status=HTTPStatus.NOT_FOUND)
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    return enter


def signed_in(request: HttpRequest) -> User:
    """The person behind a request that `login_required` let through."""
    assert isinstance(request.user, User)  # noqa: S101
    return request.user


def _enter(view: View, request: HttpRequest, visit: Visit, *, is_seen: bool) -> HttpResponse:
    try:
        if request.method == "POST":
            visit.require_choice()
        response = view(request, visit)
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    if is_seen and visit.impact.seen_at is None:
        mark_seen(visit.impact)
    return response
