"""What Django answers: subscribing, confirming, unsubscribing, also as Statuspage's API does it."""
