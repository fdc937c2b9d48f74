"""The pages of the fleet server: where devices join, and what central ops see."""
