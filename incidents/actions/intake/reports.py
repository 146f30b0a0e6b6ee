"""A visitor has the problem too: counted once an hour for each component, with nothing kept that says who it was.

No event is recorded: a report changes nothing that anybody is told, and a storm of them must not fill the audit trail.
"""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from incidents.errors import InvalidInput
from incidents.models import Component, Report, ReportCount
from incidents.queries.report_trend import counted_since

# Long enough to learn from after a disruption.
COUNTS_KEPT_FOR = timedelta(days=90)


@transaction.atomic
def report_problem(component: Component, *, visitor: str, now: datetime | None = None) -> bool:
    """Count that this visitor has a problem with this component; whether it counted.

    ``visitor`` is whatever tells visitors apart (an address, a browser): only a keyed hash of it is stored, another one
    each hour, until the hour is over. The same visitor again within the hour changes nothing.
    Raises InvalidInput (component) for one that visitors cannot see.
    """
    now = now or timezone.now()
    if component.is_hidden:
        raise InvalidInput(_("This part is not on the page any more. Please pick another one."), field="component")
    if not _is_first(component, visitor, now):
        return False
    since = counted_since(now)
    # The row first, then the addition in the database: of two at once, neither is lost.
    ReportCount.objects.bulk_create([ReportCount(component=component, since=since)], ignore_conflicts=True)
    ReportCount.objects.filter(component=component, since=since).update(number=F("number") + 1)
    return True


@transaction.atomic
def forget_reports(now: datetime | None = None) -> None:
    """Delete the reports of hours that are over, and counts too old to learn from."""
    now = now or timezone.now()
    Report.objects.filter(hour__lt=_hour(now)).delete()
    ReportCount.objects.filter(since__lt=now - COUNTS_KEPT_FOR).delete()


def _is_first(component: Component, visitor: str, now: datetime) -> bool:
    hour = _hour(now)
    visitor_hash = salted_hmac("incidents.claims", f"{hour.isoformat()} {visitor}", algorithm="sha256").hexdigest()
    try:
        with transaction.atomic():
            Report(component=component, hour=hour, visitor=visitor_hash).save(force_insert=True)
    except IntegrityError:
        return False
    return True


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
