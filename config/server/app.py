"""What uvicorn runs in each web process: the front on the wire, and behind it Django in threads."""

import sys

from django.conf import settings

from config.wsgi import application as front

# The line above sets Django up, and those below need it to be.
# isort: split
from config.server.fast_path import FastPath
from config.server.gateway import Gateway, Receive, Scope, Send
from config.server.lifespan import live
from portal.publishing.access_log import access_log
from portal.publishing.front import PROBES

# So many seconds may a thread of Django's keep the interpreter while visitors of the front wait. Python's own 5 ms are
# a long time for answers that take a hundredth of one.
sys.setswitchinterval(0.0005)

gateway = Gateway(front, settings.ENVIRONMENT.web_threads, PROBES)
fast_path = FastPath(front, access_log().note)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application."""
    if scope["type"] == "lifespan":
        await live(fast_path, scope, receive, send)
    else:
        await gateway(scope, receive, send)
