"""Bring this device to the release that central wants, step by step, while it serves.

A thread of its own: a download that takes hours, or a network that does not answer, keeps nobody
waiting but the next step. A step is kept on the disk before its effect; where the disk does not take
it, there is no effect.
"""

import logging
import threading
import time
from typing import Final

from edge.app.releases.install import Client, package_of
from edge.app.releases.swap import LostError
from edge.app.releases.tools import RestartingError, Rules, Tools
from edge.app.supervisor import Job, Supervisor
from edge.core.errors import EdgeError, ModelContractError, TrustError, WireContractError
from edge.update.machine import advance, stopped
from edge.update.machine_ends import lost
from edge.update.machine_kept import kept, kept_downloads
from edge.update.machine_state import State
from edge.update.machine_words import Do, Done, Result, Seen, Trouble, What
from edge.wire.releases import Phase
from edge.wire.rollout import RolloutDocument

log = logging.getLogger(__name__)

STEP_EVERY_S: Final = 5.0
FIRST_LOOK_WITHIN_S: Final = 30.0
"""After the start, at a moment of its own: the devices of a street are switched on together."""
PAUSE_S: Final = (15.0, 600.0)
"""After the world was not there: the first pause, and the longest."""
_MOST_STEPS: Final = 24
_MOST_LOST: Final = 3


class Releasing:
    """Runs the state machine of one package name.

    Args:
        rules: Whose and when.
        tools: What it works with.
        state: As the start of the process left it.
        first: What is known already of the first thing to do: a trial that did not load.
        is_counted: Whether the start of the process is on the disk. While it is not, nothing is
            tried.
    """

    def __init__(
        self, rules: Rules, tools: Tools, state: State, first: Result | None, *, is_counted: bool
    ) -> None:
        self.state = state
        self.last_error = ""
        self.failures = 0
        self._rules = rules
        self._tools = tools
        self._result = first
        self._is_counted = is_counted
        self._document: RolloutDocument | None = None
        self._stopping = threading.Event()
        self._rung = False
        self._pauses = 0
        self._pause_until_s = 0.0
        self._look_at_s = time.monotonic() + FIRST_LOOK_WITHIN_S * self._share()
        self.thread = Supervisor([Job("releases", STEP_EVERY_S, self.step)])

    def start(self) -> None:
        """Start, where there is something to do."""
        self._tools.keeping.say(self.state)
        if self._tools.client is not None or self.state.is_under_way:
            self.thread.start()

    def stop(self) -> None:
        """End the step under way, and note that this run was told to end."""
        self._stopping.set()
        self.thread.stop()
        if self._tools.client is not None:
            self._tools.client.close()
        over = stopped(self.state)
        if over != self.state and self._is_counted:
            try:
                self._tools.keeping.keep(over)
            except EdgeError as error:
                log.warning("this stop counts as a crash of the trial: %s", error)

    def ring(self) -> None:
        """Look for news now; from any thread, returns at once."""
        self._rung = True
        self._look_at_s = 0.0
        self.thread.soon("releases")

    def wants_download(self) -> bool:
        """Say whether a download goes on: it makes way for a look, and is gone on with after it."""
        return not self._stopping.is_set() and time.monotonic() < self._look_at_s

    def step(self) -> None:
        """Look if it is time to, then go on as far as it goes without waiting.

        Raises:
            StorageUnavailableError: The disk takes nothing; nothing was done, it is tried again.
        """
        if not self._is_counted:
            self.state = self._tools.keeping.keep(self.state)
            self._is_counted = True
        if self._tools.client is not None and time.monotonic() >= self._look_at_s:
            self._look(self._tools.client)
        if self._is_paused():
            return
        for _ in range(_MOST_STEPS):
            do = self._advance()
            if do.what is What.WAIT or self._stopping.is_set():
                break
            try:
                self._result = None if do.what is What.GO_ON else self._perform(do)
            except RestartingError as error:
                log.info("%s", error)
                break
            if do.what is What.SHADOW and isinstance(self._result, Done):
                break
        self._clean()

    def _clean(self) -> None:
        """Delete what may never serve again; the pointer names none of it since the last step."""
        tools = self._tools
        tools.clean(kept(self.state))
        if tools.client is not None:
            stays = kept_downloads(self.state, self._document)
            tools.client.keep_only(self._rules.name, [package_of(one) for one in stays])

    def _advance(self) -> Do:
        rules, tools, now = self._rules, self._tools, self._tools.clock()
        swap = tools.swap
        seen = Seen(
            site=rules.site,
            document=self._document,
            refused=tools.keeping.refused(),
            result=self._result,
            is_busy=rules.is_busy(),
            is_in_window=rules.is_in_window(now),
            kind=rules.kind,
            shadow=swap.shadowed() if self.state.phase is Phase.SHADOW else None,
            trial=swap.health(self.state) if self.state.phase is Phase.TRIAL else None,
            agent=rules.agent,
        )
        state, do = advance(self.state, seen, now)
        if state.phase is not self.state.phase:
            log.info("release %s: %s %s", _release_of(state), state.phase, state.reason)
        self.state = tools.keeping.keep(state)
        self._note(self._result)
        self._result = None
        return do

    def _perform(self, do: Do) -> Result:
        if do.what is What.SERVE:
            return self._serve()
        if do.what is What.SHADOW:
            return self._shadow()
        install, package, course = self._tools.install, do.package, self.state.course
        if install is None:
            return Trouble("network", "there is no repository any more", is_passing=True)
        if do.what is What.LOOK_UP:
            return install.look_up(course.target if course else "")
        if package is None:
            return Trouble("static", "its package is not known")
        return install.bring(do.what, package, self.wants_download)

    def _serve(self) -> Result:
        for _ in range(_MOST_LOST):
            try:
                self._tools.swap.make(self.state)
            except LostError as error:
                log.error("the package %s is damaged: %s", error.digest[:12], error)
                gone = lost(self.state, error.digest, self._tools.clock())
                self.state = self._tools.keeping.keep(gone)
            except ModelContractError as error:
                return Trouble("load", str(error))
            else:
                break
        return Done()

    def _shadow(self) -> Result:
        package = self.state.package
        if package is None:
            return Trouble("load", "its package is not known")
        try:
            self._tools.swap.begin_shadow(package)
        except ModelContractError as error:
            return Trouble("load", str(error))
        return Done()

    def _look(self, client: Client) -> None:
        is_rung, self._rung = self._rung, False
        untrusted = ""
        try:
            client.refresh(asks_origin=is_rung)
            self._document = client.rollout(self._rules.name)
        except (TrustError, WireContractError) as error:
            untrusted = str(error)
            self._failed(error)
        except EdgeError as error:
            self._failed(error)
            untrusted = self._tools.keeping.untrusted  # nothing new is known about that
        else:
            self.last_error = ""
            self._pauses, self._pause_until_s = 0, 0.0
        self._look_at_s = time.monotonic() + self._rules.poll_s * (0.8 + 0.4 * self._share())
        self.state = self._tools.keeping.distrust(self.state, untrusted)

    def _failed(self, error: EdgeError) -> None:
        if str(error) != self.last_error:
            log.warning("no news about releases: %s", error)
        self.failures += 1
        self.last_error = str(error)

    def _note(self, result: Result | None) -> None:
        if isinstance(result, Trouble) and result.is_passing:
            first, longest = PAUSE_S
            pause_s = min(longest, first * 2**self._pauses) * (0.5 + self._share())
            self._pauses = min(self._pauses + 1, 10)
            self._pause_until_s = time.monotonic() + pause_s
            self.failures += 1
            self.last_error = result.detail
        elif result is not None:
            self._pauses = 0

    def _is_paused(self) -> bool:
        is_serving = self.state.phase in {Phase.SHADOW, Phase.TRIAL, Phase.ROLLING_BACK}
        return not is_serving and time.monotonic() < self._pause_until_s

    def _share(self) -> float:
        return int.from_bytes(self._tools.chance(4), "big") / 2**32


def _release_of(state: State) -> str:
    return state.course.release_id if state.course else "factory"
