"""Care of subscribers, killed and done by two at once; and people in front of a real browser."""
