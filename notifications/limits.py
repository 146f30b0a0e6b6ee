"""How often something may be asked for, counted in the shared cache. A cache that is away allows."""

from django.core.cache import cache


def is_allowed(what: str, *, times: int, within: int) -> bool:
    """Count one request for ``what``; whether it is among the first ``times`` of this window of ``within`` seconds."""
    key = f"notifications:limit:{what}"
    if cache.add(key, 1, timeout=within):
        return True
    try:
        return cache.incr(key) <= times
    except ValueError:  # the window ended between the two calls
        return True
