"""The web server: uvicorn, with the front's fast path on every connection and Django in threads behind."""
