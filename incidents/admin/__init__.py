"""The staff desk's pages, one module per noun. The one edge inside this package: it knows HTTP and templates,
asks for permission, calls one action and says what came of it.
"""

from incidents.admin import (
    catalogue,
    customers,
    history,
    impacts,
    incidents,
    pages,
    people,
    readers,
    remedies,
    series,
    tasks,
)

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
