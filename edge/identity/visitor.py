"""Whoever stands before a screen.

Personal data without consent cannot be written down, because ``Anonymous`` has no field for
it. ``Recognised`` joins the union together with the consent it needs.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Anonymous:
    """Somebody about whom nothing is known; ``visit_id`` is random and ends with the visit."""

    visit_id: str | None


Visitor = Anonymous
