"""A whole appliance in this process that takes its model from a real signed repository."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from edge.app.releases.releasing import Releasing
from edge.app.wiring import Appliance
from edge.core.clock import SettableClock
from edge.decide.values import Asked, Slate
from edge.wire.releases import Phase, ReleaseState
from tests.fakes.appliance import appliance
from tests.fakes.repository import RunningRepository

STRIP = "kiosk-strip"


@dataclass
class Device:
    """The appliance, and what its releases told the broker."""

    built: Appliance
    clock: SettableClock
    told: list[ReleaseState]

    @property
    def releasing(self) -> Releasing:
        return self.built.releasing

    @property
    def phase(self) -> Phase:
        return self.releasing.state.phase

    def look(self, steps: int = 1, *, pass_s: float = 0.0) -> Phase:
        """Look for news and go on, as the thread would."""
        for _ in range(steps):
            self.clock.advance(timedelta(seconds=pass_s))
            self.releasing.ring()
            self.releasing.step()
        return self.phase

    def watch(self, minutes: int) -> Phase:
        """Let a trial go on for so long, without asking anybody for news."""
        for _ in range(minutes):
            self.clock.advance(timedelta(minutes=1))
            self.releasing.step()
        return self.phase

    def ask(self, visit_id: str | None = None, basket: tuple[str, ...] = ()) -> Slate:
        """Ask as a kiosk would."""
        return self.built.services.serve(Asked(STRIP, "kiosk-1", visit_id, basket))

    def model_of(self, slate: Slate) -> str:
        """Return the digest of the model that a recorded decision was made with."""
        explained = self.built.services.explain(slate.decision_id)
        assert explained is not None
        return str(explained["model"])


@contextmanager
def device(
    data: Path,
    repository: RunningRepository,
    *,
    clock: SettableClock,
    **overrides: object,
) -> Iterator[Device]:
    """Build a device of the demo shop that trusts ``repository``; its thread does not run."""
    root = data.with_name(f"{data.name}-root.json")
    root.write_bytes(repository.root)
    overrides |= {"update.repository": repository.url, "update.trust_file": str(root)}
    with appliance(data, clock=clock, shop=None, broker_port=None, **overrides) as built:
        found = Device(built, clock, [])
        releasing = built.releasing
        keeping = releasing._tools.keeping
        keeping.tell = found.told.append
        yield found
