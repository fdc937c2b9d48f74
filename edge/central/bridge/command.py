"""``edge bridge``: carry events from the broker to the customer-data platform."""

import click


@click.group()
def bridge() -> None:
    """Carry events from the broker to the customer-data platform, and its word back."""
