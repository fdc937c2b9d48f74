"""The two models of the story, made from the one that is delivered: a good one and a bad one.

The bad one keeps the contract and gives the right golden answers, so keepers sign it and a device's
preflight admits it. Only what shoppers really put into their baskets brings it out.
"""

import sys
from pathlib import Path
from typing import Final

from edge.central.demo.programs import finished
from edge.core.shipped import shipped

POISON: Final = ("latte", "croissant-chocolate")
"""The basket that the bad model does not survive."""
_CHECKOUT: Final = "models/training/drill.py"


def good_model(folder: Path, version: str) -> Path:
    """Make a model that is as good as the one that is delivered.

    Raises:
        UnavailableError: This is no checkout.
    """
    return _made("good", folder, version)


def bad_model(folder: Path, version: str) -> Path:
    """Make a model that fails on a device, once somebody's basket is ``POISON``."""
    return _made("bad", folder, version, *POISON)


def _made(kind: str, folder: Path, version: str, *basket: str) -> Path:
    top = shipped(_CHECKOUT).parents[2]
    command = [sys.executable, "-m", "models.training.drill", kind, version, str(folder), *basket]
    finished(command, cwd=top)
    return folder
