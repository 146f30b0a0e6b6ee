"""Hears events and tells people. May import incidents, never portal."""
