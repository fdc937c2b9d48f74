"""What recognising customers adds, measured on real households through the running service."""
