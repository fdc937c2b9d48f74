"""SQLite, and nothing but SQLite: what is recorded here survives a power cut.

One thread writes (``writer``), everybody may read (``readers``), one small class per table group
works inside its caller's transaction. ``Store`` puts them together.
"""
