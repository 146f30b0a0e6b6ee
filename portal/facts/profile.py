"""What stands at the head and the foot of every page: whose page it is, in which language, and how to reach them."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode, urlsplit

from django.conf.locale import LANG_INFO

from incidents.addresses import home_of, origin_of
from incidents.logos import shown_size
from incidents.models import Page

PRODUCT = "Makegood"
PUBLIC = Page.Visibility.PUBLIC.value


@dataclass(frozen=True)
class PageLanguage:
    """One language of a page: its code, its own name, and the root of the documents in it."""

    code: str
    name: str
    root: str

    @property
    def is_right_to_left(self) -> bool:
        return bool(LANG_INFO.get(self.code, {}).get("bidi"))


@dataclass(frozen=True)
class Brand:
    """A page's own colours (like #1d3f72, empty: ours) and logo: its kind, and its measures in pixels."""

    accent_light: str = ""
    accent_dark: str = ""
    masthead_light: str = ""
    masthead_dark: str = ""
    kind: str = ""
    width: int = 0
    height: int = 0

    @property
    def has_colours(self) -> bool:
        return bool(self.accent_light or self.masthead_light)

    @property
    def logo(self) -> str:
        """The name of the document, with an ending that tells a file server what it is."""
        return f"logo.{self.kind}" if self.kind else ""

    @property
    def shown_height(self) -> int:
        return shown_size(self.width, self.height)[1]

    @property
    def shown_width(self) -> int:
        return shown_size(self.width, self.height)[0]

    @property
    def is_square(self) -> bool:
        """Whether it can stand beside a page's title in a browser's tab."""
        return bool(self.kind) and self.width == self.height


@dataclass(frozen=True)
class PageProfile:
    """One page in one language.

    `home`: the path below which its documents in the default language stand; `root`: those in this one. `site`: its own
    domain, "" for a page below the installation's address. `languages`: all of them, the default one first.
    """

    name: str = PRODUCT
    root: str = "/"
    slug: str = ""
    zone: str = "UTC"
    language: str = "en"
    description: str = ""
    url: str = ""
    support_email: str = ""
    support_phone: str = ""
    support_url: str = ""
    home: str = "/"
    site: str = ""
    visibility: str = PUBLIC
    is_default: bool = False
    brand: Brand = Brand()
    # Whether its reader may know where the page stands.
    is_reachable: bool = True
    languages: tuple[PageLanguage, ...] = ()
    # Which of its own words are in this language, where that is not the default one.
    translated: tuple[str, ...] = ()

    @property
    def company(self) -> str:
        """The company's web site as a person would say it: "example.org"."""
        return (urlsplit(self.url).hostname or "").removeprefix("www.")

    @property
    def zone_words(self) -> str:
        """The zone as a person would say it: "Europe/Isle of Man", "UTC"."""
        return self.zone.removeprefix("Etc/").replace("_", " ")

    @property
    def tel(self) -> str:
        """The phone number without what a person puts between its digits."""
        return "".join(sign for sign in self.support_phone if sign.isdigit() or sign == "+")

    @property
    def subscribe(self) -> str:
        """Where to subscribe, in the language that one reads."""
        language_query = {} if self.is_default_language else {"in": self.language}
        if self.visibility == Page.Visibility.LINK.value and self.is_reachable:
            return _address(f"{self.home}subscribe", language_query)
        page_query = {} if self.home == "/" and not self.site else {"page": self.slug}
        return _address("/subscribe", page_query | language_query)

    @property
    def is_public(self) -> bool:
        return self.visibility == PUBLIC

    @property
    def is_default_language(self) -> bool:
        return self.root == self.home

    @property
    def original(self) -> str:
        """The default language: that in which staff write."""
        return self.languages[0].code if self.languages else self.language

    @property
    def origin(self) -> str:
        return origin_of(self.site)

    def absolute(self, path: str = "") -> str:
        """The full address of something below the page's root, of the page itself without a slash at its end."""
        return f"{self.origin}{self.root}{path}".rstrip("/")

    def in_language(self, code: str) -> "PageProfile":
        """The same page in another of its languages."""
        root = next(language.root for language in self.languages if language.code == code)
        return self if root == self.root else replace(self, language=code, root=root)


def profile_of(page: Page, language: str = "") -> PageProfile:
    """A page's profile in this language if the page speaks it, else in the page's default one."""
    home = home_of(page)
    codes = [page.language, *(code for code in page.languages if code != page.language)]
    profile = PageProfile(
        name=page.name,
        root=home,
        slug=page.slug,
        zone=page.time_zone,
        language=page.language,
        description=page.description,
        url=page.url,
        support_email=page.support_email,
        support_phone=page.support_phone,
        support_url=page.support_url,
        home=home,
        site=page.domain,
        visibility=page.visibility,
        is_default=page.is_default,
        brand=Brand(
            page.accent_light,
            page.accent_dark,
            page.masthead_light,
            page.masthead_dark,
            page.logo_kind,
            page.logo_width,
            page.logo_height,
        ),
        languages=tuple(
            PageLanguage(code, own_name(code), home if code == page.language else f"{home}{code}/") for code in codes
        ),
    )
    return profile.in_language(language) if language in codes else profile


def without_address(profile: PageProfile) -> PageProfile:
    """For people who may not read the page, such as customers whom an incident on it touches: its name and how to
    reach somebody, but not where it stands."""
    return replace(profile, root="/", home="/", languages=(), brand=Brand(), is_reachable=False)


def _address(path: str, query: dict[str, str]) -> str:
    return f"{path}?{urlencode(query)}" if query else path


def own_name(code: str) -> str:
    """A language by its own name: "Deutsch"."""
    name = str(LANG_INFO.get(code, {}).get("name_local", code))
    return name[:1].upper() + name[1:]
