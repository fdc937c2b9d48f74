"""What central may ask of a device: signed, at most once in effect, always answered."""
