"""Desk pages for people, roles, readers and tokens."""
