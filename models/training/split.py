"""Split tickets by trading days: the past trains, the future tests.

    |-------------- first 80 % of days --------------|- last 20 % -|
    |------------ fit -----------|--- validation ----|---- test ---|

Hyperparameters are chosen on the validation days; the model is then fitted on all of the first
80 %, and the test days are looked at once.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from models.training.datasets import DatasetContractError
from models.training.prepare import Tickets

TRAIN_SHARE: Final = 0.8
"""Share of trading days that train, in the split and again within it for validation."""

FEWEST_DAYS: Final = 10


@dataclass(frozen=True, slots=True)
class Split:
    """Tickets in the ids of the catalog that the training days sold, most sold first."""

    fit: Tickets
    validation: Tickets
    train: Tickets  # fit and validation
    test: Tickets


def split_by_days(tickets: Tickets) -> Split:
    """Return the split of ``tickets``; items that only the test days sold are no items.

    Raises:
        DatasetContractError: There are fewer than ten trading days.
    """
    days = np.unique(tickets.day)
    if len(days) < FEWEST_DAYS:
        msg = f"expected tickets of at least {FEWEST_DAYS} days, got {len(days)}"
        raise DatasetContractError((msg,))
    test_from = days[int(len(days) * TRAIN_SHARE)]
    past = days[days < test_from]
    validation_from = past[int(len(past) * TRAIN_SHARE)]
    train = tickets.only(tickets.day < test_from)
    known = tickets.of_catalog(catalog_of(train))
    return Split(
        fit=known.only(known.day < validation_from),
        validation=known.only((known.day >= validation_from) & (known.day < test_from)),
        train=known.only(known.day < test_from),
        test=known.only(known.day >= test_from),
    )


def catalog_of(tickets: Tickets) -> tuple[str, ...]:
    """Return the items that ``tickets`` sold, most sold first; ties in the order of ids."""
    sold = np.bincount(tickets.item, minlength=len(tickets.names))
    order = sorted(range(len(sold)), key=lambda i: (-sold[i], tickets.names[i]))
    return tuple(tickets.names[i] for i in order if sold[i])
