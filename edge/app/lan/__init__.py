"""The demo on the shop's own network: real phones come over TLS."""
