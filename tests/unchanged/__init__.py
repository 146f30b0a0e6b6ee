"""Whether a move or a rename changed nothing: ``python -m tests.unchanged OLD [NEW]`` (docs/changing.md)."""
