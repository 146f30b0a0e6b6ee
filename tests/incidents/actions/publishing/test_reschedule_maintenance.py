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


def move(company: Company, incident: Incident, **fields: Any) -> Update:
    window = {"scheduled_for": hours(25), "scheduled_until": hours(27)}
    return reschedule_maintenance(
        incident, **{**window, "body": "Parts are late.", "by": company.dara, "now": LATER, **fields}
    )


def test_the_update_says_the_new_and_the_old_time_in_the_pages_zone() -> None:
    company = make_company(time_zone="Europe/Lisbon")
    incident = publish(company, plan(company))

    update = move(company, incident)

    assert update.body == (
        "Parts are late.\n\nNew time: **3 Mar 2026, 15:02 WET until 3 Mar 2026, 17:02 WET**. "
        "It was planned for: ~~2 Mar 2026, 15:02 WET until 2 Mar 2026, 17:02 WET~~."
    )
    assert (update.status, update.author, "<s>2 Mar 2026" in update.body_html) == ("scheduled", company.dara.user, True)


def test_the_window_moves_and_the_old_one_stays_in_history() -> None:
    company = make_company()
    incident = publish(company, plan(company))

    move(company, incident)

    current = Incident.objects.get()
    assert (current.scheduled_for, current.scheduled_until, current.started_at, current.updated_at) == (
        hours(25),
        hours(27),
        hours(25),
        LATER,
    )
    event = Event.objects.get(kind="maintenance.rescheduled")
    assert (event.is_public, event.actor) == (True, company.dara.user)
    assert event.data["was"] == [hours(1).isoformat(), hours(3).isoformat()]
    assert event.data["now"] == [hours(25).isoformat(), hours(27).isoformat()]


def test_holdings_are_matched_anew() -> None:
    company = make_company()
    make_holding(make_customer("Ida"), company.trains, ref="ends-soon", ends_at=hours(5))
    incident = publish(company, plan(company))
    before = states(incident)["ends-soon"]
    make_holding(make_customer("Uma"), company.trains, ref="new")

    move(company, incident)

    assert (before, states(incident)["ends-soon"], states(incident)["new"]) == ("open", "withdrawn", "open")
    assert newest_event().kind in {"impacts.opened", "impacts.withdrawn"}


def test_reminders_are_planned_anew() -> None:
    company = make_company()
    incident = publish(company, plan(company, reminders=[1440, 60]))
    before = Incident.objects.get().next_reminder_at

    move(company, incident, scheduled_for=hours(73), scheduled_until=hours(75))

    assert (before, Incident.objects.get().next_reminder_at) == (None, hours(49))


def test_the_clock_keeps_to_the_new_time() -> None:
    company = make_company()
    incident = publish(company, plan(company))
    move(company, incident)

    tick(hours(4))
    early = Incident.objects.get().status
    tick(hours(25))

    assert (early, Incident.objects.get().status) == ("scheduled", "in_progress")


def test_of_what_has_begun_only_the_end_moves() -> None:
    company = make_company()
    incident = publish(company, plan(company))
    tick(hours(1))

    with pytest.raises(InvalidInput) as refusal:
        move(company, incident, now=hours(2))
    move(company, incident, scheduled_for=hours(1), scheduled_until=hours(6), now=hours(2))
    tick(hours(3))

    assert refusal.value.field == "scheduled_for"
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
    company = make_company()
    incident = publish(company, plan(company))
    before = newest_event()

    with pytest.raises(InvalidInput) as refusal:
        move(company, incident, **window)

    assert (refusal.value.field, newest_event(), Update.objects.count()) == (field, before, 1)


def test_a_second_click_tells_nothing_twice() -> None:
    company = make_company()
    incident = publish(company, plan(company))
    move(company, incident)

    with pytest.raises(InvalidInput, match="the time that it has now"):
        move(company, incident)

    assert Update.objects.count() == 2


def test_nobody_moves_past_an_update_that_they_have_not_seen() -> None:
    company = make_company()
    incident = publish(company, plan(company))
    newest_update = incident.updates.get().pk
    move(company, incident, seen=newest_update)

    with pytest.raises(WrongState) as refusal:
        move(company, incident, scheduled_for=hours(49), scheduled_until=hours(50), seen=newest_update)

    assert refusal.value.field == "seen"


def test_drafts_incidents_and_what_is_over_do_not_move() -> None:
    company = make_company()
    over = publish(company, plan(company))
    cancel_maintenance(over, body="Not needed.", by=company.dara, now=NOW)

    with pytest.raises(WrongState, match="draft"):
        move(company, plan(company))
    with pytest.raises(WrongState, match="no planned work"):
        move(company, publish(company, declare(company)))
    with pytest.raises(WrongState, match="cancelled"):
        move(company, over)


def test_a_published_window_is_not_changed_silently() -> None:
    company = make_company()
    incident = publish(company, plan(company))

    with pytest.raises(InvalidInput, match="Reschedule it") as refusal:
        change_incident(incident, by=company.dara, scheduled_until=hours(9), now=LATER)

    assert (refusal.value.field, Incident.objects.get().scheduled_until) == ("scheduled_until", hours(3))


def test_a_drafts_window_is_changed_at_will() -> None:
    company = make_company()

    change_incident(plan(company), by=company.dara, scheduled_until=hours(9), now=LATER)

    assert (Incident.objects.get().scheduled_until, Update.objects.count()) == (hours(9), 0)


def test_without_a_reason_the_times_are_said_in_every_language() -> None:
    company = make_company(languages=["de", "fr"])
    incident = publish(company, plan(company))

    plain = move(company, incident, body="")
    later = {"scheduled_for": hours(49), "scheduled_until": hours(50)}
    reasoned = move(company, incident, **later, translations={"de": {"body": "Teile fehlen."}})

    texts = Translation.objects.order_by("language").values_list("language", "text")
    assert [language for language, _text in texts.filter(update=plain)] == ["de", "fr"]
    assert [(language, text[:13]) for language, text in texts.filter(update=reasoned)] == [("de", "Teile fehlen.")]
