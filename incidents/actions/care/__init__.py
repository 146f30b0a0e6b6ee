"""Whether it is fixed for each person, and how it was."""
