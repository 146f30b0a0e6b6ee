"""Makes the staff desk (config/desk/site.py) the site that `django.contrib.admin` registers with."""

from django.contrib.admin.apps import AdminConfig


class DeskConfig(AdminConfig):
    default_site = "config.desk.site.Desk"
