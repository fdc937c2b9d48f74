"""Signed shop texts and settings: loaded when the process starts, changed by starting it again."""
