"""Make what is served be what the state says: load beside, warm, switch in one step, let go.

No request waits for it or fails by it. One that is under way ends with the bundle it began with;
the old one is let go when the last of them has ended.
"""

from dataclasses import dataclass
from typing import Final

from edge.app.rankers import Rankers
from edge.app.releases.loading import Loading, meter_of
from edge.app.releases.probe import AFTER_S, Probe
from edge.app.releases.shadow import Shadow
from edge.app.releases.visit_arms import VisitArms
from edge.app.shelves import Shelves
from edge.core.clock import Clock
from edge.core.errors import ModelContractError
from edge.decide.bundle import Bundle
from edge.decide.decide import Decision
from edge.decide.values import Asked
from edge.update.machine_state import Held, Load, State, to_load
from edge.update.machine_words import Shadowed
from edge.update.trial import Arms, Health

SPLIT_UP_TO_ITEMS: Final = 20_000
"""Above this, two models together take too much memory to serve side by side for long."""
SPLIT: Final = 0.5


@dataclass(frozen=True, slots=True)
class SwapParts:
    """What a swap touches."""

    loading: Loading
    rankers: Rankers
    shelves: Shelves
    shadow: Shadow
    arms: VisitArms
    probe: Probe
    clock: Clock


class LostError(ModelContractError):
    """A committed package is not what it was on the disk; ``digest`` names it."""

    def __init__(self, digest: str, why: str) -> None:
        super().__init__(why)
        self.digest = digest


class Swap:
    """Knows which package each bundle in force is of. Used by one thread."""

    def __init__(self, parts: SwapParts, serving: Held | None) -> None:
        """Take over what the start of the process serves with."""
        self._parts = parts
        self._serving = serving.digest if serving else None
        self._trial: str | None = None
        self._trial_bundle: Bundle | None = None

    def make(self, state: State) -> None:
        """Serve what ``state`` says.

        Raises:
            LostError: The package that serves without a trial is damaged.
            ModelContractError: The one on trial cannot be loaded.
        """
        load = to_load(state)
        if load.is_trial and load.package is not None:
            self._serve(load.beside, state)
            self._try(load.package, state)
        else:
            self._end_trial(load)
            self._serve(load.package, state)
        self._let_go()

    def begin_shadow(self, package: Held) -> None:
        """Load ``package`` beside what serves, for nobody to see.

        Raises:
            ModelContractError: It cannot be loaded.
        """
        if self._parts.shadow.candidate is None:
            self._parts.shadow.begin(self._warm(self._parts.loading(package)))

    def health(self, state: State) -> Health | None:
        """Return how the trial of ``state`` goes; None: it does not serve in this process."""
        load, parts = to_load(state), self._parts
        if not load.is_trial or load.package is None or self._trial != load.package.digest:
            return None
        if self._trial_bundle is None:
            return None
        meter, before = meter_of(self._trial_bundle), meter_of(parts.rankers.in_force.serving)
        if meter.silent_s() > AFTER_S:
            parts.probe.ask(self._trial_bundle)
        return Health(
            answers=meter.answers,
            broke=parts.rankers.broke,
            p99_us=meter.p99_us(),
            samples=meter.samples,
            before_p99_us=before.p99_us(),
            before_samples=before.samples,
            hangs_s=meter.hangs_s(),
            silent_s=meter.silent_s(),
            arms=parts.arms.sums(),
        )

    def shadowed(self) -> Shadowed | None:
        """Go on with the shadow, and return what was seen; None: there is none in this process."""
        before = meter_of(self._parts.rankers.in_force.serving)
        return self._parts.shadow.work(before.p99_us(), before.samples)

    def decided(self, asked: Asked, decision: Decision) -> None:
        """Count a decision towards its visit; in the request's thread, so it is quick."""
        self._parts.shadow.decided(asked, decision)
        trial = self._trial_bundle
        if trial is not None and asked.visit_id is not None and not asked.avoid:
            self._parts.arms.decided(asked.visit_id, is_new=decision.shelf.bundle is trial)

    def _serve(self, package: Held | None, state: State) -> None:
        wanted = package.digest if package else None
        if wanted == self._serving:
            return
        try:
            made = self._parts.loading.in_force(package, state.minimum_version)
            self._warm(made)
        except ModelContractError as error:
            digest = package.digest if package else ""
            raise LostError(digest, str(error)) from error
        self._parts.rankers.serve(made)
        self._serving = wanted

    def _try(self, package: Held, state: State) -> None:
        if self._trial == package.digest:
            return
        candidate = self._parts.shadow.candidate
        self._parts.shadow.end()
        is_same = candidate is not None and candidate.ranker.digest == package.model
        made = candidate if is_same and candidate else self._warm(self._parts.loading(package))
        share = SPLIT if len(made.products) <= SPLIT_UP_TO_ITEMS else 1.0
        arms = state.trial.arms if state.trial.arms.share == share else Arms(share=share)
        self._parts.arms.begin(arms)
        self._trial, self._trial_bundle = package.digest, made
        self._parts.rankers.try_out(made, share=share, salt=package.release_id)

    def _end_trial(self, load: Load) -> None:
        self._parts.shadow.end()
        if self._trial is None:
            return
        made, digest = self._trial_bundle, self._trial
        self._trial, self._trial_bundle = None, None
        self._parts.arms.end()
        rankers = self._parts.rankers
        if made is not None and load.package is not None and load.package.digest == digest:
            rankers.serve(made)  # committed: it is loaded already
            self._serving = digest
        else:
            rankers.serve(rankers.in_force.serving)

    def _warm(self, made: Bundle) -> Bundle:
        """Make the shelf of this moment before anybody waits for it."""
        self._parts.shelves.at(self._parts.clock(), bundle=made)
        return made

    def _let_go(self) -> None:
        now = self._parts.rankers.in_force
        used = [one for one in (now.serving, now.trial, self._parts.shadow.candidate) if one]
        self._parts.shelves.keep_only(used)
