"""Signed releases on the device: fetch, verify, admit. Nothing here decides what is shown."""
