"""The staff desk's pages, one module per noun. The one edge inside this package: it knows HTTP and templates,
asks for permission, calls one action and says what came of it.
"""

from incidents.admin import history
from incidents.admin.access import people, readers
from incidents.admin.intake import customers
from incidents.admin.publishing import catalogue, incidents, pages, series
from incidents.admin.recovery import impacts, remedies, tasks

__all__ = [
    "catalogue",
    "customers",
    "history",
    "impacts",
    "incidents",
    "pages",
    "people",
    "readers",
    "remedies",
    "series",
    "tasks",
]
