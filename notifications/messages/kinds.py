"""The kinds of messages, by their names: the folders of their templates."""

# They say how the incident stands when they are sent: a newer one says all that an older one would.
STATUS_MESSAGES = (
    "first_notice",
    "personal_update",
    "estimate_revised",
    "check_in",
    "public_update",
    "rescheduled",
    "personal_rescheduled",
    "cancelled",
    "personal_cancelled",
)
REMINDERS = ("reminder", "personal_reminder")
