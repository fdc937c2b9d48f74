"""Classic ways to choose products, by name; each gives products with a value, best first."""
