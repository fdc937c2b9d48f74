"""Whatever is cut off between two effects: never a bad package in front of people, always one."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from edge.update.machine import advance, begin, started, stopped
from edge.update.machine_crashes import crashed, is_to_blame
from edge.update.machine_ends import newly_refused
from edge.update.machine_kept import kept
from edge.update.machine_state import FACTORY, State, read_state, state_bytes, to_load
from edge.update.machine_words import Do, Done, Found, Result, Seen, Trouble, What
from edge.update.trial import Health
from edge.wire.releases import PackageFacts, Phase, target_path, version_key
from edge.wire.rollout import Candidate, Release, RolloutDocument

START = datetime(2026, 3, 3, 12, 5, tzinfo=UTC)
VERSIONS = ("1.0.0", "1.1.0", "1.2.0")
BAD_IN_CHILD, BAD_IN_TRIAL, GOOD, RAISES = "child", "trial", "good", "raises"


def digest(version: str) -> str:
    return version.replace(".", "").ljust(64, "0")


def release(version: str) -> Release:
    path = target_path("model", "ranker", version)
    return Release(release_id=f"r-{version}", target=path, version=version)


class Device(RuleBasedStateMachine):
    """A device whose disk survives a crash, and whose memory does not."""

    def __init__(self) -> None:
        super().__init__()
        self.kind = dict.fromkeys(VERSIONS, GOOD)
        self.now = START
        # on disk
        self.row = state_bytes(begin("ranker", START))
        self.refused: dict[str, str] = {}
        self.unpacked: set[str] = set()
        self.admitted: set[str] = set()
        self.failed: set[str] = set()  # what the test saw fail, whatever the machine keeps
        self.asked: set[str] = set()  # while the process ended
        # in memory; None: the process is not there
        self.state: State | None = None
        self.served = FACTORY
        self.result: Result | None = None
        # at central
        self.document: RolloutDocument | None = None
        self.version = 0
        self.boot()

    # ---- the world -----------------------------------------------------------------------

    @rule(
        stable=st.sampled_from((None, *VERSIONS)),
        trying=st.sampled_from((None, *VERSIONS)),
        paused=st.booleans(),
        halted=st.booleans(),
    )
    def central_says(
        self, stable: str | None, trying: str | None, *, paused: bool, halted: bool
    ) -> None:
        self.version += 1
        candidate = None
        if trying is not None and trying != stable:
            candidate = Candidate(
                **release(trying).model_dump(), salt="s", share=1.0, paused=paused, trial_minutes=2
            )
        self.document = RolloutDocument(
            name="ranker",
            version=self.version,
            issued_at=START,
            stable=release(stable) if stable else None,
            candidate=candidate,
            halted=halted,
        )

    @rule(
        version=st.sampled_from(VERSIONS),
        what=st.sampled_from((GOOD, BAD_IN_CHILD, BAD_IN_TRIAL, RAISES)),
    )
    def another_build(self, version: str, what: str) -> None:
        if digest(version) not in self.unpacked | self.refused.keys() | self.admitted:
            self.kind[version] = what

    @rule(minutes=st.integers(0, 600))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    # ---- the process ---------------------------------------------------------------------

    @rule(cut=st.integers(0, 3), busy=st.booleans(), away=st.booleans())
    @precondition(lambda self: self.state is not None)
    def step(self, cut: int, *, busy: bool, away: bool) -> None:
        """One arrow; a crash before it is kept (0), before it is done (1), after it (2), or none."""
        assert self.state is not None
        self.now += timedelta(seconds=30)
        health = Health(answers=9, broke="nan" if self._serves(RAISES) else "")
        seen = Seen(
            "harbour-kitchen",
            self.document,
            refused=dict(self.refused),
            result=self.result,
            is_busy=busy,
            trial=health if self.state.phase is Phase.TRIAL else None,
        )
        state, do = advance(self.state, seen, self.now)
        if cut == 0:
            return self.crash()
        self.keep(state)
        if cut == 1:
            return self.crash()
        self.result = self.perform(do, away=away)
        if cut == 2 or self._serves(BAD_IN_TRIAL):
            return self.crash()
        return None

    @rule(steps=st.integers(5, 25))
    def left_alone(self, steps: int) -> None:
        for _ in range(steps):
            if self.state is None:
                self.boot()
            else:
                self.step(cut=3, busy=False, away=False)

    @rule()
    @precondition(lambda self: self.state is None)
    def boot(self) -> None:
        before, asked, self.asked = read_state(self.row), self.asked, set()
        is_blamed = is_to_blame(before, asked)
        state = crashed(before, self.now) if is_blamed else started(before, self.now)
        self.keep(state)
        self.result = None
        self.serve()
        if self._serves(BAD_IN_TRIAL):
            self.crash()

    @rule()
    @precondition(lambda self: self.state is not None and self.state.committed is not None)
    def what_is_committed_kills_the_process(self) -> None:
        assert self.state is not None
        assert self.state.committed is not None
        self.asked = {self.state.committed.digest}
        self.crash()

    @rule()
    @precondition(lambda self: self.state is not None)
    def stop(self) -> None:
        assert self.state is not None
        self.keep(stopped(self.state))
        self.crash()

    def crash(self) -> None:
        self.state, self.result = None, None

    def keep(self, state: State) -> None:
        self.state, self.row = state, state_bytes(state)
        if state.phase.is_bad_end and state.reason in {"golden", "crash", "error_rate"}:
            self.failed.add(state.course.version if state.course else "")
        refused = newly_refused(state)
        if refused is not None:
            self.refused.setdefault(*refused)

    def perform(self, do: Do, *, away: bool) -> Result | None:
        assert self.state is not None
        version = do.package.version if do.package else ""
        match do.what:
            case What.LOOK_UP | What.FETCH if away:
                return Trouble("network", "away", is_passing=True)
            case What.LOOK_UP:
                return self.look_up(self.state.course.version if self.state.course else "")
            case What.UNPACK:
                self.unpacked.add(digest(version))
                return Done(model=f"sha256:{version}")
            case What.PREFLIGHT:
                return self.preflight(version)
            case What.SERVE:
                self.serve()
            case _:
                pass
        return None if do.what is What.WAIT else Done()

    def preflight(self, version: str) -> Result:
        assert version not in self.failed
        if self.kind[version] == BAD_IN_CHILD:
            return Trouble("golden")
        self.admitted.add(digest(version))
        return Done()

    def look_up(self, version: str) -> Found:
        facts = PackageFacts(
            kind="model",
            name="ranker",
            version=version,
            abi=1,
            min_agent="0.1.0",
            size_unpacked=100,
            minimum_version="1.1.0" if version == "1.2.0" else "0.0.0",
        )
        return Found(facts, 100, digest(version))

    def serve(self) -> None:
        assert self.state is not None
        load = to_load(self.state)
        self.served = load.package.digest if load.package else FACTORY
        self.unpacked &= kept(self.state)

    def _serves(self, kind: str) -> bool:
        return any(digest(v) == self.served and k == kind for v, k in self.kind.items())

    # ---- what always holds ---------------------------------------------------------------

    @invariant()
    def only_admitted_packages_are_served(self) -> None:
        assert self.served == FACTORY or self.served in self.admitted

    @invariant()
    def what_is_to_be_served_is_on_the_disk_and_not_refused(self) -> None:
        load = to_load(read_state(self.row))
        for package in (load.package, load.beside):
            assert package is None or package.digest in self.unpacked
            assert package is None or package.digest not in self.refused

    @invariant()
    def a_running_process_serves_what_it_kept(self) -> None:
        if self.state is not None and self.result is not None:
            load = to_load(self.state)
            assert self.served == (load.package.digest if load.package else FACTORY)

    @invariant()
    def the_minimum_holds(self) -> None:
        state = read_state(self.row)
        least = version_key(state.minimum_version)
        for one in (state.committed, state.previous):
            assert one is None or version_key(one.version) >= least

    def teardown(self) -> None:
        """Left alone, it always comes to an end: nothing stays under way."""
        if self.document is not None and self.document.halted:
            self.document = replace_halted(self.document)
        for _ in range(200):
            if self.state is None:
                self.boot()
            else:
                self.step(cut=3, busy=False, away=False)
        state = read_state(self.row)
        assert not state.is_under_way, state
        assert not self._serves(BAD_IN_TRIAL)
        assert not self._serves(RAISES)


def replace_halted(document: RolloutDocument) -> RolloutDocument:
    """The next document, in which nothing is halted."""
    return document.model_copy(update={"halted": False, "version": document.version + 1})


class LongLivedDevice(Device):
    """The same, for long runs."""


Device.TestCase.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
LongLivedDevice.TestCase.settings = settings(
    max_examples=2_000, stateful_step_count=80, deadline=None
)
TestDevice = Device.TestCase
TestLongLivedDevice = pytest.mark.soak(pytest.mark.timeout(1_200)(LongLivedDevice.TestCase))
