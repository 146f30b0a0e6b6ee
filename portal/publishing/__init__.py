"""Public documents in memory, on disk and at the front: what is published, how it is found and answered."""
