"""How messages leave the machine, one module per kind of channel."""
