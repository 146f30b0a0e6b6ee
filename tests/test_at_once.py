"""No two callers of at_once share a row, and what would let them is refused."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from threading import Event as Signal
from typing import Any

import pytest
from django.db import connection, transaction

from incidents.actor import Actor
from incidents.errors import WrongState
from incidents.models import Component, Page
from tests.at_once import at_once, call, kinds, read_anew
from tests.make import make_component, make_page, make_user

needs_server = pytest.mark.skipif(connection.vendor != "postgresql", reason="threads need a server")


@dataclass(frozen=True, slots=True)
class Pair:
    page: Page
    component: Component


def rename(component: Component, name: str) -> str:
    component.name = name
    return component.page.name


@pytest.mark.django_db
def test_rows_are_read_anew_wherever_they_stand() -> None:
    page, user = make_page(), make_user("Dara")
    component = make_component(page, name="Trains")
    rename(component, "Not saved")

    components, [pair], actor, keyed, inner = read_anew(
        ([component], (Pair(page, component),), Actor.staff(user), {component: page}, call(rename, component, name="x"))
    )

    rows = [components[0], pair.component, *keyed, inner.args[0]]
    assert [row.name for row in rows] == ["Trains"] * 4
    assert (actor, actor.user is user, pair.page is page, keyed) == (Actor.staff(user), False, False, {rows[0]: page})
    assert component.name == "Not saved"


@pytest.mark.django_db
def test_what_is_one_instance_to_a_caller_stays_one() -> None:
    page = make_page()

    first, second = read_anew([page, {"page": page}])

    assert first is second["page"] is not page


@pytest.mark.django_db
def test_a_row_that_is_not_stored_is_refused() -> None:
    with pytest.raises(TypeError, match="not stored"):
        read_anew([Page(name="New")])


@pytest.mark.django_db
def test_a_query_comes_without_what_it_has_read() -> None:
    make_page()
    query = Page.objects.all()

    assert read_anew(query) is not query
    assert list(query)
    with pytest.raises(TypeError, match="shared"):
        read_anew(query)


@pytest.mark.django_db
def test_what_reaches_rows_in_other_ways_is_refused() -> None:
    page = make_page()

    for reaching in (page.components, page.components.all(), iter([page]), page.refresh_from_db, lambda: page):
        with pytest.raises(TypeError, match="shared"):
            read_anew(reaching)


def closure_over(cell: Any) -> Callable[[], Any]:
    def act() -> Any:
        return cell

    return act


@pytest.mark.django_db
def test_a_function_that_brings_rows_of_its_own_is_refused() -> None:
    page = make_page()
    component = make_component(page)

    def by_default(page: Page = page) -> Page:
        return page

    for function in (closure_over(page), closure_over([Pair(page, component)]), closure_over(by_default), by_default):
        with pytest.raises(TypeError, match="shared"):
            call(function)
    for function in (partial(rename, component, "x"), page.refresh_from_db):
        with pytest.raises(TypeError, match="a function is needed"):
            call(function)


def test_a_function_around_another_is_none_that_brings_rows() -> None:
    decorated = transaction.atomic(rename)

    assert call(decorated, name="x").function is decorated
    assert call(closure_over([1, "two", Page]))()[:2] == [1, "two"]


def test_only_calls_are_called() -> None:
    with pytest.raises(TypeError, match="made by call"):
        at_once(lambda: None)  # type: ignore[arg-type]


def test_a_call_can_be_made_with_other_arguments() -> None:
    assert call(dict, one=1, two=2).but(two=3)() == {"one": 1, "two": 3}


@needs_server
@pytest.mark.django_db(transaction=True)
def test_no_caller_sees_what_another_did_to_its_row() -> None:
    component = make_component(make_page(name="P"), name="Trains")
    renamed = Signal()

    names = at_once(call(rename_and_say, component, renamed), call(name_after, component, renamed))

    assert names == ["P", "Trains"]
    assert component.name == "Trains"


@needs_server
@pytest.mark.django_db(transaction=True)
def test_refusals_are_outcomes_and_failures_are_raised() -> None:
    page = make_page()
    assert kinds(at_once(call(refuse, page), call(str, page))) == ["WrongState", "str"]

    deleted = make_page()
    Page.objects.filter(pk=deleted.pk).delete()
    with pytest.raises(Page.DoesNotExist):
        at_once(call(str, page), call(str, deleted))


def rename_and_say(component: Component, renamed: Signal) -> str:
    try:
        return rename(component, "Buses")
    finally:
        renamed.set()


def name_after(component: Component, renamed: Signal) -> str:
    assert renamed.wait(timeout=20)
    return component.name


def refuse(page: Page) -> None:
    raise WrongState(page.name)
