"""Reads a page with the client `statuscheck`, run in its own environment: prints what it understood, as JSON."""

import json
import sys

from statuscheck.services.bases._statuspageio import BaseStatusPageAPI


class Ours(BaseStatusPageAPI):
    name = "Ours"
    status_url = service_url = sys.argv[1]

    def _get_base_url(self) -> str:
        return f"{sys.argv[1]}/api/v2/"


summary = Ours().get_summary()
print(
    json.dumps(
        {
            "status": [summary.status.code, summary.status.name, summary.status.description],
            "components": [component.name for component in summary.components],
            "incidents": [[incident.name, incident.status] for incident in summary.incidents],
        }
    )
)
