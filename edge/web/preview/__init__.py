"""An offer on every screen it is written for, before any shopper sees it."""
