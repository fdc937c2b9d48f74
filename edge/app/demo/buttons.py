"""The demo's buttons on the phone page: hold the code before the camera, come near the radio."""

from edge.app.demo.stage import DemoStage
from edge.app.recognition.customers import CustomerPages
from edge.app.recognition.runtime import Recognising
from edge.core.clock import Clock
from edge.identity.beacon import encode
from edge.identity.day_keys import day_of, interval_of
from edge.web.my_data_ports import PhoneVisit


class DemoButtons:
    """Implements ``edge.web.phone_ports.Demo``; a shop has none."""

    def __init__(self, stage: DemoStage, built: Recognising, clock: Clock) -> None:
        self._stage = stage
        self._built = built
        self._pages: CustomerPages = built.pages
        self._clock = clock

    @property
    def has_radio(self) -> bool:
        """Whether somebody can come near."""
        return bool(self._stage.adapter)

    def hold(self, text: str) -> None:
        """Hold a code before the kiosk's camera."""
        self._stage.hold(text)

    def come_near(self, visit: PhoneVisit) -> None:
        """Walk up to the kiosk with this phone, whose beacon sends for a minute."""
        customer_id = self._pages.customer_of(visit)
        if customer_id is None:
            return
        prefix = bytes.fromhex(self._built.settings.prefix)

        def frame() -> bytes | None:
            now = self._clock()
            holder = self._built.known.holder(customer_id)
            key = holder.day_keys.get(day_of(now)) if holder else None
            if key is None:
                return None
            return encode(key, interval_of(now), prefix=prefix, power_dbm=-59)

        self._stage.come_near(frame)
