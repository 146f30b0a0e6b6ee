"""Desk pages for what is said in public."""
