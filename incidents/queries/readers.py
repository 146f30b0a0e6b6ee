"""Who may read a page that is not for everybody. Pages, programs' documents and mails all ask here."""

import hashlib
from datetime import datetime

from django.contrib.auth.models import AnonymousUser, Permission
from django.db.models import Exists, OuterRef, Q, QuerySet

from incidents.models import Membership, Page, ReadToken, User

VIEW_PAGE = "view_page"
TOKEN_MARK = "mg_read_"  # noqa: S105 - what every token begins with


def may_read(user: User | AnonymousUser, *, visibility: str, slug: str) -> bool:
    """Whether this person may read the page with this slug; at most one query. Of a secret link the address itself is
    the permission: whoever calls has found the page by it."""
    if visibility in {Page.Visibility.PUBLIC, Page.Visibility.LINK}:
        return True
    if not isinstance(user, User) or not user.is_active:
        return False
    if visibility == Page.Visibility.SIGNED_IN or user.is_superuser:
        return True
    return readers().filter(_in_group_of(slug=slug) | _on_the_staff(), pk=user.pk).exists()


def readers_of(page: str) -> QuerySet[User]:
    """For a query outside, whose column `page` names one for some groups: the people whom it is for, who act for a
    customer of one of these groups, and staff who may look at pages."""
    return readers().filter(_in_group_of(pk=OuterRef(OuterRef(page))) | _on_the_staff())


def readers() -> QuerySet[User]:
    """Everybody who can sign in."""
    return User.objects.filter(is_active=True).order_by()


def _in_group_of(**page: object) -> Q:
    acting = {f"customer__groups__pages__{name}": value for name, value in page.items()}
    return Q(Exists(Membership.objects.filter(user=OuterRef("pk"), **acting)))


def _on_the_staff() -> Q:
    can_view = Permission.objects.filter(content_type__app_label="incidents", codename=VIEW_PAGE)
    by_person = can_view.filter(user=OuterRef("pk"))
    by_role = can_view.filter(group__user=OuterRef("pk"))
    return Q(is_superuser=True) | Q(is_staff=True) & (Q(Exists(by_person)) | Q(Exists(by_role)))


def hash_of(token: str) -> str:
    """All that is kept of a token. It has 256 random bits, so nothing slower is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def find_token(token: str, *, now: datetime) -> ReadToken | None:
    """The token's row while it is good. Found by its hash, which tells a listener's clock nothing of the token."""
    if not token.startswith(TOKEN_MARK):
        return None
    unrevoked = ReadToken.objects.select_related("page").filter(token_hash=hash_of(token), revoked_at__isnull=True)
    return unrevoked.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now)).first()
