"""Desk pages for what was told to whom, and for who must not be told."""

from notifications.admin import deliveries

__all__ = ["deliveries"]
