"""What devices say of themselves, and what central says to one of them."""
