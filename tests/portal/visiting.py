"""Ana, Ben and Cleo in front of their browsers, at the moment of tests.incidents.choosing."""

from django.http import HttpResponse
from django.test import Client

from incidents.links import sign_impact
from incidents.models import Impact, Offer, User


def browser(user: User | None = None, *, at: str = "127.0.0.1") -> Client:
    """A browser that checks for forged requests as a real one is checked, signed in as this person, at this address."""
    client = Client(enforce_csrf_checks=True, REMOTE_ADDR=at)
    if user:
        client.force_login(user)
    return client


def address(impact: Impact, act: str = "") -> str:
    return f"/my/impacts/{impact.public_id}/{act}"


def link(impact: Impact, act: str = "", *, may_choose: bool = True, user: User | None = None) -> str:
    return f"/i/{sign_impact(impact, may_choose=may_choose, user=user)}/{act}"


def press(client: Client, at: str, **fields: str) -> HttpResponse:
    """Send the form of this page, with the token that its page carried if it carried one."""
    token = client.cookies.get("csrftoken")
    return client.post(at, {**fields, **({"csrfmiddlewaretoken": token.value} if token else {})})


def ask(client: Client, at: str, offer: Offer, *, version: int = 1) -> dict[str, str]:
    """Open the page that asks whether this offer is meant; what its form would send."""
    response = client.get(at, {"offer": offer.public_id, "version": version})
    assert response.status_code == 200
    form = response.context["form"]
    return {name: str(form.initial[name]) for name in form.fields}


def words(response: HttpResponse) -> str:
    """The page's text on one line."""
    return " ".join(response.content.decode().split())
