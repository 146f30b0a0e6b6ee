"""How often something may be asked for, counted in the shared cache. A cache that is away allows."""

import hashlib
import time
from ipaddress import IPv6Address, ip_address

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


def client(address: str) -> str:
    """What to count for somebody at this IP address: who has one of IPv6 has all of its network's 2^64."""
    known = ip_address(address)
    if isinstance(known, IPv6Address):
        if known.ipv4_mapped:
            return f"client:{known.ipv4_mapped}"
        return f"client:{IPv6Address(int(known) >> 64 << 64)}/64"
    return f"client:{known}"
