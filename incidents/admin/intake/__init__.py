"""Desk pages for customers, holdings and their import."""
