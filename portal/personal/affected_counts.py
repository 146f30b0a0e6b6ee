"""How many of a person's own things are touched right now, in words: for public pages and widgets."""

from collections.abc import Mapping

from django.db.models import Count
from django.utils.translation import ngettext, ngettext_lazy

from incidents.models import Holding, Impact, Incident, User

Counts = Mapping[str, int]

OF_KIND = {
    Holding.Kind.ORDER: ngettext_lazy(
        "One of your orders is affected", "%(number)d of your orders are affected", "number"
    ),
    Holding.Kind.BOOKING: ngettext_lazy(
        "One of your bookings is affected", "%(number)d of your bookings are affected", "number"
    ),
    Holding.Kind.SUBSCRIPTION: ngettext_lazy(
        "One of your subscriptions is affected", "%(number)d of your subscriptions are affected", "number"
    ),
    Holding.Kind.PREMISE: ngettext_lazy(
        "One of your premises is affected", "%(number)d of your premises are affected", "number"
    ),
    Holding.Kind.APPOINTMENT: ngettext_lazy(
        "One of your appointments is affected", "%(number)d of your appointments are affected", "number"
    ),
    Holding.Kind.PARCEL: ngettext_lazy(
        "One of your parcels is affected", "%(number)d of your parcels are affected", "number"
    ),
    Holding.Kind.LINE: ngettext_lazy(
        "One of your lines is affected", "%(number)d of your lines are affected", "number"
    ),
}


def count_touched(user: User) -> Counts:
    """Of each kind of holding how many do not work now; with one query, and none of planned work that lies ahead."""
    impacts = Impact.objects.filter(
        customer__memberships__user=user,
        state__in=[Impact.State.OPEN, Impact.State.REOPENED],
        incident__published_at__isnull=False,
    ).exclude(incident__status=Incident.Status.SCHEDULED)
    return dict(impacts.order_by().values_list("holding__kind").annotate(Count("holding", distinct=True)))


def in_words(counts: Counts) -> str:
    """ "2 of your orders are affected"; of several kinds "3 of your things are affected"; "" for none."""
    number = sum(counts.values())
    if not number:
        return ""
    kind = next(iter(counts)) if len(counts) == 1 else Holding.Kind.OTHER.value
    if kind in OF_KIND:
        return str(OF_KIND[Holding.Kind(kind)] % {"number": number})
    words = ngettext("One of your things is affected", "%(number)d of your things are affected", number)
    return words % {"number": number}
