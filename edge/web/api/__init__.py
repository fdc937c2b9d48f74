"""The JSON API: a till or another screen uses the same decisions."""
