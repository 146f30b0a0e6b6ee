"""Who may see one impact, and who may choose for it."""

import pytest
from django.http import Http404

from incidents.actor import Actor
from incidents.errors import NotAllowed
from incidents.links import sign_impact
from incidents.models import Customer, Impact, Membership, User
from portal.personal.access import LinkClosed, impact_for_link, impact_for_user
from tests.make import make_customer, make_holding, make_impact, make_incident, make_membership, make_page, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def impact() -> Impact:
    return make_impact(make_incident(make_page()), make_holding(make_customer("Ana")))


@pytest.fixture
def ana(impact: Impact) -> User:
    ana = make_user("Ana")
    make_membership(ana, impact.customer)
    return ana


def test_a_member_sees_and_chooses(ana, impact) -> None:
    visit = impact_for_user(ana, impact.public_id)

    assert (visit.impact, visit.may_choose, visit.by, visit.token) == (impact, True, Actor.account(ana), "")


def test_a_viewer_sees_and_does_not_choose(impact) -> None:
    ben = make_user("Ben")
    make_membership(ben, impact.customer, role=Membership.Role.VIEWER)

    visit = impact_for_user(ben, impact.public_id)

    assert not visit.may_choose
    with pytest.raises(NotAllowed):
        visit.require_choice()


def test_a_stranger_finds_nothing(impact) -> None:
    cleo = make_user("Cleo")
    make_membership(cleo, make_customer("Cleo"))

    with pytest.raises(Http404):
        impact_for_user(cleo, impact.public_id)


def test_nobody_finds_what_does_not_exist(ana) -> None:
    with pytest.raises(Http404):
        impact_for_user(ana, "0" * 12)


def test_a_draft_is_not_there_yet(ana, impact) -> None:
    draft = make_impact(make_incident(make_page(), published=False), make_holding(impact.customer))

    with pytest.raises(Http404):
        impact_for_user(ana, draft.public_id)
    with pytest.raises(LinkClosed):
        impact_for_link(sign_impact(draft, may_choose=True))


def test_a_link_opens_the_one_impact_that_it_was_made_for(impact) -> None:
    token = sign_impact(impact, may_choose=True)

    visit = impact_for_link(token)

    assert (visit.impact, visit.may_choose, visit.by, visit.token) == (impact, True, Actor.link("Ana"), token)


def test_a_link_for_looking_does_not_choose(impact) -> None:
    assert not impact_for_link(sign_impact(impact, may_choose=False)).may_choose


def test_a_link_of_a_member_acts_in_their_name(ana, impact) -> None:
    visit = impact_for_link(sign_impact(impact, may_choose=True, user=ana))

    assert visit.by == Actor.link("Ana", ana)


def test_a_link_never_gives_more_than_the_membership_gives_now(ana, impact) -> None:
    token = sign_impact(impact, may_choose=True, user=ana)
    Membership.objects.update(role=Membership.Role.VIEWER)

    assert not impact_for_link(token).may_choose


def test_a_link_closes_when_the_membership_ends(ana, impact) -> None:
    token = sign_impact(impact, may_choose=True, user=ana)
    Membership.objects.all().delete()

    with pytest.raises(LinkClosed):
        impact_for_link(token)


def test_a_link_closes_when_the_address_that_it_went_to_is_corrected(impact) -> None:
    token = sign_impact(impact, may_choose=True)
    Customer.objects.update(email="ana.right@example.org")

    with pytest.raises(LinkClosed):
        impact_for_link(token)


def test_a_link_of_a_member_closes_when_they_move_to_another_address(ana, impact) -> None:
    token = sign_impact(impact, may_choose=True, user=ana)
    User.objects.update(email="ana.new@example.org")

    with pytest.raises(LinkClosed):
        impact_for_link(token)


def test_a_link_stays_open_when_the_same_address_is_written_differently(impact) -> None:
    token = sign_impact(impact, may_choose=True)
    Customer.objects.update(email=" Ana@Example.org ")

    assert impact_for_link(token).may_choose


def test_a_link_closes_when_the_account_is_switched_off(ana, impact) -> None:
    token = sign_impact(impact, may_choose=True, user=ana)
    User.objects.update(is_active=False)

    with pytest.raises(LinkClosed):
        impact_for_link(token)


@pytest.mark.parametrize("spoil", [lambda token: token[:-1], lambda token: f"x{token}", lambda token: "x"])
def test_a_forged_link_opens_nothing(impact, spoil) -> None:
    with pytest.raises(LinkClosed):
        impact_for_link(spoil(sign_impact(impact, may_choose=True)))


def test_a_link_opens_for_half_a_year(impact, time_machine) -> None:
    time_machine.move_to("2026-01-01T00:00:00Z", tick=False)
    token = sign_impact(impact, may_choose=True)
    time_machine.move_to("2026-06-29T00:00:00Z", tick=False)
    assert impact_for_link(token).impact == impact
    time_machine.move_to("2026-07-01T00:00:00Z", tick=False)

    with pytest.raises(LinkClosed):
        impact_for_link(token)


def test_both_doors_have_addresses_of_their_own(ana, impact) -> None:
    signed_in = impact_for_user(ana, impact.public_id)
    by_link = impact_for_link(sign_impact(impact, may_choose=True))

    assert signed_in.address() == f"/my/impacts/{impact.public_id}/"
    assert signed_in.address("check_in") == f"/my/impacts/{impact.public_id}/check-in/"
    assert by_link.address() == f"/i/{by_link.token}/"
    assert by_link.address("rate") == f"/i/{by_link.token}/rate/"
