"""How a release goes through the fleet: step by step, by two persons' word, and back on its own."""
