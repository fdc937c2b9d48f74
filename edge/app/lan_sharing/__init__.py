"""What this device shares with the others of its shop, over the shop's own broker."""
