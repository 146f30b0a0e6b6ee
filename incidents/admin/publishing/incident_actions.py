"""What can be done with an incident: each desk action is a form, a permission and one action."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from incidents import permissions
from incidents.actions.publishing.impacts import match_impacts
from incidents.actions.publishing.incidents import publish_incident, resolve_incident
from incidents.actions.publishing.maintenances import cancel_maintenance, reschedule_maintenance
from incidents.actions.publishing.updates import post_update, publish_estimate
from incidents.actor import Actor
from incidents.admin.publishing.incident_forms import (
    DeskActionForm,
    EstimateForm,
    NothingForm,
    PublishForm,
    ResolveForm,
    UpdateForm,
)
from incidents.admin.publishing.maintenance_forms import CancelForm, RescheduleForm
from incidents.models import Incident
from incidents.queries.matching import Reach, dry_run

Do = Callable[[Incident, dict[str, Any], Actor], str]


@dataclass(frozen=True, slots=True)
class DeskAction:
    """`fits` says whether the incident's state allows it; `do` calls the action and says what came of it.

    ``button`` may count on ``reach`` (the dry run) and ``asked`` (customers who will be asked).
    """

    name: str
    title: str | LazyText
    button: str | LazyText
    permission: str
    form: type[DeskActionForm]
    fits: Callable[[Incident], bool]
    do: Do
    intro: str | LazyText = ""
    shape: str = "forward"
    planned_title: str | LazyText = ""

    def title_for(self, incident: Incident) -> str:
        return str(self.planned_title if incident.is_planned and self.planned_title else self.title)

    def is_open_to(self, request: HttpRequest, incident: Incident) -> bool:
        return self.fits(incident) and request.user.has_perm(self.permission)


def _publish(incident: Incident, arguments: dict[str, Any], by: Actor) -> str:
    publish_incident(incident, by=by, **arguments)
    return _("Published. Subscribers and everybody affected are being told.")


def _update(incident: Incident, arguments: dict[str, Any], by: Actor) -> str:
    post_update(incident, by=by, **arguments)
    return _("Your update is public.")


def _estimate(incident: Incident, arguments: dict[str, Any], by: Actor) -> str:
    publish_estimate(incident, by=by, **arguments)
    return _("The estimate is public.")


def _match(incident: Incident, arguments: dict[str, Any], by: Actor) -> str:
    count = match_impacts(incident, by=by)
    if not count:
        return _("Nobody new is affected.")
    message = ngettext("%(count)d more holding is affected.", "%(count)d more holdings are affected.", count)
    return message % {"count": count}


def _resolve(incident: Incident, arguments: dict[str, Any], by: Actor) -> str:
    resolve_incident(incident, by=by, **arguments)
    return _("The service is restored. Everybody affected is asked whether it is fixed for them.")


def _is_draft(incident: Incident) -> bool:
    return not incident.is_published


def _is_open(incident: Incident) -> bool:
    return incident.is_published and not incident.is_over


def _reschedule(incident: Incident, arguments: dict[str, Any], by: Actor) -> str:
    reschedule_maintenance(incident, by=by, **arguments)
    return _("The new time is public. Subscribers and everybody affected are being told.")


def _cancel(incident: Incident, arguments: dict[str, Any], by: Actor) -> str:
    cancel_maintenance(incident, by=by, **arguments)
    return _("Cancelled. Subscribers and everybody who was told of it are being told.")


def _is_movable(incident: Incident) -> bool:
    return incident.is_planned and _is_open(incident) and incident.status != Incident.Status.VERIFYING


DESK_ACTIONS = (
    DeskAction(
        name="publish",
        title=gettext_lazy("Publish"),
        button=gettext_lazy("Publish and tell them"),
        permission=permissions.CHANGE_INCIDENT,
        form=PublishForm,
        fits=_is_draft,
        do=_publish,
        intro=gettext_lazy("The first update goes out with it. Say what happened, what it means, what you do next."),
        shape="bell",
    ),
    DeskAction(
        name="update",
        title=gettext_lazy("Post an update"),
        button=gettext_lazy("Post the update"),
        permission=permissions.POST_UPDATE,
        form=UpdateForm,
        fits=lambda incident: incident.is_published,
        do=_update,
        intro=gettext_lazy("An update cannot be edited or taken back; a correction is a new update that points back."),
        shape="info",
    ),
    DeskAction(
        name="estimate",
        title=gettext_lazy("Publish an estimate"),
        button=gettext_lazy("Publish the estimate"),
        permission=permissions.PUBLISH_ESTIMATE,
        form=EstimateForm,
        fits=_is_open,
        do=_estimate,
        intro=gettext_lazy("Earlier estimates stay visible. An honest “we do not know yet” beats a guess."),
        shape="clock",
    ),
    DeskAction(
        name="reschedule",
        title=gettext_lazy("Reschedule"),
        button=gettext_lazy("Move it and tell them"),
        permission=permissions.CHANGE_INCIDENT,
        form=RescheduleForm,
        fits=_is_movable,
        do=_reschedule,
        intro=gettext_lazy(
            "An update says the new and the old time. Calendars move, reminders are planned anew, holdings are "
            "matched anew."
        ),
        shape="scheduled",
    ),
    DeskAction(
        name="cancel",
        title=gettext_lazy("Cancel"),
        button=gettext_lazy("Cancel it and tell them"),
        permission=permissions.CHANGE_INCIDENT,
        form=CancelForm,
        fits=lambda incident: incident.is_planned and _is_open(incident),
        do=_cancel,
        intro=gettext_lazy(
            "The page and calendars show it as cancelled; what was offered because of it is withdrawn. Before it "
            "begins, whoever was told hears that nothing of theirs is touched. In the middle of it, everybody affected "
            "is asked whether everything works."
        ),
        shape="cross",
    ),
    DeskAction(
        name="match",
        title=gettext_lazy("Match again"),
        button=gettext_lazy("Match now"),
        permission=permissions.CHANGE_INCIDENT,
        form=NothingForm,
        fits=_is_open,
        do=_match,
        intro=gettext_lazy(
            "Looks again for holdings that this incident touches, for example after an import. "
            "Whoever is new gets one first notice; nobody gets a second one."
        ),
        shape="person",
    ),
    DeskAction(
        name="resolve",
        title=gettext_lazy("Resolve"),
        planned_title=gettext_lazy("Complete"),
        button=gettext_lazy("Say so and ask them"),
        permission=permissions.CHANGE_INCIDENT,
        form=ResolveForm,
        fits=_is_open,
        do=_resolve,
        intro=gettext_lazy("The service works again. It closes when customers have confirmed that it does for them."),
        shape="check",
    ),
)
BY_NAME = {desk_action.name: desk_action for desk_action in DESK_ACTIONS}


def reach_of(incident: Incident) -> Reach | None:
    """Whom publishing, or matching now, would touch; nobody new once it is over."""
    return None if incident.is_over else dry_run(incident)
