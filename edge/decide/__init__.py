"""The whole decision as one pure function, and its explanation."""
