"""How often something may be asked for, counted in the shared cache. A cache that is away allows."""

import hashlib
import threading
import time
from ipaddress import IPv6Address, ip_address

from django.core.cache import cache


def is_allowed(subject: str, *, times: int, within: int) -> bool:
    """Count one request for ``subject``; whether it is among the first ``times`` of this window of ``within`` seconds.

    Windows are counted from the epoch: the key names its own, so nothing a cache does to a key's life makes it shorter.
    """
    # Hashed, since an address may be longer than a key may be.
    key = f"limit:{hashlib.sha256(subject.encode()).hexdigest()}:{int(time.time()) // within}"
    if cache.add(key, 1, timeout=within):
        return True
    try:
        count = cache.incr(key)
    except ValueError:  # the window ended between the two calls
        return True
    cache.touch(key, within)  # a database's `incr` leaves the key five minutes to live
    return count <= times


class Turnstile:
    """At most so many a second through this process, counted in its memory: whoever is turned away costs nothing."""

    def __init__(self, *, times: int) -> None:
        self._times = times
        self._lock = threading.Lock()
        self._second, self._count = 0, 0

    def lets_in(self) -> bool:
        second = int(time.time())
        with self._lock:
            if second != self._second:
                self._second, self._count = second, 0
            self._count += 1
            return self._count <= self._times


def client(address: str) -> str:
    """What to count for somebody at this IP address: who has one of IPv6 has all of its network's 2^64."""
    ip = ip_address(address)
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped:
            return f"client:{ip.ipv4_mapped}"
        return f"client:{IPv6Address(int(ip) >> 64 << 64)}/64"
    return f"client:{ip}"
