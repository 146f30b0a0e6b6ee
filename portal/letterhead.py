"""What stands at the head and the foot of every page: whose page it is, and how to reach them."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from incidents.models import Page

PRODUCT = "Makegood"


@dataclass(frozen=True)
class Letterhead:
    """One page's name, its own root address, and ways to reach a person."""

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

    @property
    def site(self) -> str:
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
        return "/subscribe" if self.root == "/" else f"/subscribe?page={self.slug}"

    def absolute(self, path: str = "") -> str:
        """The full address of something below the page's root, of the page itself without a slash at its end."""
        return f"{settings.BASE_URL.rstrip('/')}{self.root}{path}".rstrip("/")


def root_of(page: Page) -> str:
    """The address below which a page's public documents stand."""
    return "/" if page.is_default else f"/p/{page.slug}/"


def letterhead_of(page: Page) -> Letterhead:
    return Letterhead(
        name=page.name,
        root=root_of(page),
        slug=page.slug,
        zone=page.time_zone,
        language=page.language,
        description=page.description,
        url=page.url,
        support_email=page.support_email,
        support_phone=page.support_phone,
        support_url=page.support_url,
    )
