"""What the web server runs: the front, and behind it Django."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django_application = get_wsgi_application()

from portal.publishing.front import PublicFront  # noqa: E402 - what it imports needs Django to be set up

application = PublicFront(django_application)
application.open()
