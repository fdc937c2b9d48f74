"""What BlueZ says on the bus, as D-Bus messages with BlueZ's own types."""

from typing import Final

from dbus_fast import Message, Variant

from edge.devices.air import Added, Changed, Properties, Report
from edge.devices.simulated_adapter import SimulatedAdapter

ADAPTER: Final = "org.bluez.Adapter1"
DEVICE: Final = "org.bluez.Device1"
OBJECTS: Final = "org.freedesktop.DBus.ObjectManager"
_PROPERTIES: Final = "org.freedesktop.DBus.Properties"
_TYPES: Final = {"Address": "s", "Alias": "s", "Adapter": "o", "RSSI": "n", "UUIDs": "as"}

Objects = dict[str, dict[str, dict[str, Variant]]]


def signal_of(report: Report) -> Message:
    """Return the signal that tells clients of ``report``."""
    match report:
        case Added():
            body = [report.path, {DEVICE: _typed(report.properties)}]
            return Message.new_signal("/", OBJECTS, "InterfacesAdded", "oa{sa{sv}}", body)
        case Changed():
            body = [DEVICE, _typed(report.properties), list(report.gone)]
            name = "PropertiesChanged"
            return Message.new_signal(report.path, _PROPERTIES, name, "sa{sv}as", body)
        case _:
            body = [report.path, [DEVICE]]
            return Message.new_signal("/", OBJECTS, "InterfacesRemoved", "oas", body)


def adapter_added(adapter: SimulatedAdapter) -> Message:
    """Return the signal of a new adapter."""
    body = [adapter.path, {ADAPTER: _of_adapter(adapter)}]
    return Message.new_signal("/", OBJECTS, "InterfacesAdded", "oa{sa{sv}}", body)


def adapter_removed(adapter: SimulatedAdapter) -> Message:
    """Return the signal of an adapter that is gone."""
    body = [adapter.path, [ADAPTER]]
    return Message.new_signal("/", OBJECTS, "InterfacesRemoved", "oas", body)


def objects_of(adapter: SimulatedAdapter | None) -> Objects:
    """Return everything there is, as GetManagedObjects does."""
    if adapter is None:
        return {}
    devices = {path: {DEVICE: _typed(each)} for path, each in adapter.devices().items()}
    return {adapter.path: {ADAPTER: _of_adapter(adapter)}, **devices}


def _of_adapter(adapter: SimulatedAdapter) -> dict[str, Variant]:
    return {
        "Address": Variant("s", "00:00:5E:00:53:01"),
        "Powered": Variant("b", adapter.is_powered),
        "Discovering": Variant("b", adapter.is_discovering),
        "Roles": Variant("as", ["central", "peripheral"]),
    }


def _typed(properties: Properties) -> dict[str, Variant]:
    return {name: _variant(name, value) for name, value in properties.items()}


def _variant(name: str, value: object) -> Variant:
    if name == "ServiceData":
        assert isinstance(value, dict)
        return Variant("a{sv}", {uuid: Variant("ay", data) for uuid, data in value.items()})
    return Variant(_TYPES[name], value)
