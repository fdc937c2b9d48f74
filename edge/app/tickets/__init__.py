"""A shop's real tickets, driven through a running service and counted."""
