"""One module per public document, with its specification, and the registry of all."""
