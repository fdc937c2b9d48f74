"""A new shop from a till's export: this is how a real shop starts."""
