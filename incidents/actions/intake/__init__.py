"""What comes in from outside: customers and holdings, other status pages' history, visitors' reports."""
