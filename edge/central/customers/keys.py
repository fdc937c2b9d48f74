"""What central needs to take what is said of customers, and to answer."""

from dataclasses import dataclass, field

from edge.central.customers.row_key import RowKey
from edge.central.customers.sealed_message import Writing


@dataclass(frozen=True, slots=True)
class CustomerKeys:
    """Central's keys for customers."""

    exchange_private: bytes = field(repr=False)
    row_key: RowKey = field(repr=False)
    writing: Writing
