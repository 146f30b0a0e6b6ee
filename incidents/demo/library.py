"""Northwind's remedies: what each gives, costs and takes away, in the words that customers read."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from incidents.models import Remedy


@dataclass(frozen=True, slots=True)
class Library:
    refund: Remedy
    afternoon: Remedy
    tomorrow: Remedy
    voucher: Remedy
    callback: Remedy


def stock_library() -> Library:
    """Five remedies; the refund is the legal right and stands first."""
    return Library(
        refund=Remedy.objects.create(
            kind=Remedy.Kind.REFUND,
            name="Your money back",
            what_you_get="The whole fare of this flight, back to the card you paid with.",
            what_it_costs="Nothing",
            what_you_give_up="Your seat to Amsterdam",
            promise="Your refund, sent to your card",
            fulfil_within=timedelta(days=7),
            is_legal_right=True,
        ),
        afternoon=Remedy.objects.create(
            kind=Remedy.Kind.REBOOK,
            name="Fly later today",
            what_you_get="A seat on NW416 later today, with your bags and seats together, and a meal at the airport.",
            what_it_costs="Nothing",
            what_you_give_up="Half a day in Amsterdam",
            promise="Your new boarding pass, by e-mail",
            fulfil_within=timedelta(minutes=30),
        ),
        tomorrow=Remedy.objects.create(
            kind=Remedy.Kind.REBOOK,
            name="Fly tomorrow, with a hotel tonight",
            what_you_get="A seat at the same time tomorrow, a room at the airport hotel, dinner and breakfast.",
            what_it_costs="Nothing",
            what_you_give_up="A day in Amsterdam",
            promise="Your hotel and boarding pass, confirmed by e-mail",
            fulfil_within=timedelta(hours=12),
        ),
        voucher=Remedy.objects.create(
            kind=Remedy.Kind.VOUCHER,
            name="A voucher for a later flight",
            what_you_get="130 % of your fare as a voucher, for any of our flights within two years.",
            what_it_costs="Nothing",
            what_you_give_up="Your money back in cash",
            promise="Your voucher, by e-mail",
            fulfil_within=timedelta(hours=24),
            value=Decimal("169.00"),
            currency="GBP",
        ),
        callback=Remedy.objects.create(
            kind=Remedy.Kind.CALLBACK,
            name="A call from a person",
            what_you_get="Somebody who knows your booking rings you and stays on it until it is settled.",
            what_it_costs="Nothing",
            promise="A call from a person",
            fulfil_within=timedelta(minutes=45),
            is_extra=True,
        ),
    )
