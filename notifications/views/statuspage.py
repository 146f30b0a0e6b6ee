"""Subscribing as Statuspage's public API does it: `POST` and `DELETE /api/v2/subscribers.json`, form-encoded.

Whoever knows an address may ask that it be subscribed; only its owner can say yes, or stop what is confirmed. So the
answers are the same for every address, and the id that is returned holds nothing but what was asked.
"""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from allauth.account.adapter import get_adapter
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from incidents.addresses import address_of
from incidents.limits import client, is_allowed
from incidents.models import Page
from notifications import tokens
from notifications.actions import subscriptions
from notifications.pages import must_be_own, page_at
from notifications.tokens import Ask
from notifications.views.forms import SubscribeForm
from notifications.views.subscriptions import HOUR, PER_ADDRESS, PER_CLIENT, TOO_MANY

METHODS = "POST, DELETE, OPTIONS"
CREATED, NO_CONTENT, NOT_FOUND, NOT_ALLOWED, TOO_LARGE, UNPROCESSABLE = 201, 204, 404, 405, 413, 422
# Ways to be told that Statuspage offers and we do not.
OTHER_WAYS = ("subscriber[endpoint]", "subscriber[phone_number]")


@csrf_exempt  # programs have no session, and nothing happens without the owner of the address
@never_cache
def subscribers(request: HttpRequest, slug: str = "", secret: str = "") -> HttpResponse:
    try:
        response = _answer(request, slug, secret)
    except SuspiciousOperation:  # Django stops reading what is larger than any form
        response = _refuse("This is more than a subscription", TOO_LARGE)
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _answer(request: HttpRequest, slug: str, secret: str) -> HttpResponse:
    if request.method == "OPTIONS":
        preflight = {"Access-Control-Allow-Methods": METHODS, "Access-Control-Allow-Headers": "*"}
        return HttpResponse(status=NO_CONTENT, headers={**preflight, "Access-Control-Max-Age": "86400"})
    if request.method not in {"POST", "DELETE"}:
        response = _refuse("Method not allowed", NOT_ALLOWED)
        response["Allow"] = METHODS
        return response
    page = page_at(request.get_host(), slug=slug, secret=secret)
    if page is None or must_be_own(page):  # a program cannot say whose address it has
        return _refuse("Not found", NOT_FOUND)
    if not is_allowed(client(get_adapter().get_client_ip(request)), times=PER_CLIENT, within=HOUR):
        return _refuse("Too many requests", TOO_MANY)
    return _subscribe(request, page) if request.method == "POST" else _stop(request, page)


def _subscribe(request: HttpRequest, page: Page) -> HttpResponse:
    if any(request.POST.get(way) for way in OTHER_WAYS):
        return _refuse("Only e-mail is offered here: subscriber[email]", UNPROCESSABLE)
    form = SubscribeForm({"email": request.POST.get("subscriber[email]", "")}, page=page)
    if not form.is_valid():
        return _refuse("subscriber[email] is not an e-mail address", UNPROCESSABLE)
    address = form.cleaned_data["email"]
    if is_allowed(f"address:{address.lower()}", times=PER_ADDRESS, within=HOUR):
        subscriptions.subscribe(page, address=address, language=translation.get_language() or "")
    return _subscriber(page, address, status=CREATED)


def _stop(request: HttpRequest, page: Page) -> HttpResponse:
    """The id is the one that `POST` returned, or the token of an unsubscribe link, which only the owner has."""
    public_id = QueryDict(request.body).get("subscriber[id]") or request.GET.get("subscriber[id]", "")
    ask, stop = tokens.read_ask(public_id), tokens.read_stop(public_id)
    if stop is not None:
        subscriptions.unsubscribe(stop)
        return JsonResponse({"page": _envelope(page)})
    if ask is None or ask.page != page.pk:
        return _refuse("Not found", NOT_FOUND)
    if is_allowed(f"address:{ask.address.lower()}", times=PER_ADDRESS, within=HOUR):
        subscriptions.ask_to_stop(page, address=ask.address)
    return _subscriber(page, ask.address, status=200)


def _subscriber(page: Page, address: str, *, status: int) -> HttpResponse:
    subscriber: dict[str, Any] = {
        "id": tokens.sign_ask(Ask(page.pk, address)),
        "mode": "email",
        "email": address,
        "created_at": _time(timezone.now(), page),
        "quarantined_at": None,
        "purge_at": None,
        "skip_confirmation_notification": False,
    }
    return JsonResponse({"page": _envelope(page), "subscriber": subscriber}, status=status)


def _envelope(page: Page) -> dict[str, str]:
    return {
        "id": page.public_id,
        "name": page.name,
        "url": address_of(page).rstrip("/"),
        "time_zone": page.time_zone,
        "updated_at": _time(page.updated_at, page),
    }


def _time(moment: datetime, page: Page) -> str:
    """As the documents of the API write it (portal.documents.statuspage_v2)."""
    local = moment.astimezone(ZoneInfo(page.time_zone))
    text = local.isoformat(timespec="milliseconds")
    return text.removesuffix("+00:00") + "Z" if local.tzname() == "UTC" else text


def _refuse(message: str, status: int) -> HttpResponse:
    return JsonResponse({"error": message}, status=status)
