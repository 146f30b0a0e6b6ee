"""The domain's tables, one module per noun. Import models from here."""

from incidents.models.brand import Logo
from incidents.models.catalogue import Component, ComponentGroup, Page
from incidents.models.customers import Customer, Holding, Membership
from incidents.models.event import Event
from incidents.models.feedback import CheckIn, Rating
from incidents.models.impact import Impact
from incidents.models.incident import AffectedComponent, Incident, Scope
from incidents.models.people import User
from incidents.models.promise import Promise, Task
from incidents.models.readers import CustomerGroup, ReadToken
from incidents.models.remedy import Choice, Offer, Pool, Remedy
from incidents.models.report import Report, ReportCount
from incidents.models.series import MaintenanceSeries
from incidents.models.status_change import StatusChange
from incidents.models.translation import Translation
from incidents.models.update import Estimate, Update

__all__ = [
    "AffectedComponent",
    "CheckIn",
    "Choice",
    "Component",
    "ComponentGroup",
    "Customer",
    "CustomerGroup",
    "Estimate",
    "Event",
    "Holding",
    "Impact",
    "Incident",
    "Logo",
    "MaintenanceSeries",
    "Membership",
    "Offer",
    "Page",
    "Pool",
    "Promise",
    "Rating",
    "ReadToken",
    "Remedy",
    "Report",
    "ReportCount",
    "Scope",
    "StatusChange",
    "Task",
    "Translation",
    "Update",
    "User",
]
