"""What a message is about, as far as people can decline it.

``account``: somebody asked for it at this moment (a sign-in code); ``confirm``: somebody typed the address into the
subscription form.
"""

PUBLIC, PERSONAL, ACCOUNT, CONFIRM = "public", "personal", "account", "confirm"
