"""Units in and out of pools. Each step is one conditional UPDATE; only its row count is trusted."""

from django.db.models import F

from incidents.models import Pool


def move_units(*, into: int | None, units: int, out_of: int | None = None, freed: int = 0) -> bool:
    """Reserve ``units`` in one pool, then release ``freed`` in another; False, with nothing moved, when there is not
    enough. Pools are given by primary key, None where stock is not limited. Within one pool only the difference
    moves, so that a change between two offers of a full pool works."""
    if into is not None and into == out_of:
        return _take(into, units - freed)
    if into is not None and out_of is not None:
        _lock_in_order(into, out_of)
    if into is not None and not _take(into, units):
        return False
    if out_of is not None:
        release_units(out_of, freed)
    return True


def release_units(pool: int | None, units: int) -> None:
    """Give units back; the pool's own constraint refuses to go below zero."""
    if pool is not None:
        Pool.objects.filter(pk=pool).update(taken=F("taken") - units)


def _take(pool: int, units: int) -> bool:
    if units <= 0:
        release_units(pool, -units)
        return True
    enough = Pool.objects.filter(pk=pool, taken__lte=F("capacity") - units)
    return enough.update(taken=F("taken") + units) == 1


def _lock_in_order(*pools: int) -> None:
    """Two people who swap between the same two pools would otherwise wait for each other for ever."""
    list(Pool.objects.select_for_update(no_key=True).filter(pk__in=pools).order_by("pk").values_list("pk"))
