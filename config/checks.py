"""Mistakes of deployment that single settings cannot show; run by every start and by `manage.py check`."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

Found = list[CheckMessage]


@register(Tags.security)
def check_debug(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> Found:
    """DEBUG shows settings and customers' data to whoever meets an error."""
    environment = settings.ENVIRONMENT
    if environment.debug and (environment.is_postgres or environment.is_secure):
        return [Error("DEBUG is on in production.", hint="Unset DEBUG.", id="makegood.E001")]
    return []


@register(Tags.security)
def check_inbox(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> Found:
    """The development inbox lets anybody sign in as anybody."""
    environment = settings.ENVIRONMENT
    if environment.dev_inbox and (environment.is_postgres or environment.is_secure):
        return [Warning("DEV_INBOX shows everybody's sign-in codes.", hint="Unset DEV_INBOX.", id="makegood.W001")]
    return []


@register(Tags.caches)
def check_shape(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> Found:
    """SQLite is for one host; a queue that several hosts share needs a database that they share."""
    environment = settings.ENVIRONMENT
    if environment.redis_url and not environment.is_postgres:
        hint = "Set DATABASE_URL to PostgreSQL, or leave REDIS_URL out."
        return [Warning("REDIS_URL is set but the database is SQLite.", hint=hint, id="makegood.W002")]
    return []


@register(Tags.security)
def check_address(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> Found:
    """Mails that leave the machine carry signed links: they need an address that works elsewhere, and TLS."""
    environment = settings.ENVIRONMENT
    if environment.mail.host and not environment.is_secure:
        hint = "Set BASE_URL to the https address that customers use."
        return [Warning("Mail is sent, but BASE_URL is not https.", hint=hint, id="makegood.W003")]
    return []
