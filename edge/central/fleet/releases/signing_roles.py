"""Who signs what in the repository: its roles, how long each one's word holds, and where it reaches.

    root ── targets ── models, content, config, agent (offline) and rollouts (online)
         └─ snapshot, timestamp (online)

Whoever holds every online key can choose among what was signed offline, and nothing more.

Source: decided.md 46; fleet.md 6.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from edge.core.errors import RequestContractError


@dataclass(frozen=True, slots=True)
class SigningRole:
    """One role of the repository."""

    name: str
    life: timedelta
    """From the signing on; fresh metadata beyond it is refused by every device."""
    is_online: bool = False
    paths: str = ""
    """Which targets it may speak for; each part between slashes is matched by itself."""
    max_bytes: int = 5_000_000
    """The most that python-tuf's client, and ours, takes."""


ROOT: Final = SigningRole("root", timedelta(days=365), max_bytes=512_000)
TARGETS: Final = SigningRole("targets", timedelta(days=180))
SNAPSHOT: Final = SigningRole("snapshot", timedelta(days=14), True, max_bytes=2_000_000)
TIMESTAMP: Final = SigningRole("timestamp", timedelta(days=14), True, max_bytes=16_384)
MODELS: Final = SigningRole("models", timedelta(days=90), paths="models/*/*/*")
CONTENT: Final = SigningRole("content", timedelta(days=90), paths="content/*/*/*")
CONFIG: Final = SigningRole("config", timedelta(days=90), paths="config/*/*/*")
AGENT: Final = SigningRole("agent", timedelta(days=90), paths="agent/*/*/*")
ROLLOUTS: Final = SigningRole("rollouts", timedelta(days=14), True, paths="rollouts/*")

PACKAGE_ROLES: Final = (MODELS, CONTENT, CONFIG, AGENT)
DELEGATED: Final = (*PACKAGE_ROLES, ROLLOUTS)
TOP: Final = (ROOT, TARGETS, SNAPSHOT, TIMESTAMP)
OFFLINE: Final = (ROOT, TARGETS, *PACKAGE_ROLES)
ONLINE: Final = (SNAPSHOT, TIMESTAMP, ROLLOUTS)
_ALL: Final = {role.name: role for role in (*TOP, *DELEGATED)}
_OF_KIND: Final = {"model": MODELS, "content": CONTENT, "config": CONFIG}


def signing_role(name: str) -> SigningRole:
    """Return the role called ``name``.

    Raises:
        RequestContractError: There is none.
    """
    if name not in _ALL:
        msg = f"wanted one of the roles {', '.join(_ALL)}, got {name[:60]!r}"
        raise RequestContractError(msg)
    return _ALL[name]


def role_of_kind(kind: str) -> SigningRole:
    """Return who signs packages of a kind (model, content, config)."""
    return _OF_KIND[kind]
