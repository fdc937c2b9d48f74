"""Facts without a person: time, daypart, weather, what sells."""
