"""Instore Edge: personalization that decides on the device and asks before it recognises anyone."""
