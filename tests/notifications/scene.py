"""A morning at a parcel carrier, lived through by real actions: Ana has two parcels with it, Ben one, Cleo none."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from incidents.actions.publishing.incidents import declare_incident, publish_incident
from incidents.actor import Actor
from incidents.models import Component, Customer, Incident, Page
from notifications.actions.subscriptions import confirm_subscription, subscribe
from notifications.models import Delivery, Subscription
from notifications.pipeline import delivery, outbox
from notifications.tokens import Confirmation
from tests.make import make_component, make_customer, make_holding, make_page, make_user

NOW = datetime(2026, 3, 2, 14, 2, tzinfo=UTC)


@dataclass(frozen=True)
class Scene:
    page: Page
    vans: Component
    incident: Incident
    ana: Customer
    ben: Customer
    cleo: Customer
    dara: Actor


def make_scene(*, published: bool = True) -> Scene:
    """Vans stand still since NOW; published at NOW unless it is to stay a draft. Nothing is collected yet."""
    page = make_page(name="Riverside Parcels", slug="riverside", is_default=True, support_phone="+44 20 7946 0123")
    vans, lockers = make_component(page, name="Vans"), make_component(page, name="Lockers")
    ana, ben, cleo = make_customer("Ana"), make_customer("Ben"), make_customer("Cleo")
    make_holding(ana, vans, label="Parcel 8841")
    make_holding(ana, vans, label="Parcel 8842")
    make_holding(ben, vans, label="Parcel 9001")
    make_holding(cleo, lockers, label="Locker 7")
    dara = Actor.staff(make_user("Dara"))
    incident = declare_incident(
        page, name="Vans cannot leave", by=dara, components={vans: "major_outage"}, started_at=NOW, now=NOW
    )
    if published:
        publish_incident(incident, body="The gate is stuck.", by=dara, now=NOW)
    return Scene(page, vans, incident, ana, ben, cleo, dara)


def make_subscription(page: Page, address: str, *components: Component) -> Subscription:
    """Asked for and confirmed; the question itself is not sent."""
    subscription = subscribe(page, address=address, now=NOW)
    Delivery.objects.filter(message="subscription_confirm").delete()
    return confirm_subscription(Confirmation(subscription.pk, tuple(component.pk for component in components)), now=NOW)


def at(moment: datetime) -> Callable[[], datetime]:
    """A clock that stands still."""
    return lambda: moment


def drain(moment: datetime) -> int:
    """Send what is due at this moment in both lanes; how many went out."""
    urgent = delivery.drain("urgent", clock=at(moment))
    return urgent.deliveries_sent + delivery.drain("bulk", clock=at(moment)).deliveries_sent


def tell(moment: datetime = NOW) -> int:
    """Collect and send, as the worker does; how many went out."""
    outbox.collect(now=moment)
    return drain(moment)


def after(**distance: float) -> datetime:
    return NOW + timedelta(**distance)


def messages_told(message: str = "") -> list[tuple[str, str, str, str]]:
    """(address, message, state, reason) of every delivery, in the order of the addresses."""
    rows = Delivery.objects.order_by("channel__address", "pk")
    if message:
        rows = rows.filter(message=message)
    return list(rows.values_list("channel__address", "message", "state", "reason"))
