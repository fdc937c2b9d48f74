"""``edge fleet``: everything central ops can ask and do; each group lives with what it is about."""

import click


@click.group()
def fleet() -> None:
    """Sign, publish, roll out, watch and halt, over all shops."""
