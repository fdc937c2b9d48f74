"""What is delivered with the program, by the name that the commands know it under."""

from edge.core.shipped import Shipped, shipped

__all__ = ["Shipped", "shipped"]
