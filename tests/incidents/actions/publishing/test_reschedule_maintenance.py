"""Moving a window: said in public, kept in history, matched anew, reminded of anew."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from incidents.actions.publishing.incidents import change_incident
from incidents.actions.publishing.maintenances import cancel_maintenance, reschedule_maintenance
from incidents.clock import tick
from incidents.errors import InvalidInput, WrongState
from incidents.models import Event, Incident, Translation, Update
from tests.incidents.outage import LATER, NOW, Company, declare, make_company, newest_event, plan, publish, states
from tests.make import make_customer, make_holding

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def hours(number: float) -> datetime:
    return NOW + timedelta(hours=number)


def move(it: Company, incident: Incident, **said: Any) -> Update:
    window = {"scheduled_for": hours(25), "scheduled_until": hours(27)}
    return reschedule_maintenance(
        incident, **{**window, "body": "Parts are late.", "by": it.dara, "now": LATER, **said}
    )


def test_the_update_says_the_new_and_the_old_time_in_the_pages_zone() -> None:
    it = make_company(time_zone="Europe/Lisbon")
    incident = publish(it, plan(it))

    update = move(it, incident)

    assert update.body == (
        "Parts are late.\n\nNew time: **3 Mar 2026, 15:02 WET until 3 Mar 2026, 17:02 WET**. "
        "It was planned for: ~~2 Mar 2026, 15:02 WET until 2 Mar 2026, 17:02 WET~~."
    )
    assert (update.status, update.author, "<s>2 Mar 2026" in update.body_html) == ("scheduled", it.dara.user, True)


def test_the_window_moves_and_the_old_one_stays_in_history() -> None:
    it = make_company()
    incident = publish(it, plan(it))

    move(it, incident)

    stored = Incident.objects.get()
    assert (stored.scheduled_for, stored.scheduled_until, stored.started_at, stored.updated_at) == (
        hours(25),
        hours(27),
        hours(25),
        LATER,
    )
    event = Event.objects.get(kind="maintenance.rescheduled")
    assert (event.is_public, event.actor) == (True, it.dara.user)
    assert event.data["was"] == [hours(1).isoformat(), hours(3).isoformat()]
    assert event.data["now"] == [hours(25).isoformat(), hours(27).isoformat()]


def test_holdings_are_matched_anew() -> None:
    it = make_company()
    make_holding(make_customer("Ida"), it.trains, ref="ends-soon", ends_at=hours(5))
    incident = publish(it, plan(it))
    before = states(incident)["ends-soon"]
    make_holding(make_customer("Uma"), it.trains, ref="new")

    move(it, incident)

    assert (before, states(incident)["ends-soon"], states(incident)["new"]) == ("open", "withdrawn", "open")
    assert newest_event().kind in {"impacts.opened", "impacts.withdrawn"}


def test_reminders_are_planned_anew() -> None:
    it = make_company()
    incident = publish(it, plan(it, reminders=[1440, 60]))
    before = Incident.objects.get().next_reminder_at

    move(it, incident, scheduled_for=hours(73), scheduled_until=hours(75))

    assert (before, Incident.objects.get().next_reminder_at) == (None, hours(49))


def test_the_clock_keeps_to_the_new_time() -> None:
    it = make_company()
    incident = publish(it, plan(it))
    move(it, incident)

    tick(hours(4))
    early = Incident.objects.get().status
    tick(hours(25))

    assert (early, Incident.objects.get().status) == ("scheduled", "in_progress")


def test_of_what_has_begun_only_the_end_moves() -> None:
    it = make_company()
    incident = publish(it, plan(it))
    tick(hours(1))

    with pytest.raises(InvalidInput) as refused:
        move(it, incident, now=hours(2))
    move(it, incident, scheduled_for=hours(1), scheduled_until=hours(6), now=hours(2))
    tick(hours(3))

    assert refused.value.field == "scheduled_for"
    assert (Incident.objects.get().status, Incident.objects.get().scheduled_until) == ("in_progress", hours(6))


@pytest.mark.parametrize(
    ("window", "field"),
    [
        ({"scheduled_for": NOW}, "scheduled_for"),
        ({"scheduled_until": NOW}, "scheduled_until"),
        ({"scheduled_until": hours(25)}, "scheduled_until"),
        ({"scheduled_for": hours(1), "scheduled_until": hours(3)}, "scheduled_for"),
    ],
)
def test_bad_windows_are_refused_and_nothing_changes(window: dict[str, datetime], field: str) -> None:
    it = make_company()
    incident = publish(it, plan(it))
    before = newest_event()

    with pytest.raises(InvalidInput) as refused:
        move(it, incident, **window)

    assert (refused.value.field, newest_event(), Update.objects.count()) == (field, before, 1)


def test_a_second_click_tells_nothing_twice() -> None:
    it = make_company()
    incident = publish(it, plan(it))
    move(it, incident)

    with pytest.raises(InvalidInput, match="the time that it has now"):
        move(it, incident)

    assert Update.objects.count() == 2


def test_nobody_moves_past_an_update_that_they_have_not_seen() -> None:
    it = make_company()
    incident = publish(it, plan(it))
    seen = incident.updates.get().pk
    move(it, incident, seen=seen)

    with pytest.raises(WrongState) as refused:
        move(it, incident, scheduled_for=hours(49), scheduled_until=hours(50), seen=seen)

    assert refused.value.field == "seen"


def test_drafts_incidents_and_what_is_over_do_not_move() -> None:
    it = make_company()
    over = publish(it, plan(it))
    cancel_maintenance(over, body="Not needed.", by=it.dara, now=NOW)

    with pytest.raises(WrongState, match="draft"):
        move(it, plan(it))
    with pytest.raises(WrongState, match="no planned work"):
        move(it, publish(it, declare(it)))
    with pytest.raises(WrongState, match="cancelled"):
        move(it, over)


def test_a_published_window_is_not_changed_silently() -> None:
    it = make_company()
    incident = publish(it, plan(it))

    with pytest.raises(InvalidInput, match="Reschedule it") as refused:
        change_incident(incident, by=it.dara, scheduled_until=hours(9), now=LATER)

    assert (refused.value.field, Incident.objects.get().scheduled_until) == ("scheduled_until", hours(3))


def test_a_drafts_window_is_changed_at_will() -> None:
    it = make_company()

    change_incident(plan(it), by=it.dara, scheduled_until=hours(9), now=LATER)

    assert (Incident.objects.get().scheduled_until, Update.objects.count()) == (hours(9), 0)


def test_without_a_reason_the_times_are_said_in_every_language() -> None:
    it = make_company(languages=["de", "fr"])
    incident = publish(it, plan(it))

    plain = move(it, incident, body="")
    later = {"scheduled_for": hours(49), "scheduled_until": hours(50)}
    reasoned = move(it, incident, **later, translations={"de": {"body": "Teile fehlen."}})

    texts = Translation.objects.order_by("language").values_list("language", "text")
    assert [language for language, _text in texts.filter(update=plain)] == ["de", "fr"]
    assert [(language, text[:13]) for language, text in texts.filter(update=reasoned)] == [("de", "Teile fehlen.")]
