"""How Makegood is put together and run: settings, addresses, the supervisor, health.

May import every other package; no other package may import it.
"""
