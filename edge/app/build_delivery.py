"""Build what brings events to central and takes its word: which broker, which topics, who we are."""

from collections import Counter
from importlib.metadata import version

from edge.app.fleet_settings import Mqtt
from edge.app.foundation import Foundation
from edge.app.note_facts import NoteFacts
from edge.app.recognition.runtime import Recognising
from edge.sync.delivery import Confirming, Delivery, DeliveryParts, DeliverySettings
from edge.sync.listeners import of_payload
from edge.sync.tls import Tls
from edge.wire.context_message import ContextMessage
from edge.wire.status import About, ForCustomers
from edge.wire.topics import Topics


def build_delivery(core: Foundation, facts: NoteFacts, built: Recognising | None) -> Delivery:
    """Return delivery; without a broker in the settings it is off. Nothing of it runs yet."""
    settings = core.settings
    broker = settings.mqtt
    parts = DeliveryParts(
        store=core.store,
        topics=topics_of(core),
        version=version("instore-edge"),
        clock=core.clock,
        chance=core.chance,
        about=lambda: _about(core, built),
    )
    address = _address(broker) if broker.host else None
    from_central = built.from_central if built else None
    others = (
        {
            parts.topics.profile: of_payload(from_central.heard_profile),
            parts.topics.erase: of_payload(from_central.heard_erase),
        }
        if from_central and settings.recognition.central_sign_key
        else {}
    )
    return Delivery(parts, address, lambda message: _noted(facts, message), others)


def topics_of(core: Foundation) -> Topics:
    """Return where this device speaks and listens."""
    header = core.site.header
    return Topics(header.tenant, header.site, core.settings.device_id)


def _address(broker: Mqtt) -> DeliverySettings:
    files = (broker.ca_file, broker.cert_file, broker.key_file)
    tls = Tls(*(file for file in files if file)) if broker.tls == "mutual" else None
    confirming = None
    if broker.acknowledged_by == "central":
        confirming = Confirming(bytes.fromhex(broker.acked_key), broker.confirm_within_s)
    return DeliverySettings(
        broker.host,
        broker.port,
        tls=tls,
        reconnect_spread_s=broker.reconnect_spread_s,
        confirming=confirming,
    )


def _about(core: Foundation, built: Recognising | None) -> About:
    return About(
        ring=core.settings.update.ring,
        clock=core.trust.state(),
        screens=Counter(screen.surface for screen in core.settings.screens),
        customers=_for_customers(core, built),
    )


def _for_customers(core: Foundation, built: Recognising | None) -> ForCustomers | None:
    wanted = core.settings.recognition
    if built is None or not wanted.central_sign_key:
        return None
    key = core.store.keys.exchange_key.hex()
    return ForCustomers(key, wanted.group, built.from_central.heard())


def _noted(facts: NoteFacts, message: ContextMessage) -> None:
    facts.heard(message)
