"""A whole fleet on one machine, to be seen: broker, database, bridge, server, shops, shoppers."""
