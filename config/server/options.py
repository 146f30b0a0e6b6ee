"""What uvicorn is told, whatever the installation."""

from typing import Any

from config.server.connection import KEPT_FOR

OPTIONS: dict[str, Any] = {
    "http": "config.server.connection:Connection",
    "loop": "uvloop",
    "ws": "none",
    "lifespan": "on",
    "log_config": None,
    "access_log": False,  # portal.publishing.access_log writes one
    "proxy_headers": False,  # Django reads them, and knows how many proxies to trust
    "server_header": False,
    "timeout_keep_alive": KEPT_FOR,
    "timeout_graceful_shutdown": 10,  # seconds that answers under way have when it is told to stop
    "timeout_worker_healthcheck": 30,  # seconds that a process of several may be busy before it counts as hung
}
