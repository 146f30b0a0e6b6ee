"""The only writers of channels, subscriptions and suppressions."""
