"""Every face toward outsiders; no models. May import incidents, never notifications."""
