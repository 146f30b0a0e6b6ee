"""Signed links: they open one impact, for whom they were made, without signing in."""

from dataclasses import dataclass
from datetime import timedelta

from django.core import signing

from incidents.models import Impact, User

_SALT = "incidents.links.impact"
VALID_FOR = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class ImpactLink:
    """What a link says: which impact, whether its bearer may choose, and who that is (if they have an account)."""

    impact: str
    may_choose: bool
    user: int | None


def sign_impact(impact: Impact, *, may_choose: bool, user: User | None = None) -> str:
    """A token for addresses: URL-safe, tamper-proof, valid for 180 days."""
    value = {"i": impact.public_id, "c": int(may_choose), "u": user.pk if user else None}
    return signing.dumps(value, salt=_SALT, compress=True)


def read_impact(token: str) -> ImpactLink | None:
    """What the token says, or None when it is forged, foreign or too old."""
    try:
        value = signing.loads(token, salt=_SALT, max_age=VALID_FOR)
    except signing.BadSignature:
        return None
    return ImpactLink(impact=value["i"], may_choose=bool(value["c"]), user=value["u"])
