from django.apps import AppConfig

from config import checks  # noqa: F401 - importing them registers them


class ConfigConfig(AppConfig):
    """Brings the deployment checks and the `up` command."""

    name = "config"
    verbose_name = "Makegood"
