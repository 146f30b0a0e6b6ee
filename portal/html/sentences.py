"""The state of a whole page in one sentence, as a visitor reads it."""

from django.utils.translation import gettext_lazy as _

from portal.board.board import (
    DEGRADED,
    MAINTENANCE,
    MAJOR_OUTAGE,
    MINOR_OUTAGE,
    OPERATIONAL,
    PARTIAL_OUTAGE,
    PARTLY_DEGRADED,
    Overall,
)

# By Statuspage's descriptions.
SENTENCES = {
    MAJOR_OUTAGE.description: _("Nothing works right now"),
    PARTIAL_OUTAGE.description: _("A large part does not work right now"),
    MINOR_OUTAGE.description: _("Some things do not work right now"),
    DEGRADED.description: _("Everything is slower or worse than usual"),
    PARTLY_DEGRADED.description: _("Some things are slower or worse than usual"),
    MAINTENANCE.description: _("We are doing planned work"),
    OPERATIONAL.description: _("Everything works"),
}


def sentence(overall: Overall) -> str:
    return str(SENTENCES[overall.description])
