"""What Django answers: parse, call one action, render or redirect."""
