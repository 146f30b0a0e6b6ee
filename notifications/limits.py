"""How often something may be asked for, counted in the shared cache. A cache that is away allows."""

import hashlib
import time

from django.core.cache import cache


def is_allowed(what: str, *, times: int, within: int) -> bool:
    """Count one request for ``what``; whether it is among the first ``times`` of this window of ``within`` seconds.

    Windows are counted from the epoch: the key names its own, so nothing a cache does to a key's life makes it shorter.
    """
    # Hashed, since an address may be longer than a key may be.
    key = f"notifications:limit:{hashlib.sha256(what.encode()).hexdigest()}:{int(time.time()) // within}"
    if cache.add(key, 1, timeout=within):
        return True
    try:
        counted = cache.incr(key)
    except ValueError:  # the window ended between the two calls
        return True
    cache.touch(key, within)  # a database's `incr` leaves the key five minutes to live
    return counted <= times
