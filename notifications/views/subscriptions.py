"""Subscribing, confirming, unsubscribing. Looking at a page never does anything: mail scanners follow links."""

from allauth.account.adapter import get_adapter
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from incidents.limits import client, is_allowed
from incidents.models import Page, User
from notifications import tokens
from notifications.actions import subscriptions
from notifications.models import Channel, Subscription
from notifications.pages import may_subscribe, must_be_own, page_at
from notifications.views.forms import SubscribeForm

HOUR = 3600
PER_ADDRESS = 3
PER_CLIENT = 20
TOO_MANY = 429


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def subscribe(request: HttpRequest, secret: str = "") -> HttpResponse:
    """The same answer for every address, known or not; of a page that is not for everybody only readers hear."""
    page = _page(request, secret)
    if not may_subscribe(request.user, page):
        return _turn_away(request)
    form = SubscribeForm(request.POST or None, page=page, only_address=_only_address(request, page))
    by_link = {"is_by_link": bool(secret)}
    if request.method != "POST" or not form.is_valid():
        return _show(request, "subscribe", page, form=form, status=400 if form.errors else 200, **by_link)
    if not is_allowed(client(get_adapter().get_client_ip(request)), times=PER_CLIENT, within=HOUR):
        return _show(request, "subscribe", page, form=form, is_limited=True, status=TOO_MANY, **by_link)
    _ask(page, form)
    return redirect(_address_of_thanks(request, page, secret))


@require_safe
@never_cache
def subscribe_sent(request: HttpRequest, secret: str = "") -> HttpResponse:
    page = _page(request, secret)
    if not may_subscribe(request.user, page):
        return _turn_away(request)
    return _show(request, "subscribe_sent", page, is_by_link=bool(secret))


def _address_of_thanks(request: HttpRequest, page: Page, secret: str) -> str:
    """Where the thanks stand, in the language that was asked for."""
    address = reverse("secret_sent", args=[secret]) if secret else reverse("subscribe_sent")
    query = {} if secret else {"page": page.slug}
    if "in" in request.GET:
        query["in"] = request.GET["in"]
    return f"{address}?{urlencode(query)}" if query else address


def _turn_away(request: HttpRequest) -> HttpResponse:
    """Who has not said who they are is asked to; to others there is no such page."""
    if request.user.is_authenticated:
        raise Http404
    return redirect_to_login(request.get_full_path())


def _only_address(request: HttpRequest, page: Page) -> str:
    """The one address that may be subscribed; empty where it may be any."""
    return request.user.email if must_be_own(page) and isinstance(request.user, User) else ""


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    wish = tokens.read_confirmation(token)
    matching = Subscription.objects.select_related("page", "channel").filter(pk=wish.subscription) if wish else None
    subscription = matching.first() if matching else None
    if wish is None or subscription is None:
        return _show(request, "dead_link", None, status=404)
    try:
        is_done = request.method == "POST" and bool(subscriptions.confirm_subscription(wish))
    except subscriptions.NotConfirmed as error:
        return _show(request, "dead_link", subscription.page, message=error.message, status=410)
    return _show(request, "confirm", subscription.page, subscription=subscription, is_done=is_done)


@csrf_exempt  # RFC 8058: the mail program posts by itself; the signed address is what allows it
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    stop = tokens.read_stop(token)
    channel = Channel.objects.filter(pk=stop.channel).first() if stop else None
    if stop is None or channel is None:
        return _show(request, "dead_link", None, status=404)
    if request.method == "POST":
        (subscriptions.resume if request.POST.get("act") == "resume" else subscriptions.unsubscribe)(stop)
    page = Page.objects.filter(pk=stop.page).first() if stop.page else None
    return _show(
        request, "unsubscribe", page, channel=channel, topic=stop.topic, is_stopped=subscriptions.is_stopped(stop)
    )


def _ask(page: Page, form: SubscribeForm) -> None:
    """Quietly not more than a few times an hour: nobody's mailbox is to be filled by somebody else."""
    address = form.cleaned_data["email"]
    if is_allowed(f"address:{address.lower()}", times=PER_ADDRESS, within=HOUR):
        subscriptions.subscribe(
            page,
            address=address,
            components=form.cleaned_data["components"],
            language=translation.get_language() or "",
        )


def _page(request: HttpRequest, secret: str) -> Page:
    page = page_at(request.get_host(), slug=request.GET.get("page", ""), secret=secret)
    if page is None:
        raise Http404
    return page


def _show(
    request: HttpRequest, name: str, page: Page | None, *, status: int = 200, **variables: object
) -> HttpResponse:
    return render(request, f"notifications/{name}.html", {"page": page, **variables}, status=status)
