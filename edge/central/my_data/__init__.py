"""A customer's own page at home: they see, correct, take back and erase what central keeps of them."""
