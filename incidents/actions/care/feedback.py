"""Closing the loop: is it fixed for you, and how was it?"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from incidents.actions.publishing.incidents import close_if_whole, run_on
from incidents.actions.recovery.promises import cancel_follow_up, open_follow_up
from incidents.actor import Actor
from incidents.errors import InvalidInput, WrongState
from incidents.events import record
from incidents.locks import lock_impact, lock_incident
from incidents.models import CheckIn, Event, Impact, Rating

COMMENT_LENGTH = 2000


@transaction.atomic
def answer_check_in(
    impact: Impact, *, answer: str, by: Actor, comment: str = "", now: datetime | None = None
) -> CheckIn:
    """Answer the newest "is it fixed for you?". Yes confirms the impact and closes the incident if nothing else is
    left; partly or no reopens it, and the incident if it was closed, and asks a person to call.

    The same answer and comment again change nothing; another answer counts instead of the first.
    Raises InvalidInput (answer, comment), WrongState when nobody has asked yet.
    """
    now = now or timezone.now()
    if answer not in CheckIn.Answer.values:
        raise InvalidInput(_("Please answer yes, partly or no."), field="answer")
    comment = _clean_comment(comment)
    lock_incident(impact.incident)  # before the impact, as everywhere; of two last ones to confirm, one sees the other
    lock_impact(impact)
    check_in = impact.check_ins.first()
    if check_in is None or impact.state in (Impact.State.OPEN, Impact.State.WITHDRAWN):
        raise WrongState(_("We will ask you whether it is fixed as soon as the service is restored."))
    if check_in.answer == answer and comment in ("", check_in.comment):
        return check_in
    _keep_answer(check_in, answer, comment, by=by, now=now)
    if answer == CheckIn.Answer.YES:
        _confirm(impact, by=by, now=now)
    else:
        _reopen(impact, answer, by=by, now=now)
    return check_in


@transaction.atomic
def rate(
    impact: Impact, *, satisfaction: int, effort: int, by: Actor, comment: str = "", now: datetime | None = None
) -> Rating:
    """Rate how it was put right: satisfaction 1-5, more is better; effort 1-7, more is easier. Once per impact.

    The same values again give the same rating. Raises InvalidInput with the field at fault, WrongState before an
    answered check-in (nobody is counted as satisfied who did not say so) or when it was rated differently.
    """
    now = now or timezone.now()
    _require_between(1, satisfaction, 5, field="satisfaction")
    _require_between(1, effort, 7, field="effort")
    comment = _clean_comment(comment)
    lock_impact(impact)
    if not impact.check_ins.exclude(answer="").exists():
        raise WrongState(_("Please tell us first whether it is fixed for you."))
    if rating := Rating.objects.filter(impact=impact).first():
        if (rating.satisfaction, rating.effort, rating.comment) == (satisfaction, effort, comment):
            return rating
        raise WrongState(_("You have rated this already. Thank you."))
    rating = Rating.objects.create(
        impact=impact,
        satisfaction=satisfaction,
        effort=effort,
        comment=comment,
        rated_at=now,
        rated_by_name=by.name,
    )
    record(Event.Kind.RATED, by=by, at=now, impact=impact, satisfaction=satisfaction, effort=effort)
    return rating


def _keep_answer(check_in: CheckIn, answer: str, comment: str, *, by: Actor, now: datetime) -> None:
    check_in.answer, check_in.answered_at, check_in.answered_by_name = answer, now, by.name
    check_in.comment = comment or check_in.comment
    check_in.save(update_fields=["answer", "answered_at", "answered_by_name", "comment"])


def _confirm(impact: Impact, *, by: Actor, now: datetime) -> None:
    cancel_follow_up(impact)
    _record_answer(impact, CheckIn.Answer.YES, by=by, now=now)
    if impact.state == Impact.State.CONFIRMED:
        return
    impact.state, impact.confirmed_at = Impact.State.CONFIRMED, now
    impact.save(update_fields=["state", "confirmed_at"])
    record(Event.Kind.IMPACT_CONFIRMED, by=by, at=now, impact=impact)
    close_if_whole(impact.incident, by=by, at=now)


def _reopen(impact: Impact, answer: str, *, by: Actor, now: datetime) -> None:
    open_follow_up(impact, now=now)
    _record_answer(impact, answer, by=by, now=now)
    if impact.state == Impact.State.REOPENED:
        return
    impact.state, impact.reopened_at, impact.confirmed_at = Impact.State.REOPENED, now, None
    impact.save(update_fields=["state", "reopened_at", "confirmed_at"])
    run_on(impact.incident)
    record(Event.Kind.IMPACT_REOPENED, by=by, at=now, impact=impact, answer=answer)


def _record_answer(impact: Impact, answer: str, *, by: Actor, now: datetime) -> None:
    record(Event.Kind.CHECK_IN_ANSWERED, by=by, at=now, impact=impact, answer=answer)


def _clean_comment(comment: str) -> str:
    comment = comment.strip()
    if over := max(0, len(comment) - COMMENT_LENGTH):
        raise InvalidInput(
            ngettext(
                "Please shorten your comment by %(over)d character.",
                "Please shorten your comment by %(over)d characters.",
                over,
            )
            % {"over": over},
            field="comment",
        )
    return comment


def _require_between(least: int, value: int, most: int, *, field: str) -> None:
    if not least <= value <= most:
        raise InvalidInput(
            _("Please choose a number from %(least)d to %(most)d.") % {"least": least, "most": most}, field=field
        )
