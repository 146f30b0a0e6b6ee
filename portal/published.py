"""Finished public documents, kept in memory."""

from portal.letterhead import Letterhead


def default_letterhead() -> Letterhead:
    """The default page's letterhead as last published."""
    return Letterhead()
