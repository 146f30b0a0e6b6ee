"""Bringing in what others wrote: Statuspage's JSON, and CSV files of customers and holdings.

Reads and judges; ``incidents.actions.imports`` and ``incidents.actions.holdings`` write. Knows no HTTP, sends nothing.
"""
