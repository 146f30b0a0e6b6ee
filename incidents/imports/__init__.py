"""Bringing in what others wrote: Statuspage's JSON, and CSV files of customers and holdings.

Reads and judges; ``incidents.actions.intake`` writes. Knows no HTTP, sends nothing.
"""
