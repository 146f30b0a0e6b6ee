"""What visitors of the status page said: a little every day, and more of it this morning."""

import random
from datetime import datetime, timedelta

from incidents.actions.intake.reports import report_problem
from incidents.demo.airline import Airline

DAYS = 14
# How many say so on each of the days before, and in the ninety minutes since the flight was cancelled.
USUALLY = {"Manchester departures": 3, "Booking": 2}
TODAY = {"Manchester departures": 34, "Check-in desks": 9, "Booking": 3}


def reports_of_visitors(airline: Airline, *, now: datetime, seed: random.Random) -> None:
    reports = [
        (name, now - timedelta(minutes=seed.randrange(90))) for name, times in TODAY.items() for _ in range(times)
    ]
    for day in range(1, DAYS + 1):
        since = now - timedelta(days=day)
        reports += [
            (name, since + timedelta(minutes=seed.randrange(1440)))
            for name, times in USUALLY.items()
            for _ in range(times)
        ]
    for number, (name, at) in enumerate(reports):
        report_problem(airline.components[name], visitor=f"Visitor {number}", now=at)
