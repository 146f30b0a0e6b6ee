"""What a request's headers ask for, as RFC 9110 reads them: which encoding, which version they know already."""

from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache

from portal.documents.document import BROTLI, GZIP

# In the order of our liking, which decides between those that a client likes equally.
OFFERED = (BROTLI, GZIP)


# Browsers send a handful of different texts; strangers may send others, and push only each other out.
@lru_cache(maxsize=512)
def best_encoding(accepted: str) -> str:
    """The encoding to answer with, "" for none (§12.5.3); the plain document is never refused to anybody."""
    weights = dict(_weighed(accepted))
    default_weight = weights.get("*", 0.0)
    best = max(OFFERED, key=lambda encoding: weights.get(encoding, default_weight))
    weight = weights.get(best, default_weight)
    return best if weight and weight >= weights.get("identity", 0.0) else ""


def _weighed(accepted: str) -> Iterator[tuple[str, float]]:
    """Each coding with its weight; one whose weight cannot be read is left out."""
    for part in accepted.lower().split(","):
        coding, _, parameter = part.partition(";")
        name, _, text = parameter.partition("=")
        try:
            weight = float(text) if name.strip() == "q" else 1.0
        except ValueError:
            continue
        if 0 <= weight <= 1:
            yield coding.strip(), weight


def knows(if_none_match: str, etag: str) -> bool:
    """Whether one of these versions is ours (§13.1.2): any of a list, compared weakly, or `*`."""
    return if_none_match == etag or any(
        tag.strip().removeprefix("W/") in {etag, "*"} for tag in if_none_match.split(",")
    )


def is_as_of(if_modified_since: str, changed_at: datetime | None) -> bool:
    """Whether what was read then still holds (§13.1.3); a date that cannot be read is ignored."""
    if changed_at is None:
        return False
    try:
        known_at = parsedate_to_datetime(if_modified_since)
    except (ValueError, OverflowError):  # no date, or one that no calendar has
        return False
    return changed_at <= (known_at if known_at.tzinfo else known_at.replace(tzinfo=UTC))
