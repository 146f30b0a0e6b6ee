"""Every page of the desk in a real browser: nothing breaks the strict policy, nothing overflows a phone."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page

from tests.browsing.serving import chromium, complaints_of, served
from tests.installation import Installation, copied_installation

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Signs a superuser in, and lists every list, every empty form, and the newest row's page of every noun at the desk.
VISIT = """
import json
from django.conf import settings
from django.contrib import admin
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.urls import reverse
from incidents.admin.base import DomainAdmin, HistoryAdmin
from incidents.models import Impact, Incident, Offer, Remedy, User
root = User.objects.create_superuser("root@example.org", first_name="Root")
session = SessionStore()
session[SESSION_KEY] = str(root.pk)
session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
session[HASH_SESSION_KEY] = root.get_session_auth_hash()
session.save()
pages = ["/admin/"]
for model, one in admin.site._registry.items():
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    pages.append(reverse(f"{name}_changelist"))
    newest = model._default_manager.order_by("-pk").first()
    if newest is not None:
        pages.append(reverse(f"{name}_change", args=[newest.pk]))
    if isinstance(one, DomainAdmin) and not isinstance(one, HistoryAdmin) and model is not Offer:
        pages.append(reverse(f"{name}_add"))
going_on = Incident.objects.published().open().unplanned().first()
offer = going_on.offers.first()
desk_actions = ("change", "update", "estimate", "match", "resolve")
pages += [f"/admin/incidents/incident/{going_on.pk}/{desk_action}/" for desk_action in desk_actions]
pages += ["/admin/incidents/incident/add/?kind=maintenance", "/admin/incidents/holding/import/"]
pages += [f"/admin/incidents/offer/add/?incident={going_on.pk}", f"/admin/incidents/offer/{offer.pk}/withdraw/"]
pages += [f"/admin/incidents/offer/add/?incident={going_on.pk}&remedy={Remedy.objects.first().pk}"]
pages += [f"/admin/incidents/impact/{impact.pk}/change/" for impact in Impact.objects.filter(choices__isnull=False)[:1]]
print(json.dumps({"session": session.session_key, "pages": list(dict.fromkeys(pages)), "incident": going_on.pk}))
"""


@dataclass(frozen=True)
class Demo:
    """A running demonstration: its address, a superuser's session, every page of the desk, the incident going on."""

    site: str
    session: str
    pages: list[str]
    incident: int


@dataclass(frozen=True)
class Desk:
    demo: Demo
    window: Page
    complaints: list[str]

    def visit(self, address: str) -> None:
        answer = self.window.goto(self.demo.site + address)
        assert answer is not None
        if answer.status != 200:
            self.complaints.append(f"{answer.status} {address}")

    def width_beyond(self, width: int) -> int:
        self.window.set_viewport_size({"width": width, "height": 800})
        return int(self.window.evaluate("document.documentElement.scrollWidth - innerWidth"))


@pytest.fixture(scope="module")
def demo(_template: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with copied_installation(_template, tmp_path_factory.mktemp("desk")) as installation:
        seeding = installation.run("seed_demo", timeout=300)
        assert seeding.returncode == 0, seeding.stderr
        pages_of_demo = json.loads(installation.python(VISIT).splitlines()[-1])
        with served(installation) as site:
            yield Demo(site, **pages_of_demo)


@pytest.fixture
def desk(demo: Demo) -> Iterator[Desk]:
    with chromium() as browser:
        window = browser.new_page(viewport={"width": 1280, "height": 800})
        window.context.add_cookies([{"name": "sessionid", "value": demo.session, "url": demo.site}])
        yield Desk(demo, window, complaints_of(window))


def test_no_page_breaks_the_policy_or_a_script_or_is_wider_than_its_window(desk: Desk) -> None:
    wide = []
    for address in desk.demo.pages:
        desk.visit(address)
        wide += [(address, width) for width in (360, 768, 1280) if desk.width_beyond(width) > 0]

    assert desk.complaints == []
    assert wide == []
    assert len(desk.demo.pages) > 50


def test_the_preview_shows_what_is_typed_without_leaving_the_page(desk: Desk) -> None:
    desk.visit(f"/admin/incidents/incident/{desk.demo.incident}/update/")
    address = desk.window.url

    desk.window.get_by_label("Text:", exact=True).fill("**All** <script>alert(1)</script> clear")
    preview = desk.window.locator("[data-preview-html] strong")
    preview.wait_for()

    assert (preview.inner_text(), desk.window.url) == ("All", address)
    assert desk.window.locator("[data-preview-html] script").count() == 0
    assert desk.complaints == []


def test_a_rule_is_added_and_a_customer_is_picked_by_typing(desk: Desk) -> None:
    """Django's own scripts: rows that grow, and the search in a select."""
    desk.visit("/admin/incidents/incident/add/")
    desk.window.get_by_text("Add another Rule").click()
    desk.window.locator("[name=scopes-0-refs]").fill("NW412-001")
    desk.visit("/admin/incidents/holding/add/")
    desk.window.locator(".field-customer .select2-selection").click()
    desk.window.locator(".select2-search__field").fill("Ana")
    desk.window.locator(".select2-results__option", has_text="Ana Marsh").click()

    assert desk.window.locator(".field-customer .select2-selection").inner_text().startswith("Ana Marsh")
    assert desk.complaints == []
