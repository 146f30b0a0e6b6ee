"""Where a page and what is on it stand: known to the pages themselves and to every message that links to them."""

from urllib.parse import urlsplit

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from incidents.models import Page


def origin_of(domain: str = "") -> str:
    """Scheme and host: the installation's own, or those of a page's domain, behind the same port."""
    base_url = settings.BASE_URL.rstrip("/")
    if not domain:
        return base_url
    parts = urlsplit(base_url)
    return f"{parts.scheme}://{domain}{f':{parts.port}' if parts.port else ''}"


def home_of(page: Page) -> str:
    """The path below which a page's documents in its default language stand."""
    if page.visibility == Page.Visibility.LINK:
        return f"/s/{secret_of(page)}/"
    return "/" if page.is_default or page.domain else f"/p/{page.slug}/"


def root_of(page: Page, language: str = "") -> str:
    """The same in one of its languages; in one that it does not speak, the default one's."""
    is_other = language != page.language and language in page.languages
    return f"{home_of(page)}{language}/" if is_other else home_of(page)


def address_of(page: Page, path: str = "", *, language: str = "") -> str:
    """The full address of something below a page's root."""
    return f"{origin_of(page.domain)}{root_of(page, language)}{path}"


def secret_of(page: Page) -> str:
    """What a secret link is made of: nothing is kept, and a new serial number makes another."""
    return salted_hmac(
        "incidents.addresses.secret", f"{page.public_id}:{page.link_serial}", algorithm="sha256"
    ).hexdigest()[:32]


def page_of_secret(secret: str) -> Page | None:
    """The page that this secret link opens now."""
    pages = Page.objects.filter(visibility=Page.Visibility.LINK)
    return next((page for page in pages if constant_time_compare(secret_of(page), secret)), None)
