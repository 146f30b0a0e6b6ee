"""What can go wrong, in words that a customer may read. Raised by actions, caught at the edges and only there."""

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """A refusal. ``code`` is for programs, ``message`` for people, ``field`` names the input at fault, if one is."""

    code = "refused"
    default: str | LazyText = _("That is not possible.")

    def __init__(self, message: str | LazyText = "", *, field: str = "") -> None:
        self.message = message or self.default
        self.field = field
        super().__init__(str(self.message))


class InvalidInput(DomainError):
    code = "invalid"
    default = _("Please check what you entered.")


class NotAllowed(DomainError):
    """They may look, but not touch."""

    code = "not_allowed"
    default = _("You can see this, but not change it.")


class WrongState(DomainError):
    """The thing has moved on: published already, resolved already, not asked yet."""

    code = "wrong_state"


class SoldOut(DomainError):
    code = "sold_out"
    default = _("That one is just taken. The other options below are still open to you.")


class TooLate(DomainError):
    code = "too_late"
    default = _("The time to choose has passed.")


class NotOffered(DomainError):
    """Not yours: the offer does not belong to this impact's incident, or is no longer offered."""

    code = "not_offered"
    default = _("That option is not offered for this.")


class OfferChanged(DomainError):
    code = "offer_changed"
    default = _("This option has changed since you opened the page. Please review it and choose again.")


class AlreadyChosen(DomainError):
    """Somebody else, or you in another tab, chose meanwhile."""

    code = "already_chosen"
    default = _("A choice has been made meanwhile. Please review it.")
