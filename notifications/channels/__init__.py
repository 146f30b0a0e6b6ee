"""How messages leave the machine, one folder per kind of channel."""
