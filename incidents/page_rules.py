"""What a page may be: its host name, its languages, its colours. Each refusal says in words what would do."""

import re
from collections.abc import Collection
from unicodedata import normalize

from django.conf import settings
from django.utils.translation import gettext as _

from incidents.colours import DARK_GROUNDS, HEX, LEAST, LIGHT_GROUNDS, judge
from incidents.errors import InvalidInput
from incidents.models import Component, CustomerGroup, Page

LONGEST_NAME = 253
LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
COLOURS = ("accent_light", "accent_dark", "masthead_light", "masthead_dark")


def check_page(page: Page) -> None:
    """Bring what was typed into its one form and refuse what cannot be. Raises InvalidInput."""
    page.domain = read_domain(page.domain)
    if page.domain and Page.objects.exclude(pk=page.pk).filter(domain=page.domain).exists():
        raise InvalidInput(_("Another page has this domain."), field="domain")
    _check_languages(page)
    for name in COLOURS:
        setattr(page, name, _read_colour(getattr(page, name), field=name))
    _check_accent(page.accent_light, LIGHT_GROUNDS, field="accent_light")
    _check_accent(page.accent_dark, DARK_GROUNDS, field="accent_dark")
    for light, dark in (("accent_light", "accent_dark"), ("masthead_light", "masthead_dark")):
        if getattr(page, dark) and not getattr(page, light):
            raise InvalidInput(_("Choose the colour in the light first."), field=light)


def check_language_stays(page: Page) -> None:
    """Raises InvalidInput for another default language once something is written: every text of a page counts as
    written in it, so a new one would call all of them what they are not, and translations into it would stand beside
    themselves. Its own name and description stand in the same form and may be written anew with it."""
    was = Page.objects.filter(pk=page.pk).values_list("language", flat=True).first() if page.pk else None
    if was is None or was == page.language:
        return
    about = (page.groups, page.components, page.incidents, page.translations)
    if any(rows.exists() for rows in about):
        message = _(
            "Texts on this page are written in %(language)s, and nothing would translate them. "
            "Add other languages to it, or make a new page for what is written in another one."
        )
        raise InvalidInput(message % {"language": dict(settings.LANGUAGES).get(was, was)}, field="language")


def check_readers(page: Page, groups: Collection[CustomerGroup]) -> None:
    """Raises InvalidInput for a page that would be for nobody."""
    if page.visibility == Page.Visibility.GROUPS and not groups:
        raise InvalidInput(_("Pick at least one group whose people may read it."), field="customer_groups")


def check_guests(page: Page, guests: Collection[Component]) -> None:
    """Raises InvalidInput for components that stand on the page anyway, or whose id another one there has."""
    if any(guest.page_id == page.pk for guest in guests):
        raise InvalidInput(_("The page's own components are shown anyway."), field="guests")
    page_ids = Component.objects.filter(page=page).values_list("public_id", flat=True) if page.pk else ()
    ids = [*page_ids, *(guest.public_id for guest in guests)]
    if len(set(ids)) < len(ids):
        raise InvalidInput(_("Two of these components have the same id; only one can stand here."), field="guests")


def read_domain(text: str) -> str:
    """A host name as a browser sends it: small letters, in punycode. Raises InvalidInput; nothing stays nothing."""
    text = text.strip().lower().rstrip(".")
    if not text:
        return ""
    if re.search(r"[/:@?#\s]", text):
        message = _("Only the host name, without https://, port or path: status.example.org.")
        raise InvalidInput(message, field="domain")
    try:
        name = text.encode("idna").decode("ascii")
        # Not so of ß and a few others: browsers follow newer rules, by which it is no ss.
        is_said = text.isascii() or name.encode().decode("idna") == normalize("NFKC", text).replace("。", ".")
    except UnicodeError:
        name, is_said = "", False
    labels = name.split(".")
    is_name = len(labels) > 1 and all(LABEL.fullmatch(label) for label in labels) and not labels[-1].isdigit()
    if is_name and not is_said:
        message = _("Write this name as browsers send it, in small letters from a to z: xn--….")
        raise InvalidInput(message, field="domain")
    if not is_name or len(name) > LONGEST_NAME:
        raise InvalidInput(_("This is no host name; write it like status.example.org."), field="domain")
    if name in {host.lower() for host in settings.OWN_HOSTS}:
        raise InvalidInput(_("This name is the whole installation's; a page needs one of its own."), field="domain")
    return name


def _check_languages(page: Page) -> None:
    languages = dict(settings.LANGUAGES)
    if page.language not in languages:
        raise InvalidInput(_("Pick one of the languages that this site speaks."), field="language")
    codes = page.languages
    if not isinstance(codes, list) or any(code not in languages for code in codes) or len(set(codes)) < len(codes):
        raise InvalidInput(_("Pick from the languages that this site speaks, each once."), field="languages")
    if page.language in codes:
        message = _("%(language)s is the default language already.") % {"language": languages[page.language]}
        raise InvalidInput(message, field="languages")


def _read_colour(text: str, *, field: str) -> str:
    colour = text.strip().lower()
    colour = colour if not colour or colour.startswith("#") else f"#{colour}"
    if re.fullmatch(r"#[0-9a-f]{3}", colour):
        colour = "#" + "".join(digit * 2 for digit in colour[1:])
    if colour and not HEX.fullmatch(colour):
        raise InvalidInput(_("Write a colour like #1d3f72."), field=field)
    return colour


def _check_accent(colour: str, grounds: tuple[str, ...], *, field: str) -> None:
    unreadable = judge(colour, grounds) if colour else None
    if unreadable is None:
        return
    # Translators: a ratio of contrast, as in "1.5 : 1".
    message = _("%(colour)s on %(ground)s is %(ratio)s : 1; at least %(least)s : 1 is needed.") % {
        "colour": unreadable.colour,
        "ground": unreadable.ground,
        "ratio": int(unreadable.ratio * 10) / 10,  # cut, so that 4.46 does not read as enough
        "least": LEAST,
    }
    tone = _("A darker tone that works: %(tone)s") if unreadable.is_darker else _("A lighter tone that works: %(tone)s")
    raise InvalidInput(f"{message} {tone % {'tone': unreadable.instead}}", field=field)
