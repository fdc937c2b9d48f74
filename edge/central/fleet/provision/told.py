"""What central's broker is told when somebody joins or is thrown out: ACL and list of revocations.

Written only when something in them changed: each time the broker reads them again it makes its TLS
anew, and forgets who of those that are away may hear what (see the delivered central.conf).
"""

import logging
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509

from edge.central.fleet.provision.acl import central_acl
from edge.central.fleet.provision.authority import Authority
from edge.central.fleet.provision.ledger import Ledger
from edge.central.fleet.provision.whole_files import put

ACL: Final = "acl"
REVOKED: Final = "crl.pem"
TRUSTED: Final = "ca.crt"
_BEGIN: Final = b"-----BEGIN X509 CRL-----"

Reload = Callable[[], None]
"""Makes the broker read its files again."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BrokerTold:
    """Where the broker reads its files, and how it learns that they changed."""

    folder: Path
    tenant: str
    reload: Reload

    def tell(self, ledger: Ledger, authority: Authority, now: datetime) -> bool:
        """Write what changed and say so to the broker; return whether there was anything.

        Raises:
            StorageUnavailableError: The disk does not take it; the ledger has it, the next try
                writes it.
        """
        ledger.lock_publishing()
        acl = central_acl(self.tenant, ledger.enrolled(), ledger.own(now)).encode()
        revoked = ledger.revoked(now)
        has_new_acl = _content(self.folder / ACL) != acl
        wanted = frozenset((name, one.serial) for name in authority.names for one in revoked)
        has_new_list = _listed(self.folder / REVOKED) != (authority.names, wanted)
        has_new_trust = _content(self.folder / TRUSTED) != authority.pem
        if has_new_trust:
            put(self.folder / TRUSTED, authority.pem)
        if has_new_acl:
            put(self.folder / ACL, acl)
        if has_new_list:
            put(self.folder / REVOKED, authority.revocations(revoked, now))
        has_changed = has_new_acl or has_new_list or has_new_trust
        if has_changed:
            self.reload()
        return has_changed


def hang_up(pid_file: Path) -> Reload:
    """Return what sends SIGHUP to the process in ``pid_file``; one that is not there reads anyway."""

    def reload() -> None:
        try:
            os.kill(int(pid_file.read_text("ascii")), signal.SIGHUP)
        except (OSError, ValueError) as error:
            log.warning("the broker was not told to read its files again: %s", error)

    return reload


def nobody() -> None:
    """Tell no broker: whoever runs it sees to it."""


def _content(path: Path) -> bytes | None:
    with suppress(OSError):
        return path.read_bytes()
    return None


def _listed(path: Path) -> tuple[frozenset[x509.Name], frozenset[tuple[x509.Name, int]]] | None:
    """Return whose lists are in the file, and which certificates are on which."""
    with suppress(OSError, ValueError):
        lists = [
            x509.load_pem_x509_crl(_BEGIN + one) for one in path.read_bytes().split(_BEGIN)[1:]
        ]
        entries = ((one.issuer, entry.serial_number) for one in lists for entry in one)
        return frozenset(one.issuer for one in lists), frozenset(entries)
    return None
