"""How words, dates and states are written."""
