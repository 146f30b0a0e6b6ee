"""What the outside judges walk through: the demonstration in every language, and pages in every state there is.

Runs inside an installation: `python -c "from tests.browsing.scene import set_up; set_up()"` prints the addresses.
"""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.urls import reverse
from django.utils import timezone

from config.processes.preparation import prepare_static
from incidents.actions.care.feedback import answer_check_in
from incidents.actions.publishing.incidents import declare_incident, publish_incident, resolve_incident
from incidents.actions.publishing.updates import post_update, publish_estimate
from incidents.actor import Actor
from incidents.links import sign_impact
from incidents.models import Component, Impact, Incident, Page, User
from notifications.actions.subscriptions import subscribe
from notifications.models import Subscription
from notifications.tokens import Stop, sign_confirmation, sign_stop
from notifications.topics import PUBLIC
from portal.documents.document import HTML
from portal.documents.spec import site_key
from portal.publishing.store import Published
from tests.browsing.serving import DOMAINS
from tests.make import make_component, make_group, make_page

LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
SAID = f"""**Nobody** is *hurt*. `{LONG}`

* https://example.org/{"long/" * 30}
* [What you can do](https://example.org/)

1. Wait
2. Try again

> As one of you said: “{LONG}”
"""
# Of which there are many.
ENOUGH = {"components": 2, "history": 3, "incidents": 20}
HOUR = timedelta(hours=1)
OTHERS = [code for code, _name in settings.LANGUAGES if code != "en"]


def set_up() -> None:
    """Fill what the demonstration lacks, and print every address by who may read it."""
    by = Actor.staff(User.objects.get(email__startswith="dara@"))
    Page.objects.filter(slug="northwind").update(languages=OTHERS)
    _live_through(_page(slug="states", name="كل شيء يحدث", language="ar", languages=["en"]), by)
    _page(slug="secret", name=f"Secret {LONG}", visibility=Page.Visibility.LINK)
    _page(slug="inside", name="Inside", visibility=Page.Visibility.SIGNED_IN)
    for name, visibility in (("open", Page.Visibility.PUBLIC), ("inner", Page.Visibility.SIGNED_IN)):
        own = _page(slug=name, name=name.title(), visibility=visibility, domain=f"{name}.{DOMAINS}", languages=["ar"])
        _go_wrong(own, by, level="major", status="identified", component=own.components.first(), now=timezone.now())
    make_page(slug="quiet", name="Quiet", support_url="https://example.org/", url="https://www.example.org/")
    prepare_static()
    addresses = list(_published())
    domains = [address for address in addresses if address.startswith("//")]
    public = [address for address in addresses if not address.startswith("//")]
    print(json.dumps({"public": public, "domains": domains, **_personal()}))


def _page(**fields: object) -> Page:
    """A page with a component in each state, in a group and outside of one."""
    page = make_page(**fields)
    group = make_group(page, name="Everything", description="What we run.")
    for position, status in enumerate(Component.Status.values):
        make_component(page, group=group, status=status, position=position, description="What it does.")
    make_component(page, name=LONG, status=Component.Status.MAJOR_OUTAGE)
    make_component(page, name="Alone")
    return page


def _live_through(page: Page, by: Actor) -> None:
    now = timezone.now()
    components = list(page.components.all())
    for number, level in enumerate(("none", "minor", "major", "critical")):
        _go_wrong(
            page, by, level=level, status=Incident.INCIDENT_STATUSES[number % 3], component=components[number], now=now
        )
    over = _go_wrong(page, by, level="major", status="monitoring", component=components[-1], now=now - 30 * HOUR)
    resolve_incident(over, body="It works again.", by=by, now=now - 26 * HOUR)
    post_update(over, body="## What we learnt\n\nMuch.", status="postmortem", by=by, now=now - 25 * HOUR)
    for start in (now - HOUR, now + 4 * HOUR, now + 99 * HOUR):
        _plan(page, by, start=start, component=components[1])
    done = _plan(page, by, start=now - 90 * HOUR, component=components[2])
    resolve_incident(done, body="Done, and early.", by=by, now=now - 89 * HOUR)


def _go_wrong(
    page: Page, by: Actor, *, level: str, status: str, component: Component, now: timezone.datetime
) -> Incident:
    began = now - 3 * HOUR
    broken = {component: Component.Status.PARTIAL_OUTAGE}
    name = f"{LONG} is {level}" if level == "major" else f"Some of it is {level}"
    incident = declare_incident(page, name=name, impact=level, by=by, components=broken, started_at=began, now=began)
    publish_incident(incident, body=SAID, by=by, next_update_due_at=began + HOUR, now=began)
    if level != "none":
        publish_estimate(incident, by=by, restored_by=began + HOUR, reason="A guess.", source="Us", now=began)
    if level == "critical":
        publish_estimate(incident, by=by, restored_by=now + HOUR, reason="A better guess.", now=began + HOUR)
    post_update(incident, body=SAID, status=status, by=by, now=now - HOUR)
    return incident


def _plan(page: Page, by: Actor, *, start: timezone.datetime, component: Component) -> Incident:
    work = declare_incident(
        page,
        kind=Incident.Kind.MAINTENANCE,
        name=f"Work from {start:%H:%M}",
        impact="maintenance",
        by=by,
        components={component: Component.Status.UNDER_MAINTENANCE},
        scheduled_for=start,
        scheduled_until=start + 2 * HOUR,
        now=start - 99 * HOUR,
    )
    publish_incident(work, body=SAID, by=by, now=start - 99 * HOUR)
    return work


def _published() -> Iterator[str]:
    """Every published page for people, but of those that look alike (months, components, incidents in a language that
    is not their page's own) only the first; those on a domain with // and its name before."""
    store = Published()
    store.refresh()
    met: Counter[tuple[str, str]] = Counter()
    for address, spec in store.edition.specs.items():
        profile = spec.profile
        if spec.content_type != HTML:
            continue
        root, kind = site_key(profile.site) + profile.root, spec.path.removeprefix(profile.root).partition("/")[0]
        met[root, kind] += 1
        is_like_others = met[root, kind] > (ENOUGH.get(kind, 9) if profile.root == profile.home else 1)
        if not is_like_others:
            yield address


def _personal() -> dict[str, object]:
    impacts = Impact.objects.select_related("incident", "customer", "holding")
    ana = impacts.get(customer__ref="NWC-ANA", incident__resolved_at=None)
    ben = impacts.get(customer__ref="NWC-BEN", choices__isnull=False)
    over = impacts.filter(incident__resolved_at__isnull=False)
    rated = over.filter(rating__isnull=False).first()
    asked, fixed, broken = over.filter(check_ins__answer="")[:3]
    answer_check_in(fixed, answer="yes", by=Actor.link("Somebody"))
    answer_check_in(broken, answer="no", comment=SAID, by=Actor.link("Somebody"))
    links = [
        *_by_link(ben, "", f"cancel/?choice={ben.choices.get().public_id}"),
        *_by_link(asked, "", "check-in/"),
        *_by_link(fixed, "", "check-in/", "rate/"),
        *_by_link(broken, "", "check-in/"),
        *_by_link(rated, "", "check-in/", "check-in/?again", "rate/"),
        *_of_subscriptions(),
    ]
    own = reverse("impact", args=[ana.public_id])
    mine = ["/my/", own, f"{own}choose/?offer={ana.incident.offers.first().public_id}"]
    return {"links": links, "ana": mine, "sessions": {name: _session(name) for name in ("ana", "cleo")}}


def _by_link(impact: Impact, *acts: str) -> Iterator[str]:
    root = reverse("link_impact", args=[sign_impact(impact, may_choose=True)])
    return (f"{root}{act}" for act in acts)


def _of_subscriptions() -> Iterator[str]:
    page = Page.objects.get(slug="northwind")
    subscribe(page, address="fay@example.org", components=(), language="en")
    wanted = Subscription.objects.get(channel__address="fay@example.org")
    yield reverse("subscription_confirm", args=[sign_confirmation(wanted.pk)])
    yield reverse("unsubscribe", args=[sign_stop(Stop(wanted.channel_id, PUBLIC, page.pk))])


def _session(name: str) -> str:
    user = User.objects.get(email__startswith=f"{name}@")
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return session.session_key
