"""Shut a child process off from the machine. Knows nothing of what the child does."""
