"""Use cases and wiring: read this first."""
