"""Which column is about a person, and what happens to it: ``personal.toml``, read and checked."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final, Literal

from edge.core.errors import ContractError

Whose = Literal["customer", "staff"]

_NOBODYS: Final = "no"
_WITHHELD: Final = "withheld: "


@dataclass(frozen=True, slots=True)
class Rule:
    """What happens to a column that is about a person."""

    whose: Whose
    export: str
    erase: str
    retention: str

    @property
    def is_exported(self) -> bool:
        """Whether the customer gets it in their export."""
        return self.whose == "customer" and not self.export.startswith(_WITHHELD)


Columns = Mapping[str, Rule | None]
"""Column -> its rule; None: it is about nobody."""


@cache
def personal(database: Literal["edge", "keys"]) -> Mapping[str, Columns]:
    """Return table -> columns of ``edge.db`` or ``keys.db``."""
    return parse(files("edge.store").joinpath("personal.toml").read_text())[database]


def parse(text: str) -> Mapping[str, Mapping[str, Columns]]:
    """Return database -> table -> columns.

    Raises:
        ContractError: A rule is not whole, or a column names one that is not there.
    """
    raw = tomllib.loads(text)
    rules = {name: _rule(name, rule) for name, rule in raw.pop("rules").items()}
    return MappingProxyType(
        {
            database: MappingProxyType(
                {table: _columns(table, columns, rules) for table, columns in tables.items()}
            )
            for database, tables in raw.items()
        }
    )


def _rule(name: str, raw: Mapping[str, Any]) -> Rule:
    mapped = [str(raw.get(key, "")).strip() for key in ("whose", "export", "erase", "retention")]
    whose, export, erase, retention = mapped
    shown = export in ("column", "opened") or whose == "staff"
    if not all(mapped) or set(raw) != {"whose", "export", "erase", "retention"}:
        msg = f"personal.toml: wanted whose, export, erase and retention in rule {name}"
        raise ContractError(msg)
    if not shown and len(export) <= len(_WITHHELD):
        msg = f"personal.toml: wanted column, opened or why it is withheld, got {export!r}"
        raise ContractError(msg)
    if whose not in ("customer", "staff"):
        msg = f"personal.toml: wanted customer or staff in rule {name}, got {whose!r}"
        raise ContractError(msg)
    return Rule("customer" if whose == "customer" else "staff", export, erase, retention)


def _columns(table: str, raw: Mapping[str, str], rules: Mapping[str, Rule]) -> Columns:
    unknown = sorted(set(raw.values()) - set(rules) - {_NOBODYS})
    if unknown:
        msg = f"personal.toml: wanted a rule for {table}, found none called {', '.join(unknown)}"
        raise ContractError(msg)
    return MappingProxyType(
        {name: None if rule == _NOBODYS else rules[rule] for name, rule in raw.items()}
    )
