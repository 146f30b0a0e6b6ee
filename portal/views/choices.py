"""Choosing an offer and giving a choice back: one page that asks, one POST that acts."""

from http import HTTPStatus
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from incidents.actions.recovery.choices import cancel_choice, choose_offer
from incidents.errors import DomainError, InvalidInput, NotOffered, OfferChanged
from incidents.models import Choice, Offer
from portal.personal.access import Visit
from portal.personal.forms import CancelForm, ChooseForm
from portal.views.impacts import background, show_refusal

INCOMPLETE = _("Your browser did not send everything that we need. Please choose again.")


@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest, visit: Visit) -> HttpResponse:
    """GET asks whether this offer is meant, and says what it changes; POST chooses it."""
    visit.require_choice()
    if request.method == "POST":
        return _choose(request, visit)
    return _ask(request, visit, request.GET.get("offer", ""), seen_version=request.GET.get("version", ""))


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, visit: Visit) -> HttpResponse:
    """GET asks whether the choice is really to be given back; POST gives it back."""
    visit.require_choice()
    if request.method == "POST":
        return _cancel(request, visit)
    context = background(request, visit, timezone.now())
    public_id = request.GET.get("choice", "")
    choice = next((view for view in context["impact_view"].choices if view.choice.public_id == public_id), None)
    if choice is None or choice.until is None:
        return redirect(visit.address())
    return render(request, "portal/cancel.html", context | {"chosen": choice})


def _ask(
    request: HttpRequest, visit: Visit, public_id: str, *, seen_version: str, status: int = HTTPStatus.OK
) -> HttpResponse:
    """The page that asks: the offer's terms as they are now, what it replaces, and the key that makes it count once."""
    now = timezone.now()
    context = background(request, visit, now)
    card = next((card for card in context["impact_view"].offers if card.offer.public_id == public_id), None)
    if card is None or not card.can_choose:
        return redirect(visit.address())
    replaced = None if card.offer.is_extra else context["impact_view"].main_choice
    terms = {
        "card": card,
        "replaced": replaced,
        "promised_by": now + card.offer.fulfil_within,
        "has_changed": seen_version not in ("", str(card.offer.version)),
        "form": ChooseForm(
            initial={
                "offer": card.offer.public_id,
                "seen_version": card.offer.version,
                "replaces": replaced.choice.public_id if replaced else "",
                "key": uuid4().hex,
            }
        ),
    }
    return render(request, "portal/choose.html", context | terms, status=status)


def _choose(request: HttpRequest, visit: Visit) -> HttpResponse:
    form = ChooseForm(request.POST)
    if not form.is_valid():
        return show_refusal(request, visit, InvalidInput(INCOMPLETE))
    fields = form.cleaned_data
    try:
        choose_offer(
            visit.impact,
            offer=_offer(fields["offer"]),
            seen_version=fields["seen_version"],
            replaces=fields["replaces"],
            key=fields["key"],
            by=visit.by,
        )
    except OfferChanged:
        return _ask(
            request, visit, fields["offer"], seen_version=str(fields["seen_version"]), status=HTTPStatus.CONFLICT
        )
    except DomainError as refusal:
        return show_refusal(request, visit, refusal)
    return redirect(f"{visit.address()}?said=chosen#choice")


def _cancel(request: HttpRequest, visit: Visit) -> HttpResponse:
    form = CancelForm(request.POST)
    choices = Choice.objects.filter(impact=visit.impact).select_related("offer")
    choice = choices.filter(public_id=form.cleaned_data["choice"]).first() if form.is_valid() else None
    if choice is None:
        return show_refusal(request, visit, InvalidInput(INCOMPLETE))
    try:
        cancel_choice(choice, by=visit.by)
    except DomainError as refusal:
        return show_refusal(request, visit, refusal)
    return redirect(f"{visit.address()}?said=cancelled#choice")


def _offer(public_id: str) -> Offer:
    """Whether it is offered for this impact is the action's to judge; one that does not exist is not."""
    offer = Offer.objects.filter(public_id=public_id).first()
    if offer is None:
        raise NotOffered
    return offer
