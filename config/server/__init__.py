"""The web server: uvicorn, with the storm door's fast lane on every connection and Django in threads behind."""
