"""Central's side of a customer: their key and consents come up, day keys, profiles and erasures go down."""
