"""Who is to hear of it: the people behind the holdings that an incident touches, and a page's subscribers.

Querysets only; ``notifications.pipeline.outbox`` writes from them by ``INSERT … SELECT``, never row by row.
"""

from collections.abc import Iterator
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower, Trim

from incidents.models import AffectedComponent, Impact, Incident, Page
from incidents.queries.guests import pages_besides
from notifications.models import Delivery, Subscription
from notifications.pages import of_readers


def affected(incident: Incident, *, customer_id: int | None = None) -> QuerySet[Any, Any]:
    """Each customer with a standing impact, at each of their addresses, once: (customer id, address in lower case).

    Their addresses are the customer's own and those of the active members. ``customer_id`` narrows to one customer.
    """
    impacts = Impact.objects.current().filter(incident=incident)
    return _addresses(impacts if customer_id is None else impacts.filter(customer=customer_id))


def spared(incident: Incident) -> QuerySet[Any, Any]:
    """Customers who had been told that a thing of theirs would be touched, and now nothing is, in the same shape."""
    return _addresses(_spared(incident))


def concerned(incident: Incident) -> QuerySet[Any, Any]:
    """Both: all who hear personally that planned work is called off."""
    impacts = Impact.objects.filter(incident=incident)
    return _addresses(impacts.exclude(state=Impact.State.WITHDRAWN) | _spared(incident))


def _spared(incident: Incident) -> QuerySet[Impact]:
    still = Impact.objects.current().filter(incident=incident, customer=OuterRef("customer"))
    notices = Delivery.objects.filter(incident=incident, customer=OuterRef("customer"), message="first_notice")
    notices_sent = notices.filter(state__in=(Delivery.State.SENDING, Delivery.State.SENT))
    withdrawn = Impact.objects.filter(incident=incident, state=Impact.State.WITHDRAWN)
    return withdrawn.filter(~Exists(still), Exists(notices_sent))


def _addresses(impacts: QuerySet[Impact]) -> QuerySet[Any, Any]:
    impacts = impacts.order_by()
    customers = impacts.exclude(customer__email="").values_list("customer_id", Lower(Trim("customer__email")))
    members = impacts.filter(customer__memberships__user__is_active=True).values_list(
        "customer_id", Lower(Trim("customer__memberships__user__email"))
    )
    return customers.union(members)


def subscribed_by_page(incident: Incident) -> Iterator[tuple[int, QuerySet[Subscription]]]:
    """Page by page (primary keys) the subscriptions that are told: first of its own page, then of those that show it
    too. A channel that subscribed to several of them is told once."""
    earlier_pages: list[QuerySet[Subscription]] = []
    for page in (incident.page, *pages_besides(incident)):
        subscriptions = subscribed(incident, page)
        for earlier in earlier_pages:
            subscriptions = subscriptions.exclude(channel__in=earlier.values("channel"))
        earlier_pages.append(subscriptions)
        yield page.pk, subscriptions


def subscribed(incident: Incident, page: Page | None = None) -> QuerySet[Subscription]:
    """Confirmed subscriptions of a page (the incident's own, if none is stated) that want to hear of the incident's
    components, or of everything.

    An incident without components concerns the whole page.
    """
    page = page or incident.page
    active = Subscription.objects.filter(page=page, state=Subscription.State.ACTIVE).order_by()
    if not page.is_public:
        active = of_readers(active)
    affected_components = AffectedComponent.objects.filter(incident=incident)
    if not affected_components.exists():
        return active
    components = Subscription.components.through.objects.filter(subscription=OuterRef("pk"))
    matching = components.filter(component__in=affected_components.values("component"))
    return active.filter(Q(~Exists(components)) | Q(Exists(matching)))
