"""Public documents in memory, on disk and at the door: what is published, how it is found and answered."""
