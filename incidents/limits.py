"""How often something may be asked for, counted in the shared cache. A cache that is away allows."""

import hashlib
import threading
import time
from ipaddress import IPv6Address, ip_address

from django.core.cache import cache


def is_allowed(what: str, *, times: int, within: int) -> bool:
    """Count one request for ``what``; whether it is among the first ``times`` of this window of ``within`` seconds.

    Windows are counted from the epoch: the key names its own, so nothing a cache does to a key's life makes it shorter.
    """
    # Hashed, since an address may be longer than a key may be.
    key = f"limit:{hashlib.sha256(what.encode()).hexdigest()}:{int(time.time()) // within}"
    if cache.add(key, 1, timeout=within):
        return True
    try:
        counted = cache.incr(key)
    except ValueError:  # the window ended between the two calls
        return True
    cache.touch(key, within)  # a database's `incr` leaves the key five minutes to live
    return counted <= times


class Turnstile:
    """At most so many a second through this process, counted in its memory: whoever is turned away costs nothing."""

    def __init__(self, *, times: int) -> None:
        self._times = times
        self._lock = threading.Lock()
        self._second, self._counted = 0, 0

    def lets_in(self) -> bool:
        second = int(time.time())
        with self._lock:
            if second != self._second:
                self._second, self._counted = second, 0
            self._counted += 1
            return self._counted <= self._times


def client(address: str) -> str:
    """What to count for somebody at this IP address: who has one of IPv6 has all of its network's 2^64."""
    known = ip_address(address)
    if isinstance(known, IPv6Address):
        if known.ipv4_mapped:
            return f"client:{known.ipv4_mapped}"
        return f"client:{IPv6Address(int(known) >> 64 << 64)}/64"
    return f"client:{known}"
