"""What puts it right: remedies, offers and their stock, choices, promises and the tasks that keep them."""
