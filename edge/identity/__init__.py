"""Who stands there: anonymous, until the customer presents a token."""
