"""The built service, and in which order its parts start and end."""

from collections.abc import Callable
from dataclasses import dataclass

from edge.app.at_start.next_start import Restart
from edge.app.commands.doorbell import Doorbell
from edge.app.join_experiments import Trying
from edge.app.keep_certificate import KeepCertificate
from edge.app.lan_sharing.connect import Shop
from edge.app.note_facts import NoteFacts
from edge.app.recognition.runtime import Recognising
from edge.app.releases.connect import JoinedReleases
from edge.app.releases.releasing import Releasing
from edge.app.settings import Settings
from edge.app.supervisor import Supervisor
from edge.store.store import Store
from edge.sync.delivery import Delivery
from edge.web.app import WebApp
from edge.web.parts import parts_of
from edge.web.ports import Services


@dataclass(frozen=True, slots=True)
class Appliance:
    """The built service: its web application, and what runs beside it."""

    app: WebApp
    settings: Settings
    services: Services
    store: Store
    supervisor: Supervisor
    delivery: Delivery
    facts: NoteFacts
    shop: Shop
    doorbell: Doorbell
    """Whoever looks for releases sets its ``look``."""
    releases: JoinedReleases
    certificate: KeepCertificate
    trying: Trying
    """Experiments, and what is learned from draws."""
    recognising: Recognising | None = None
    """None: recognition is off, nobody may consent here, or the keys do not fit."""

    @property
    def releasing(self) -> Releasing:
        """The releases of the model."""
        return self.releases.model.releasing

    @property
    def restart(self) -> Restart:
        """Asked for by releases; whoever runs the service sets its ``end``."""
        return self.releases.restart

    def start(self) -> None:
        """Start the recurring jobs, the delivery, and what sees tokens."""
        self.supervisor.start()
        self.delivery.start()
        self.shop.start()
        self.releases.start()
        self.certificate.start()
        if self.recognising is not None:
            self.recognising.start()

    def stop(self, close_server: Callable[[], None] = lambda: None) -> None:
        """End in order: no new work, then what is under way, then the file."""
        if self.recognising is not None:
            self.recognising.stop()
        self.supervisor.stop()
        parts_of(self.app).hub.close()
        close_server()
        self.certificate.stop()
        self.releases.stop()
        self.shop.stop()
        self.delivery.stop()
        self.store.close()
