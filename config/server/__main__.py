"""`python -m config.server`: the web server alone. `manage.py up` runs it together with the workers."""

import argparse

import uvicorn

from config.server.options import OPTIONS


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m config.server", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=1, help="processes")
    parser.add_argument("--backlog", type=int, default=4096, help="connections that may wait to be accepted")
    parser.add_argument("--most", type=int, default=16_000, help="connections that one process may hold")
    parser.add_argument("--log-level", default="info", choices=["debug", "info", "warning", "error"])
    options = parser.parse_args()
    uvicorn.run(
        "config.server.app:application",
        host=options.host,
        port=options.port,
        workers=options.workers,
        backlog=options.backlog,
        limit_concurrency=options.most,
        # below that it tells of every stranger's broken request
        log_level="debug" if options.log_level == "debug" else "error",
        **OPTIONS,
    )


if __name__ == "__main__":
    main()
