"""Plain builders for tests: each makes one valid thing, with what the test does not say filled in."""

from datetime import timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from incidents.models import (
    AffectedComponent,
    Component,
    ComponentGroup,
    Customer,
    Holding,
    Impact,
    Incident,
    Membership,
    Offer,
    Page,
    Pool,
    Remedy,
    User,
)

_numbers = count(1)


def make_user(name: str = "", **fields: Any) -> User:
    name = name or f"Person {next(_numbers)}"
    fields.setdefault("email", f"{name.lower().replace(' ', '.')}@example.org")
    return User.objects.create_user(first_name=name, **fields)


def make_page(**fields: Any) -> Page:
    number = next(_numbers)
    return Page.objects.create(**{"slug": f"page-{number}", "name": f"Page {number}", **fields})


def make_group(page: Page, **fields: Any) -> ComponentGroup:
    return ComponentGroup.objects.create(page=page, **{"name": f"Group {next(_numbers)}", **fields})


def make_component(page: Page, **fields: Any) -> Component:
    return Component.objects.create(page=page, **{"name": f"Component {next(_numbers)}", **fields})


def make_customer(name: str = "", **fields: Any) -> Customer:
    number = next(_numbers)
    name = name or f"Customer {number}"
    defaults = {"ref": f"C-{number}", "name": name, "email": f"{name.lower().replace(' ', '.')}@example.org"}
    return Customer.objects.create(**{**defaults, **fields})


def make_membership(user: User, customer: Customer, role: str = "owner") -> Membership:
    return Membership.objects.create(user=user, customer=customer, role=role)


def make_holding(customer: Customer, component: Component | None = None, **fields: Any) -> Holding:
    number = next(_numbers)
    defaults = {"ref": f"H-{number}", "label": f"Holding {number}", "kind": Holding.Kind.ORDER}
    return Holding.objects.create(customer=customer, component=component, **{**defaults, **fields})


def make_incident(
    page: Page, *, components: tuple[Component, ...] = (), published: bool = True, **fields: Any
) -> Incident:
    """An incident as rows only: no update, no impact, no event. Use the actions to make one that was lived through."""
    now = timezone.now()
    defaults = {"name": f"Incident {next(_numbers)}", "started_at": now, "published_at": now if published else None}
    incident = Incident.objects.create(page=page, **{**defaults, **fields})
    for component in components:
        AffectedComponent.objects.create(incident=incident, component=component)
    return incident


def make_impact(incident: Incident, holding: Holding, **fields: Any) -> Impact:
    return Impact.objects.create(
        incident=incident, holding=holding, customer=holding.customer, units=holding.quantity, **fields
    )


def make_remedy(**fields: Any) -> Remedy:
    defaults = {
        "kind": Remedy.Kind.CREDIT,
        "name": f"Remedy {next(_numbers)}",
        "what_you_get": "Ten pounds off your next bill.",
        "promise": "We credit your account",
        "fulfil_within": timedelta(days=1),
    }
    return Remedy.objects.create(**{**defaults, **fields})


def make_pool(page: Page, *, capacity: int = 1, **fields: Any) -> Pool:
    return Pool.objects.create(page=page, capacity=capacity, **{"name": f"Pool {next(_numbers)}", **fields})


def make_offer(incident: Incident, *, remedy: Remedy | None = None, **fields: Any) -> Offer:
    remedy = remedy or make_remedy()
    defaults = {
        "name": remedy.name,
        "what_you_get": remedy.what_you_get,
        "promise": remedy.promise,
        "fulfil_within": remedy.fulfil_within,
        "choose_by": timezone.now() + timedelta(hours=4),
    }
    return Offer.objects.create(incident=incident, remedy=remedy, **{**defaults, **fields})
