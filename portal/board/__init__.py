"""What the facts mean at one moment: pure functions, which ask neither the clock nor the database."""
