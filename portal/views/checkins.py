"""Is it fixed for you, and how was it? A link in a mail shows the question; only the button answers it."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from incidents.actions.care.feedback import answer_check_in, rate
from incidents.errors import DomainError
from incidents.models import CheckIn
from portal.personal.access import Visit
from portal.personal.forms import CheckInForm, RatingForm, refuse
from portal.views.impacts import background


@require_http_methods(["GET", "HEAD", "POST"])
def check_in(request: HttpRequest, visit: Visit) -> HttpResponse:
    """GET asks, or says what follows from the answer that was given; POST answers."""
    if request.method == "POST":
        return _answer(request, visit)
    context = background(request, visit, timezone.now())
    question = context["impact_view"].check_in
    if question is None:
        return redirect(visit.address())
    if question.answer and "again" not in request.GET:
        return render(request, "portal/check_in_answered.html", context)
    first = {"answer": request.GET.get("answer") or question.answer, "comment": question.comment}
    return render(request, "portal/check_in.html", context | {"form": CheckInForm(initial=first)})


@require_http_methods(["GET", "HEAD", "POST"])
def rating(request: HttpRequest, visit: Visit) -> HttpResponse:
    """GET asks for a rating, or thanks for the one that was given; POST rates."""
    if request.method == "POST":
        return _rate(request, visit)
    context = background(request, visit, timezone.now())
    if context["impact_view"].rating:
        return render(request, "portal/rated.html", context)
    if not context["impact_view"].may_rate:
        return redirect(visit.address("check_in"))
    return render(request, "portal/rate.html", context | {"form": RatingForm()})


def _answer(request: HttpRequest, visit: Visit) -> HttpResponse:
    form = CheckInForm(request.POST)
    if not form.is_valid():
        return _show_again(request, visit, "portal/check_in.html", form)
    try:
        answered = answer_check_in(visit.impact, by=visit.by, **form.cleaned_data)
    except DomainError as refusal:
        refuse(form, refusal)
        return _show_again(request, visit, "portal/check_in.html", form, status=HTTPStatus.CONFLICT)
    return redirect(visit.address("rate" if answered.answer == CheckIn.Answer.YES else "check_in"))


def _rate(request: HttpRequest, visit: Visit) -> HttpResponse:
    form = RatingForm(request.POST)
    if not form.is_valid():
        return _show_again(request, visit, "portal/rate.html", form)
    try:
        rate(visit.impact, by=visit.by, **form.cleaned_data)
    except DomainError as refusal:
        refuse(form, refusal)
        return _show_again(request, visit, "portal/rate.html", form, status=HTTPStatus.CONFLICT)
    return redirect(visit.address("rate"))


def _show_again(
    request: HttpRequest, visit: Visit, template: str, form: CheckInForm | RatingForm, status: int = HTTPStatus.OK
) -> HttpResponse:
    """The same form with everything that was typed, and what is the matter with it."""
    return render(request, template, background(request, visit, timezone.now()) | {"form": form}, status=status)
