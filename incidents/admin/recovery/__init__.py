"""Desk pages for remedies, offers, choices and the work that fulfils them."""
