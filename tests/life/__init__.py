"""A salesperson at the screens of a subscription's life, with a real browser."""
