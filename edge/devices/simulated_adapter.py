"""What BlueZ makes of advertisements, without a radio and without D-Bus.

A test against a BlueZ that reports everything would pass with settings that hear nothing in a
shop. So this one keeps back what the real one keeps back:

- A strength is reported when it moved by 8 dB, or at every packet when a client filters by RSSI.
- Data that was said before is reported again only when a client wants duplicates.
- Service UUIDs gather for as long as the address is known, in the order of their text.
- An address is forgotten 30 s after its last packet.
- In every 15 s the kernel listens for 10; what is sent in the other 5 is lost.

and breaks as the real one breaks: see the faults of ``SimulatedAdapter``.

Source: identity.md, "bleak / BlueZ facts"; BlueZ src/device.c and src/adapter.c at 690c16d.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from edge.core.clock import Clock
from edge.devices.air import (
    Added,
    Advertisement,
    BluezError,
    Changed,
    Properties,
    Removed,
    Report,
)

RSSI_STEP_DB: Final = 8
FORGOTTEN_AFTER: Final = timedelta(seconds=30)
LISTENS_FOR: Final = timedelta(seconds=10)
IN_EVERY: Final = timedelta(seconds=15)


@dataclass(slots=True)
class _Device:
    address: str
    rssi_dbm: int | None  # as it was last reported; None after discovery ended
    seen_at: datetime
    uuids: set[str] = field(default_factory=set)
    data: dict[str, bytes] = field(default_factory=dict)


class SimulatedAdapter:
    """One adapter and its clients, by the name each has on the bus. Used by one thread.

    The faults, to be set at will:
        is_powered: False answers NotReady.
        is_mute: No call is ever answered.
        is_dead: Claims to scan and hears nothing until the daemon starts anew.
        is_asleep: The same, until discovery is started again.
        refused_stops: So many calls of StopDiscovery are answered InProgress; until one is
            accepted, the next StartDiscovery succeeds and hears nothing (bluez issue 807).
    """

    def __init__(self, name: str, clock: Clock, *, has_gaps: bool = True) -> None:
        self.path = f"/org/bluez/{name}"
        self.is_powered = True
        self.is_mute = False
        self.is_dead = False
        self.is_asleep = False
        self.refused_stops = 0
        self._clock = clock
        self._has_gaps = has_gaps
        self._filters: dict[str, Properties] = {}
        self._clients: set[str] = set()
        self._began_at: datetime | None = None
        self._is_stale = False
        self._devices: dict[str, _Device] = {}

    # ---- calls -------------------------------------------------------------------------

    @property
    def is_discovering(self) -> bool:
        """What the property Discovering says, which is not always so."""
        return bool(self._clients)

    def set_filter(self, client: str, filters: Properties) -> None:
        """Take a client's discovery filter; an empty one removes it."""
        self._ready()
        self._filters[client] = filters

    def start(self, client: str) -> None:
        """Start discovery for a client.

        Raises:
            BluezError: InProgress when it has one already, NotReady without power.
        """
        self._ready()
        if client in self._clients:
            msg = "org.bluez.Error.InProgress"
            raise BluezError(msg)
        self._clients.add(client)
        if not self._is_stale:
            self._began_at = self._clock()
            self.is_asleep = False

    def stop(self, client: str) -> list[Report]:
        """Stop it, and return what follows.

        Raises:
            BluezError: Failed when it has none; InProgress, see ``refused_stops``.
        """
        self._ready()
        if client not in self._clients:
            msg = "org.bluez.Error.Failed"
            raise BluezError(msg)
        self._clients.discard(client)
        if self.refused_stops:
            self.refused_stops -= 1
            self._is_stale = True
            self._began_at = None
            msg = "org.bluez.Error.InProgress"
            raise BluezError(msg)
        self._is_stale = False
        return self._ended()

    def leave(self, client: str) -> list[Report]:
        """Forget a client that left the bus, and return what follows."""
        self._filters.pop(client, None)
        if client not in self._clients:
            return []
        self._clients.discard(client)
        return self._ended()

    # ---- packets -----------------------------------------------------------------------

    def hear(self, packet: Advertisement) -> list[Report]:
        """Take a packet and return what clients are told: often nothing."""
        now = self._clock()
        reports = self.forget(now)
        if not self._is_listening(now) or not self._is_wanted(packet):
            return reports
        device = self._devices.get(packet.address)
        if device is None:
            device = _Device(packet.address, packet.rssi_dbm, now)
            device.uuids.update(packet.service_uuids)
            device.data.update(packet.service_data)
            self._devices[packet.address] = device
            return [*reports, Added(self._path_of(device), self._all_of(device))]
        device.seen_at = now
        changed = {
            **self._new_strength(device, packet),
            **_new_uuids(device, packet),
            **self._new_data(device, packet),
        }
        return [*reports, Changed(self._path_of(device), changed)] if changed else reports

    def forget(self, now: datetime) -> list[Report]:
        """Forget devices that were not heard for long."""
        gone = [each for each in self._devices.values() if now - each.seen_at >= FORGOTTEN_AFTER]
        for device in gone:
            del self._devices[device.address]
        return [Removed(self._path_of(device)) for device in gone]

    def devices(self) -> dict[str, Properties]:
        """Return every known device by its path."""
        return {self._path_of(each): self._all_of(each) for each in self._devices.values()}

    def _is_listening(self, now: datetime) -> bool:
        if not self._clients or self._began_at is None:
            return False
        if not self.is_powered or self.is_dead or self.is_asleep:
            return False
        return not self._has_gaps or (now - self._began_at) % IN_EVERY < LISTENS_FOR

    def _is_wanted(self, packet: Advertisement) -> bool:
        floors = [self._filters.get(client, {}).get("RSSI") for client in self._clients]
        return any(floor is None or packet.rssi_dbm >= floor for floor in floors)

    def _new_strength(self, device: _Device, packet: Advertisement) -> Properties:
        step = 0 if self._any_client_has("RSSI") else RSSI_STEP_DB
        if device.rssi_dbm is not None and abs(packet.rssi_dbm - device.rssi_dbm) < step:
            return {}
        device.rssi_dbm = packet.rssi_dbm
        return {"RSSI": packet.rssi_dbm}

    def _new_data(self, device: _Device, packet: Advertisement) -> Properties:
        wants_again = self._any_client_has("DuplicateData")
        if wants_again and packet.service_data:
            device.data.clear()
        new = {
            uuid: value
            for uuid, value in packet.service_data.items()
            if wants_again or device.data.get(uuid) != value
        }
        device.data.update(new)
        return {"ServiceData": dict(device.data)} if new else {}

    def _any_client_has(self, what: str) -> bool:
        return any(self._filters.get(client, {}).get(what) for client in self._clients)

    # ---- what is left ------------------------------------------------------------------

    def _ended(self) -> list[Report]:
        if self._clients:
            return []
        self._began_at = None
        for device in self._devices.values():
            device.rssi_dbm = None
        return [Changed(self._path_of(each), {}, ("RSSI",)) for each in self._devices.values()]

    def _ready(self) -> None:
        if not self.is_powered:
            msg = "org.bluez.Error.NotReady"
            raise BluezError(msg)

    def _path_of(self, device: _Device) -> str:
        return f"{self.path}/dev_{device.address.replace(':', '_')}"

    def _all_of(self, device: _Device) -> Properties:
        strength = {} if device.rssi_dbm is None else {"RSSI": device.rssi_dbm}
        return {
            **strength,
            "Address": device.address,
            "Alias": device.address.replace(":", "-"),
            "Adapter": self.path,
            "UUIDs": sorted(device.uuids),
            "ServiceData": dict(device.data),
        }


def _new_uuids(device: _Device, packet: Advertisement) -> Properties:
    if device.uuids.issuperset(packet.service_uuids):
        return {}
    device.uuids.update(packet.service_uuids)
    return {"UUIDs": sorted(device.uuids)}
