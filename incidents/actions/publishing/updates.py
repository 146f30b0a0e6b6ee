"""What is said in public on an incident: updates and estimates."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from incidents.actions.publishing.component_status import Change, affected_snapshot, recompute_statuses, set_affected
from incidents.actions.publishing.impacts import apply_scope, record_matched
from incidents.actions.publishing.translations import Texts, beside, write_translations
from incidents.actor import Actor
from incidents.errors import InvalidInput, WrongState
from incidents.events import record
from incidents.locks import lock_incident
from incidents.models import Component, Estimate, Event, Incident, Page, Update
from incidents.text.markdown import render_markdown
from incidents.validation import check_fields, check_future

_ORDER = Incident.MAINTENANCE_STATUSES
_MOVED = ("status", "next_update_due_at", "updated_at")


@transaction.atomic
def post_update(
    incident: Incident,
    *,
    body: str,
    by: Actor,
    status: str | None = None,
    components: Mapping[Component, str] | None = None,
    next_update_due_at: datetime | None = None,
    corrects: Update | None = None,
    deliver: bool = True,
    seen: int | None = None,
    translations: Texts | None = None,
    now: datetime | None = None,
) -> Update:
    """Say what is new on a published incident, at once in other languages too as far as ``translations`` has its body.

    ``components`` get these statuses, others keep theirs; holdings of one that is new to the incident are matched.
    An unstated next update keeps the time promised before while it lies ahead; else that promise is met and gone.
    ``seen`` is the pk of the newest update that the writer saw: with it, two clicks or two writers never post past each
    other. Without it each call posts one update.
    Raises WrongState before publication, for a status that would reopen what is over, and (naming ``seen``) when there
    is a newer update; InvalidInput for bad input.
    """
    now = now or timezone.now()
    lock_incident(incident)
    if not incident.is_published:
        raise WrongState(_("This is still a draft. Publish it with its first update."))
    require_seen(incident, seen)
    status = _next_status(incident, status)
    check_future(next_update_due_at, now, field="next_update_due_at")
    _check_correction(incident, corrects)
    earlier_ids = set(incident.affected_components.values_list("component_id", flat=True))
    concerned = set_affected(incident, check_components(incident.page, components or {}))
    was_due_at = incident.next_update_due_at
    _advance(incident, status, next_update_due_at or _still_ahead(was_due_at, now), now)
    # A maintenance that begins or ends moves all its components; other statuses move none by themselves.
    changes = recompute_statuses(earlier_ids | concerned if incident.is_planned else concerned, at=now)
    public_changes = [change for change in changes if change.component.pk in concerned or change.has_moved]
    update = write_update(
        incident, body=body, by=by, at=now, changes=public_changes, corrects=corrects, deliver=deliver
    )
    write_translations(beside(update, translations), by=by, at=now)
    matched = apply_scope(incident, at=now) if concerned - earlier_ids else None
    record(
        Event.Kind.INCIDENT_UPDATED,
        by=by,
        at=now,
        incident=incident,
        update=update.public_id,
        status=status,
        due=was_due_at.isoformat() if was_due_at else None,
    )
    if matched:
        record_matched(incident, matched, by=by, at=now)
    return update


@transaction.atomic
def publish_estimate(
    incident: Incident,
    *,
    by: Actor,
    restored_by: datetime | None,
    reason: str = "",
    source: str = "",
    stage: str | None = None,
    translations: Texts | None = None,
    now: datetime | None = None,
) -> Estimate:
    """Publish when the service should be restored; ``None`` says honestly that we are still assessing.

    The stage follows from what was published before unless it is stated: assessing, initial, revised; *confirmed* is
    always stated. Changing a published time, or taking it back, needs a reason. The same again is the same row.
    Raises WrongState before publication and after restoration, InvalidInput for a past time or a missing reason.
    """
    now = now or timezone.now()
    lock_incident(incident)
    if not incident.is_published:
        raise WrongState(_("This is still a draft. Publish it before you state an estimate."))
    if incident.is_over:
        raise WrongState(_("The service is restored already; there is nothing left to estimate."))
    check_future(restored_by, now, field="restored_by")
    current = incident.estimates.order_by("-created_at", "-id").first()
    stage = _estimate_stage(incident, current, restored_by, stage)
    if current and (current.stage, current.restored_by) == (stage, restored_by):
        return current
    if _needs_reason(incident, current, restored_by) and not reason.strip():
        raise InvalidInput(_("Say why the time has changed; customers will read it."), field="reason")
    estimate = Estimate(
        incident=incident,
        stage=stage,
        restored_by=restored_by,
        reason=reason.strip(),
        source=source.strip(),
        author=by.user,
        created_at=now,
    )
    check_fields(estimate)
    estimate.save(force_insert=True)
    write_translations(beside(estimate, translations), by=by, at=now)
    record(Event.Kind.ESTIMATE_PUBLISHED, by=by, at=now, incident=incident, estimate=estimate.pk, stage=stage)
    return estimate


def write_update(
    incident: Incident,
    *,
    body: str,
    by: Actor,
    at: datetime,
    changes: Iterable[Change] = (),
    corrects: Update | None = None,
    deliver: bool = True,
) -> Update:
    """One update in the incident's present status. Inside an action's transaction; records nothing.

    Raises InvalidInput for an empty text.
    """
    body = body.strip()
    if not body:
        raise InvalidInput(_("Write what you want to say."), field="body")
    return Update.objects.create(
        incident=incident,
        status=incident.status,
        body=body,
        body_html=render_markdown(body),
        affected_components=affected_snapshot(changes),
        corrects=corrects,
        author=by.user,
        deliver_notifications=deliver,
        display_at=at,
        created_at=at,
        updated_at=at,
    )


def check_components(page: Page, components: Mapping[Component, str]) -> Mapping[Component, str]:
    """These components, if they are the page's own and each is given a known status; else InvalidInput."""
    if any(component.page_id != page.pk for component in components):
        raise InvalidInput(_("Pick components of this page."), field="components")
    if any(status not in Component.Status.values for status in components.values()):
        raise InvalidInput(_("Pick a status from the list."), field="components")
    return components


def require_seen(incident: Incident, seen: int | None) -> None:
    """Refuse to speak past an update that the writer has not seen. Raises WrongState naming ``seen``."""
    newest = incident.updates.select_related("author").order_by("-id").first()
    if seen is None or newest is None or newest.pk == seen:
        return
    message = _("%(who)s posted an update meanwhile. Please read it, and yours again, before you post.")
    raise WrongState(message % {"who": newest.author or _("Somebody")}, field="seen")


def _next_status(incident: Incident, status: str | None) -> str:
    """The status after this update, if it may follow the present one."""
    if status is None or status == incident.status:
        return incident.status
    if status not in (incident.MAINTENANCE_STATUSES if incident.is_planned else incident.INCIDENT_STATUSES):
        raise InvalidInput(_("Pick a status from the list."), field="status")
    if incident.is_over and status != Incident.Status.POSTMORTEM:
        raise WrongState(_("This is over. If it has come back, declare a new incident."))
    if not incident.is_over and status in Incident.OVER:
        raise InvalidInput(_("Resolve it, so that everybody affected is asked whether it is fixed."), field="status")
    if incident.is_planned and _ORDER.index(status) < _ORDER.index(incident.status):
        raise InvalidInput(_("A maintenance does not go back to an earlier step."), field="status")
    return status


def _advance(incident: Incident, status: str, due_at: datetime | None, now: datetime) -> None:
    if status == Incident.Status.MONITORING and incident.monitoring_at is None:
        incident.monitoring_at = now
    incident.status = status
    incident.next_update_due_at = None if incident.is_over else due_at
    incident.updated_at = now
    # Whoever speaks while it is verified takes the end of it upon themselves; what has begun reminds nobody.
    incident.completes_at = None
    if status != Incident.Status.SCHEDULED:
        incident.next_reminder_at = None
    incident.save(update_fields=[*_MOVED, "monitoring_at", "completes_at", "next_reminder_at"])


def _still_ahead(moment: datetime | None, now: datetime) -> datetime | None:
    return moment if moment and moment > now else None


def _check_correction(incident: Incident, corrects: Update | None) -> None:
    if corrects and corrects.incident_id != incident.pk:
        raise InvalidInput(_("A correction points back to an update of the same incident."), field="corrects")


def _estimate_stage(
    incident: Incident, current: Estimate | None, restored_by: datetime | None, stated_stage: str | None
) -> str:
    """The stage that follows from what was published, or the stated one if it fits."""
    if restored_by is None:
        stage = Estimate.Stage.ASSESSING
    elif current and current.restored_by == restored_by:
        stage = Estimate.Stage(current.stage)
    elif _has_stated_time(incident):
        stage = Estimate.Stage.REVISED
    else:
        stage = Estimate.Stage.INITIAL
    if stated_stage == Estimate.Stage.CONFIRMED and restored_by is not None:
        return stated_stage
    if stated_stage not in (None, "", stage):
        raise InvalidInput(_("This stage does not fit the estimates published so far."), field="stage")
    return stage


def _needs_reason(incident: Incident, current: Estimate | None, restored_by: datetime | None) -> bool:
    """Readers who planned by a published time are owed a reason for another, or for none."""
    return current is not None and current.restored_by != restored_by and _has_stated_time(incident)


def _has_stated_time(incident: Incident) -> bool:
    return incident.estimates.filter(restored_by__isnull=False).exists()
