"""What is said in public, and whom it touches: pages, components, incidents, updates, translations, impacts."""
