"""Whom an incident touches, in words."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.facts.scopes import ScopeFacts

# Who is touched, by the kind of holding.
HOLDERS = {
    "": _("Customers"),
    "order": _("Orders"),
    "booking": _("Bookings"),
    "subscription": _("Subscriptions"),
    "premise": _("Premises"),
    "appointment": _("Appointments"),
    "parcel": _("Parcels"),
    "line": _("Lines"),
    "other": _("Other things that people have with us"),
}


def scope_words(rule: ScopeFacts) -> str:
    """Whom one rule describes, without its times: "Bookings: Trains, north"; "Customers" when it names nothing."""
    holders, names = HOLDERS.get(rule.kind, HOLDERS[""]), ", ".join(filter(None, [rule.component, rule.region]))
    return gettext("%(holders)s: %(named)s") % {"holders": holders, "named": names} if names else str(holders)
