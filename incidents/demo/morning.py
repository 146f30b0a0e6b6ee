"""The story: what was past, what is planned, and the flight that does not go this morning."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta

from incidents.actions.care.feedback import answer_check_in, rate
from incidents.actions.publishing.impacts import mark_seen
from incidents.actions.publishing.incidents import declare_incident, publish_incident, resolve_incident
from incidents.actions.publishing.updates import post_update, publish_estimate
from incidents.actions.recovery.choices import choose_offer
from incidents.actions.recovery.promises import break_due_promises, complete_task
from incidents.actions.recovery.remedies import attach_offer, make_pool
from incidents.actor import Actor
from incidents.demo.airline import Airline
from incidents.demo.cast import Cast
from incidents.demo.library import Library
from incidents.models import Component, Impact, Incident, Offer, Task

# Lets the messages of the story go out by the given hour; what sends them is not the domain's business.
Tell = Callable[[datetime], None]

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def past_baggage_stop(
    airline: Airline, cast: Cast, *, library: Library, tell: Tell, now: datetime, seed: random.Random
) -> None:
    """Twelve days ago the belts stopped; those customers were asked, answered and rated."""
    start = now - 12 * DAY
    incident = declare_incident(
        airline.page,
        name="Baggage belts at Manchester stopped",
        impact="major",
        by=cast.dara,
        components={airline.components["Baggage"]: Component.Status.MAJOR_OUTAGE},
        scopes=[{"component": airline.components["Manchester departures"], "refs": _refs("NW610", 22)}],
        owner=cast.dara.user,
        started_at=start,
        now=start + 4 * MINUTE,
    )
    publish_incident(
        incident,
        body="The belts behind the check-in desks have stopped. **Bags are being carried by hand**, so drop-off is "
        "slow. Please go to your gate with hand luggage if you can.",
        by=cast.dara,
        next_update_due_at=start + 35 * MINUTE,
        now=start + 9 * MINUTE,
    )
    tell(start + 10 * MINUTE)
    credit = attach_offer(
        incident, remedy=library.voucher, by=cast.eli, choose_by=start + 10 * HOUR, now=start + 20 * MINUTE
    )
    impacts = list(incident.impacts.select_related("customer", "holding").order_by("id"))
    for step, impact in enumerate(impacts[:16]):
        _choose(impact, credit, at=start + 30 * MINUTE + step * 3 * MINUTE)
    for task in Task.objects.filter(impact__incident=incident).order_by("id"):
        complete_task(task, by=cast.eli, now=task.created_at + 25 * MINUTE)
    resolve_incident(
        incident,
        body="The belts run again. Every bag of the morning has left, and the last six come to their owners today.",
        by=cast.dara,
        now=start + 3 * HOUR,
    )
    tell(start + 3 * HOUR + MINUTE)
    for impact in impacts[:18]:
        _look_back(impact, at=start + 5 * HOUR + seed.randrange(300) * MINUTE, seed=seed)


def cancelled_flight(
    airline: Airline, cast: Cast, *, library: Library, departure: datetime, tell: Tell, now: datetime
) -> tuple[Incident, list[Offer]]:
    """NW412 does not go: declared, with ways on, told, estimated."""
    manchester = airline.components["Manchester departures"]
    incident = declare_incident(
        airline.page,
        name="NW412 to Amsterdam is cancelled today",
        impact="major",
        by=cast.dara,
        components={manchester: Component.Status.PARTIAL_OUTAGE},
        scopes=[{"component": manchester, "starts_from": departure, "starts_before": departure + MINUTE}],
        owner=cast.dara.user,
        advice="Choose one of your options before you come to the airport: the queue at the desk is long, and nothing "
        "is there that is not on your phone. Keep the receipts for food and taxis.",
        started_at=now - 95 * MINUTE,
        now=now - 90 * MINUTE,
    )
    offers = _offer_ways_on(incident, cast, library=library, now=now)
    publish_incident(
        incident,
        body="**NW412 to Amsterdam will not fly today.** The crew has reached the end of its legal duty time and "
        "we have no second crew in Manchester. This is our doing, not the weather's. If you are booked on it, you have "
        "a message from us with your options; they are also on [My page](/my/).",
        by=cast.dara,
        status=Incident.Status.IDENTIFIED,
        next_update_due_at=now - 45 * MINUTE,
        now=now - 85 * MINUTE,
    )
    publish_estimate(
        incident,
        by=cast.dara,
        restored_by=now + 100 * MINUTE,
        reason="A replacement crew is on its way from Edinburgh.",
        source="Crew control",
        now=now - 84 * MINUTE,
    )
    tell(now - 83 * MINUTE)
    return incident, offers


def later_word(incident: Incident, cast: Cast, *, tell: Tell, now: datetime) -> None:
    """Forty minutes on: more seats, and a later hour than we first said."""
    post_update(
        incident,
        body="We have added seats on the early afternoon flight and rooms at the airport hotel. Please choose before "
        "you come to the desk: the queue there is long, and every option is also on your phone.",
        by=cast.dara,
        status=Incident.Status.IDENTIFIED,
        next_update_due_at=now + 50 * MINUTE,
        now=now - 40 * MINUTE,
    )
    publish_estimate(
        incident,
        by=cast.dara,
        restored_by=now + 4 * HOUR,
        reason="The replacement crew is held up in Edinburgh.",
        source="Crew control",
        now=now - 38 * MINUTE,
    )
    tell(now - 37 * MINUTE)


def _offer_ways_on(incident: Incident, cast: Cast, *, library: Library, now: datetime) -> list[Offer]:
    """Refund first, then two ways to Amsterdam, a voucher, and a call beside any of them."""
    at = now - 88 * MINUTE
    afternoon = make_pool(incident.page, name="Seats on NW416 later today", capacity=60, by=cast.eli, now=at)
    tomorrow = make_pool(incident.page, name="Seats tomorrow with hotel", capacity=90, by=cast.eli, now=at)
    until = now + 5 * HOUR
    plans = [
        (library.refund, None),
        (library.afternoon, afternoon),
        (library.tomorrow, tomorrow),
        (library.voucher, None),
        (library.callback, None),
    ]
    return [
        attach_offer(incident, remedy=remedy, by=cast.eli, choose_by=until, pool=pool, position=place, now=at)
        for place, (remedy, pool) in enumerate(plans, start=1)
    ]


def half_choose(incident: Incident, cast: Cast, offers: list[Offer], *, now: datetime, seed: random.Random) -> None:
    """Ben and sixty others have chosen; Ana has not. Staff have fulfilled some, two of them late."""
    refund, afternoon, tomorrow, voucher, _callback = offers
    impacts = list(incident.impacts.select_related("customer", "holding").order_by("id"))
    waiting = [impact for impact in impacts if impact.customer_id not in (cast.ana.pk, cast.ben.pk)]
    ben = next(impact for impact in impacts if impact.customer_id == cast.ben.pk)
    picks = [afternoon] * 34 + [tomorrow] * 14 + [refund] * 9 + [voucher] * 3
    seed.shuffle(picks)
    _choose(ben, afternoon, at=now - 70 * MINUTE)
    for step, (impact, offer) in enumerate(zip(waiting, picks, strict=False)):
        _choose(impact, offer, at=now - 68 * MINUTE + step * MINUTE)
    _fulfil_some(incident, cast, afternoon, now=now)


def _fulfil_some(incident: Incident, cast: Cast, offer: Offer, *, now: datetime) -> None:
    """All who fly later today have their boarding pass, but for four: two got it late, two still wait for it."""
    tasks = list(Task.objects.filter(impact__incident=incident, choice__offer=offer).order_by("id"))
    for task in [*tasks[:5], *tasks[9:]]:
        complete_task(task, by=cast.eli, now=min(task.created_at + 12 * MINUTE, now - MINUTE))
    break_due_promises(now=now - MINUTE)
    for task in tasks[5:7]:
        complete_task(task, by=cast.eli, now=now - MINUTE)


def _choose(impact: Impact, offer: Offer, *, at: datetime) -> None:
    mark_seen(impact, now=at - MINUTE)
    choose_offer(
        impact,
        offer=offer,
        seen_version=offer.version,
        replaces="",
        key=f"demo-{offer.public_id}",
        by=Actor.link(impact.customer.name),
        now=at,
    )


def _look_back(impact: Impact, *, at: datetime, seed: random.Random) -> None:
    by = Actor.link(impact.customer.name)
    mark_seen(impact, now=at)
    answer_check_in(impact, answer="yes", by=by, now=at)
    satisfaction = seed.choices([2, 3, 4, 5], weights=[1, 3, 8, 6])[0]
    effort = seed.choices([3, 4, 5, 6, 7], weights=[1, 2, 5, 6, 3])[0]
    comment = seed.choice(
        ["", "", "The message came before I reached the desk.", "Quick, but the line was long.", "Thank you."]
    )
    rate(impact, satisfaction=satisfaction, effort=effort, comment=comment, by=by, now=at + 2 * MINUTE)


def _refs(flight: str, number: int) -> str:
    return "\n".join(f"{flight}-{index:03}" for index in range(1, number + 1))
