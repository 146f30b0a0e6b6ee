"""What is public about a page, as plain values read from the database; nothing that depends on the hour."""
