"""What staff wrote, in the language of whoever reads the mail; where that lacks, as it was written, and saying so."""

import copy
from dataclasses import replace
from typing import Any, TypeVar

from django.utils.translation import get_language

from incidents.models import Choice, Offer, Page, Promise
from incidents.queries.translations import TextsInLanguages
from incidents.text.fallback_language import fallback_words, language_attributes
from notifications.messages.facts import IncidentNews, OfferLine

Row = TypeVar("Row")


def news_in_language(news: IncidentNews) -> IncidentNews:
    """How an incident stands, in the active language; `foreign` are its updates that are not in it yet."""
    page, texts = news.incident.page, texts_for(news)
    if page.language == get_language():
        return news
    updates = [update for update in (news.update, *news.earlier) if update]
    foreign = frozenset(update.pk for update in updates if not texts.in_language(update, get_language() or ""))
    return replace(
        news,
        incident=_in_language(news.incident, texts),
        update=_in_language(news.update, texts),
        earlier=[_in_language(update, texts) for update in news.earlier],
        estimate=_in_language(news.estimate, texts),
        former=_in_language(news.former, texts),
        offers=[_offer_line(line, texts) for line in news.offers],
        foreign=foreign,
        note=fallback_words(page.language),
        marks=language_attributes(page.language),
    )


def page_in_language(page: Page | None, news: IncidentNews | None) -> Page | None:
    """The page that a mail comes from, by its name in the active language where that was read with an incident."""
    return _in_language(page, texts_for(news)) if page and news else page


def choice_in_language(choice: Choice, news: IncidentNews | None) -> Choice:
    """What was agreed, in the active language as far as a translation says the same."""
    agreed = offer_texts(choice.offer, news, choice.terms)
    return _with(choice, {"terms": choice.terms | agreed}) if agreed else choice


def promise_in_language(promise: Promise, news: IncidentNews | None) -> Promise:
    offer = promise.choice.offer if promise.choice else None
    texts = offer_texts(offer, news, {"promise": promise.text}) if offer else {}
    return _with(promise, {"text": texts["promise"]}) if texts else promise


def offer_texts(offer: Offer, news: IncidentNews | None, agreed: Any = None) -> dict[str, str]:
    return texts_for(news).of_offer(offer, get_language() or "", agreed) if news else {}


def texts_for(news: IncidentNews | None) -> TextsInLanguages:
    """What was read of translations; nothing for readers of the language that staff write in."""
    is_foreign = news is not None and news.incident.page.language != get_language()
    return news.texts if news and is_foreign else TextsInLanguages()


def _in_language(row: Row, texts: TextsInLanguages) -> Row:
    """A copy of a row with its texts in the active language, never to be saved; the row itself when there are none."""
    if row is None:
        return row
    translations = texts.in_language(row, get_language() or "")
    values: dict[str, Any] = {text.field: text.text for text in translations.values()}
    if "body" in translations:
        values["body_html"] = translations["body"].html
    return _with(row, values)


def _offer_line(line: OfferLine, texts: TextsInLanguages) -> OfferLine:
    values = texts.of_offer(line.offer, get_language() or "")
    return replace(line, name=values.get("name", line.name), what_you_get=values.get("what_you_get", line.what_you_get))


def _with(row: Row, texts: dict[str, Any]) -> Row:
    if not texts:
        return row
    copy_of_row = copy.copy(row)
    for field, text in texts.items():
        setattr(copy_of_row, field, text)
    return copy_of_row
