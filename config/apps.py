from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Registers the deployment checks and the `up` command."""

    name = "config"
    verbose_name = "Makegood"
