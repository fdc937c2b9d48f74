"""Join recognition to the rest of the appliance: to its staff, its screens and its store."""

from edge.app.recognition.runtime import Recognising
from edge.app.staff import AtScreens, StaffDesk, StaffParts
from edge.app.team import pins_of, staff_mac
from edge.core.chance import Chance
from edge.core.clock import Clock
from edge.identity.presence import Presence
from edge.store.store import Store
from edge.web.app import WebApp
from edge.web.kiosk.surface import screens_of
from edge.web.parts import parts_of


def staff_desk(store: Store, built: Recognising, clock: Clock, chance: Chance) -> StaffDesk:
    """Return the desk at which the team signs in, and sees who is at a screen."""

    def subject_ref(presence: Presence) -> str | None:
        holder = built.known.holder(presence.customer_id)
        return None if holder is None else holder.subject_ref

    parts = StaffParts(
        team=store.staff,
        audit=store.audit,
        pins=pins_of(store.keys, chance),
        mac=staff_mac(store.keys),
        clock=clock,
        chance=chance,
    )
    at_screens = AtScreens(
        presences=built.presences.all,
        recognised=built.recognise.recognised,
        greeting=built.recognise.greeting,
        leave=built.recognise.leave,
        subject_ref=subject_ref,
    )
    return StaffDesk(parts, at_screens)


def connect(built: Recognising, app: WebApp, store: Store) -> None:
    """Let screens hear who comes and goes, and retention forget like a customer would.

    Boards hear nothing: they have no part in recognition.
    """
    kiosks, parts = screens_of(app), parts_of(app)

    def tell_tablets() -> None:
        for screen in parts.services.settings.screens:
            if screen.surface == "tablet":
                parts.hub.publish(screen.screen_id, "customers", {}, slot="customers")

    def arrived(screen_id: str) -> None:
        kiosks.arrived(screen_id)
        tell_tablets()

    def left(screen_id: str) -> None:
        kiosks.left(screen_id)
        tell_tablets()

    built.presences.arrived = arrived
    built.presences.left = left
    built.presences.changed = kiosks.changed
    built.scanned = kiosks.scanned
    store.person_retention.forget = built.forget
