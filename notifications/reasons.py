"""Why a message was not sent: stored in English with the delivery, shown translated."""

from django.utils.translation import gettext_noop

from notifications.topics import PERSONAL, PUBLIC

OFF = gettext_noop("The address is switched off.")
STOPPED_PUBLIC = gettext_noop("Unsubscribed from status page updates.")
STOPPED_PERSONAL = gettext_noop("Unsubscribed from messages about their own things.")
STOPPED_ALL = gettext_noop("This address must not be contacted.")
NOT_SUBSCRIBED = gettext_noop("The subscription is not active, or they may not read the page any more.")
NOT_AFFECTED = gettext_noop("None of their things is affected any more.")
NOT_THEIRS = gettext_noop("The address no longer belongs to this customer.")
TOLD_PERSONALLY = gettext_noop("Told personally about the same.")
TOLD_BY_NEWER = gettext_noop("A newer message to them tells it.")
TOLD_ALREADY = gettext_noop("A message that they got already told it.")
ANSWERED = gettext_noop("They have answered already.")
OUT_OF_DATE = gettext_noop("It is no longer so.")
CODE_EXPIRED = gettext_noop("The code has expired.")
STOPPED = {PUBLIC: STOPPED_PUBLIC, PERSONAL: STOPPED_PERSONAL}
