"""The seven sins of personalization, each a policy of its own: ``judge``."""
