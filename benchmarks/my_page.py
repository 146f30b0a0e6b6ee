"""My page of one customer among ever more: ``python -m benchmarks.my_page [--totals 1000,1000000]``.

Everybody's things are affected by the same incident, which is the worst that can happen to its indexes.
"""

import argparse
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.utils import timezone

from benchmarks.scratch import describe_database, fill_holdings, make_catalogue, median_time, scratch_database, settle
from incidents.actions.access.people import account_for, recognise_customers
from incidents.actions.publishing.impacts import match_impacts
from incidents.actor import CLOCK
from incidents.models import AffectedComponent, Component, Customer, Impact, Incident, Offer, Remedy, Update, User

TARGET = 1.2
HER = "c3@example.org"
# Addresses of static files without `collectstatic`.
UNCOLLECTED = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}


@dataclass(frozen=True, slots=True)
class Looked:
    """Seconds to answer my page and one impact's page, and to know an address, among ``total`` holdings."""

    total: int
    my_page: float
    impact: float
    address: float
    queries: int


def measure(totals: tuple[int, ...], *, rounds: int) -> list[Looked]:
    [component] = make_catalogue("Everything")
    incident = _published(component)
    visits: list[Looked] = []
    for total in totals:
        fill_holdings(component, total - (visits[-1].total if visits else 0))
        match_impacts(incident, by=CLOCK)
        settle()
        visits.append(_look(_her_account(), total, rounds))
    return visits


def _look(her: User, total: int, rounds: int) -> Looked:
    browser = Client(SERVER_NAME="127.0.0.1")
    browser.force_login(her)
    impact = Impact.objects.filter(customer__memberships__user=her).first()
    assert impact is not None
    page, impact_view = "/my/", f"/my/impacts/{impact.public_id}/"
    _expect(browser.get(page).status_code + browser.get(impact_view).status_code, 400)
    with CaptureQueriesContext(connection) as queries:
        _expect(browser.get(page).content.count(b"See your options"), 2)
    query_count = len(queries)
    return Looked(
        total,
        my_page=median_time(lambda: browser.get(page), rounds=rounds),
        impact=median_time(lambda: browser.get(impact_view), rounds=rounds),
        address=median_time(lambda: account_for(HER), rounds=rounds),
        queries=query_count,
    )


def _her_account() -> User:
    her = account_for(HER)
    assert her is not None
    recognise_customers(her, email=HER, by=CLOCK)
    return her


def _published(component: Component) -> Incident:
    now = timezone.now()
    incident = Incident.objects.create(page=component.page, name="Bench", started_at=now, published_at=now)
    AffectedComponent.objects.create(incident=incident, component=component)
    Update.objects.create(incident=incident, status="investigating", body="Down.", body_html="<p>Down.</p>")
    terms = {"what_you_get": "Ten back", "promise": "We pay", "fulfil_within": timedelta(days=1)}
    remedy = Remedy.objects.create(kind=Remedy.Kind.REFUND, name="Refund", **terms)
    Offer.objects.create(incident=incident, remedy=remedy, name="Refund", choose_by=now + timedelta(days=9), **terms)
    return incident


def _expect(count: int, expected: int) -> None:
    """A fast answer that is wrong is no measurement."""
    if count != expected:
        raise SystemExit(f"found {count} instead of {expected}, among {Customer.objects.count()} customers")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--totals", default="1000,1000000", help="numbers of affected holdings, two to a customer")
    parser.add_argument("--rounds", type=int, default=21)
    options = parser.parse_args()
    totals = tuple(int(total) for total in options.totals.split(","))
    with scratch_database(), override_settings(STORAGES=UNCOLLECTED):
        print(f"My page on {describe_database()}, medians of {options.rounds} requests")
        looks = measure(totals, rounds=options.rounds)
        print(
            f"{'among':>10} {'my page ms':>10} {'× first':>8} {'queries':>8} {'impact ms':>10} {'address ms':>10}"
            f"   target ≤ {TARGET}"
        )
        for look in looks:
            print(
                f"{look.total:>10,} {look.my_page * 1e3:>10.1f} {look.my_page / looks[0].my_page:>8.2f}"
                f" {look.queries:>8} {look.impact * 1e3:>10.1f} {look.address * 1e3:>10.2f}"
            )


if __name__ == "__main__":
    main()
