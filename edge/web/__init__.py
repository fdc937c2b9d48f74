"""Screens and the JSON API over Flask; one blueprint and one view-model module per surface."""
