"""Which page somebody wants to hear of, and whether they may."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Lower
from django.http.request import split_domain_port

from incidents.addresses import page_of_secret
from incidents.models import Page, User
from incidents.queries.readers import may_read, readers, readers_of
from notifications.models import Subscription


def page_at(host: str, *, slug: str = "", secret: str = "") -> Page | None:
    """The page that is asked about on a host: by its secret link, by its name, else the one at the root.
    On a page's own domain there is no other page, and one with a secret link is found by nothing else."""
    site, _port = split_domain_port(host)
    page_of_host = Page.objects.filter(domain=site).first() if site else None
    if secret:
        page = page_of_secret(secret)
        return page if page and (page_of_host or page) == page else None
    if slug and "\0" not in slug:  # PostgreSQL does not look for it but fails
        page = Page.objects.filter(slug=slug).first()
    else:
        page = None if slug else page_of_host or Page.objects.filter(is_default=True).first()
    is_found = page is not None and (page_of_host or page) == page and page.visibility != Page.Visibility.LINK
    return page if is_found else None


def may_subscribe(user: User | AnonymousUser, page: Page) -> bool:
    return may_read(user, visibility=page.visibility, slug=page.slug)


def must_be_own(page: Page) -> bool:
    """Whether only a reader's own address may hear of it: what is for some may not be sent to others."""
    return page.visibility in {Page.Visibility.SIGNED_IN, Page.Visibility.GROUPS}


def of_readers(subscriptions: QuerySet[Subscription]) -> QuerySet[Subscription]:
    """Those whose address is (still) of somebody who may read the page. A secret link is known to those who subscribed
    since it was made, and no message may tell it to others."""
    address = OuterRef("channel__address")
    accounts = readers().alias(lower=Lower("email")).filter(lower=address)
    in_group = readers_of("page_id").alias(lower=Lower("email")).filter(lower=address)
    made_at = Q(page__link_made_at__isnull=True) | Q(created_at__gte=F("page__link_made_at"))
    return subscriptions.filter(
        Q(page__visibility=Page.Visibility.PUBLIC)
        | Q(page__visibility=Page.Visibility.LINK) & made_at
        | Q(page__visibility=Page.Visibility.SIGNED_IN) & Q(Exists(accounts))
        | Q(page__visibility=Page.Visibility.GROUPS) & Q(Exists(in_group))
    )
