"""Chance on purpose: what is drawn, with which probability, and what it may teach."""
