"""Signed releases on this device: fetched, checked, tried, committed or rolled back."""
