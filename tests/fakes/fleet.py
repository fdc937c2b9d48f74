"""Devices as central hears them: births, goodbyes and release states, without a broker."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from edge.central.fleet.devices.heard import Birth, Gone, Heard
from edge.central.fleet.devices.rows import take
from edge.central.fleet.rollout.plan import Gate, Plan
from edge.central.fleet.rollout.rollouts import Rollouts
from edge.central.fleet.rollout.state import Line
from edge.central.fleet.tables import FLEET
from edge.central.postgres import connect, migrate
from edge.core.clock import SettableClock
from edge.core.errors import UnavailableError
from edge.wire.releases import Phase, ReleaseState, Serving
from edge.wire.rollout import Release, RolloutDocument

STABLE = Release(release_id="ranker-1.0.0", target="models/ranker/1.0.0/r.tar", version="1.0.0")
CANDIDATE = Release(release_id="ranker-1.1.0", target="models/ranker/1.1.0/r.tar", version="1.1.0")


def small_plan(**changes: object) -> Plan:
    """Return a plan that waits for nothing but its gates."""
    plan: dict[str, object] = {
        "name": "ranker",
        "release": CANDIDATE,
        "salt": "far",
        "canary": frozenset({"shop-0"}),
        "bake_minutes": 0,
        "wave_minutes": 0,
        "gate": Gate(),
    }
    return Plan.model_validate(plan | changes)


def line_at_four(name: str) -> Line:
    """Return a line as the repository would have it."""
    return Line(name=name, version=4, stable=STABLE)


@dataclass
class KeptDocuments:
    """A repository that keeps documents as the real one does, and may be away."""

    documents: list[RolloutDocument] = field(default_factory=list)
    is_away: bool = False
    then: Callable[[], None] = lambda: None

    def rollout(self, name: str) -> RolloutDocument | None:
        self._answer()
        mine = [one for one in self.documents if one.name == name]
        return mine[-1] if mine else None

    def publish_rollout(self, document: RolloutDocument) -> None:
        self._answer()
        current = self.rollout(document.name)
        assert current is None or document.version > current.version
        self.documents.append(document)
        self.then()

    def _answer(self) -> None:
        if self.is_away:
            raise UnavailableError("wanted the repository, got nobody")


def emptied(database: str) -> None:
    """Make the fleet's tables, or empty them: quicker than a database for each test."""
    with connect(database) as con:
        migrate(con, FLEET)
        tables = con.execute(
            "SELECT string_agg(tablename, ', ') FROM pg_tables "
            "WHERE schemaname = 'public' AND tablename <> 'schema_step'"
        ).fetchone()
        assert tables is not None
        con.execute(f"TRUNCATE {tables[0]}".encode())


@dataclass
class Fleet:
    """Some devices and the rollouts over them."""

    database: str
    clock: SettableClock
    rollouts: Rollouts = field(init=False)
    _seq: int = 0

    def __post_init__(self) -> None:
        self.rollouts = Rollouts(self.database, self.clock)

    def hear(self, heard: Sequence[Heard]) -> None:
        with connect(self.database) as con, con.cursor() as cur:
            take(cur, heard)

    def come(self, *devices: str, conn_seq: int = 1, epoch: str = "e") -> None:
        """Devices "shop-3.2" of shop-3 come online."""
        self.hear([birth(one, self.clock(), conn_seq, epoch) for one in devices])

    def go(self, *devices: str, conn_seq: int = 1) -> None:
        """The broker loses them."""
        gone = Gone(status="offline", conn_seq=conn_seq, why="lost")
        self.hear([Heard(name_of(one), gone, self.clock()) for one in devices])

    def say(self, phase: Phase, *devices: str, **more: object) -> None:
        """Devices report where they are with the candidate."""
        self._seq += 1
        self.hear(
            [
                Heard(
                    name_of(one), (state(one, phase, self._seq, self.clock(), more),), self.clock()
                )
                for one in devices
            ]
        )

    def start(self, plan: Plan) -> str:
        """Approve and start a rollout; return its id."""
        self.rollouts.create(plan, "ada", line_at_four)
        rollout_id = plan.release.release_id
        for who in ("ada", "grace"):
            self.rollouts.approve(rollout_id, who, plan.digest)
        self.rollouts.start(rollout_id, "ada")
        return rollout_id

    def step(self, minutes: int = 1) -> list[str]:
        """Let time pass and step; return what was said."""
        self.clock.advance(timedelta(minutes=minutes))
        return [said.what for stepped in self.rollouts.tick() for said in stepped.said]


def name_of(one: str) -> str:
    """Return the device's name: shop-3.2 is device shop-3-2."""
    return one.replace(".", "-")


def birth(one: str, at: datetime, conn_seq: int, epoch: str) -> Heard:
    """Return a device's birth, as it was heard."""
    said = Birth(
        status="online",
        conn_seq=conn_seq,
        at=at,
        site=one.partition(".")[0],
        device=name_of(one),
        version="0.1.0",
        epoch=epoch,
    )
    return Heard(name_of(one), said, at)


def state(
    one: str, phase: Phase, seq: int, at: datetime, more: Mapping[str, object]
) -> ReleaseState:
    """Return what a device says about the candidate."""
    serves = phase in {Phase.COMMITTED, Phase.TRIAL}
    serving = CANDIDATE if serves else STABLE
    values: dict[str, object] = {
        "site": one.partition(".")[0],
        "device": name_of(one),
        "name": "ranker",
        "seq": seq,
        "at": at,
        "serving": Serving(
            name="ranker",
            version=serving.version,
            digest="0" * 64,
            release_id=serving.release_id,
        ),
        "release_id": CANDIDATE.release_id,
        "target": CANDIDATE.target,
        "phase": phase,
        "document_version": 5,
    }
    return ReleaseState.model_validate({**values, **more})
