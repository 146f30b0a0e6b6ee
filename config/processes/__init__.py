"""What `manage.py up` prepares, runs, watches and ends."""
