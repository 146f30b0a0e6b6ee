"""Signed links: they open one impact, for whom they were made, without signing in."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from django.core import signing

from incidents.models import Impact, User

_SALT = "incidents.links.impact"
VALID_FOR = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class ImpactLink:
    """What a link says: which impact, whether its bearer may choose, who that is (if they have an account), and a mark
    of the address that it went to."""

    impact: str
    may_choose: bool
    user: int | None
    address: str

    def went_to(self, address: str) -> bool:
        """Whether it was sent to this address: a corrected one closes the links in a wrong one's mailbox."""
        return self.address == _mark(address)


def sign_impact(impact: Impact, *, may_choose: bool, user: User | None = None) -> str:
    """A token for addresses: URL-safe, tamper-proof, valid for 180 days, as long as the reader keeps their address."""
    address = user.email if user else impact.customer.email
    value = {"i": impact.public_id, "c": int(may_choose), "u": user.pk if user else None, "a": _mark(address)}
    return signing.dumps(value, salt=_SALT, compress=True)


def read_impact(token: str) -> ImpactLink | None:
    """What the token says, or None when it is forged, foreign or too old."""
    try:
        value = signing.loads(token, salt=_SALT, max_age=VALID_FOR)
    except signing.BadSignature:
        return None
    return ImpactLink(impact=value["i"], may_choose=bool(value["c"]), user=value["u"], address=value.get("a", ""))


def _mark(address: str) -> str:
    return hashlib.sha256(address.strip().lower().encode()).hexdigest()[:12]
