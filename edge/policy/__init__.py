"""What may be shown: every reason to leave something out, as a rule with a name."""
