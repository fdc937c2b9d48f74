"""Vocabulary without a domain: errors, ids, time and chance as arguments."""
