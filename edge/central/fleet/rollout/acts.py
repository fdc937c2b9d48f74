"""What a person may do with a rollout, and when. Pure.

Two different persons approve, each once, and nothing starts before. The author may be one of the
two: writing a plan is not approving it, so they say so like anybody else, and somebody else must.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from edge.central.fleet.rollout.machine import aborted, moved
from edge.central.fleet.rollout.plan import Plan
from edge.central.fleet.rollout.state import (
    Line,
    Rollout,
    Said,
    Stage,
    State,
    Stepped,
    candidate_of,
    next_document,
)
from edge.core.errors import RequestContractError
from edge.wire.rollout import RolloutDocument

APPROVALS: Final = 2


def created(plan: Plan, line: Line, who: str, now: datetime) -> Stepped:
    """Return the draft of a rollout.

    Raises:
        RequestContractError: Everybody already runs what it would bring.
    """
    if line.stable and line.stable.target == plan.release.target:
        msg = f"wanted another package than the stable one, got {plan.release.target} again"
        raise RequestContractError(msg)
    rollout = Rollout(plan=plan, author=who, since=now)
    return Stepped(State(line, rollout), None, (Said("created", f"plan {plan.digest}"),))


def approve(state: State, who: str, digest: str, now: datetime) -> Stepped:
    """Return the state after ``who`` approved the plan with this ``digest``.

    Raises:
        RequestContractError: It is no draft, or ``who`` did so before, or read another plan.
    """
    rollout = state.rollout
    _only_in(rollout, (Stage.DRAFT,), "approve")
    if who in rollout.approved_by:
        msg = f"wanted the word of a second person, got {who}'s again"
        raise RequestContractError(msg)
    if digest != rollout.plan.digest:
        msg = f"wanted approval of plan {rollout.plan.digest}, got one of {digest[:64]}"
        raise RequestContractError(msg)
    approved_by = (*rollout.approved_by, who)
    stage = Stage.APPROVED if len(approved_by) >= APPROVALS else Stage.DRAFT
    said = Said("approved", f"plan {digest}")
    return moved(state, {"stage": stage, "approved_by": approved_by}, now, said)


def start(state: State, active: Sequence[str], now: datetime) -> Stepped:
    """Return the state in which the canary begins.

    Args:
        state: Approved by two.
        active: Other rollouts of the same package name that are not over.
        now: This moment.

    Raises:
        RequestContractError: It lacks approvals, another one is on its way, or all is halted.
    """
    rollout = state.rollout
    _only_in(rollout, (Stage.APPROVED,), "start")
    if active:
        msg = (
            f"wanted one rollout of {rollout.plan.name} at a time, got {', '.join(active)} as well"
        )
        raise RequestContractError(msg)
    _refuse_while_halted(state)
    if state.line.stable and state.line.stable.target == rollout.plan.release.target:
        msg = f"wanted another package than the stable one, got {rollout.plan.release.target} again"
        raise RequestContractError(msg)
    chosen = sorted(rollout.plan.canary)
    more = f" and {len(chosen) - 5} more" if len(chosen) > 5 else ""
    said = Said("canary", ", ".join(chosen[:5]) + more)
    return moved(state, {"stage": Stage.CANARY}, now, said)


def pause(state: State, why: str, now: datetime) -> Stepped:
    """Return the state in which nobody else begins.

    Raises:
        RequestContractError: It is not on its way.
    """
    rollout = state.rollout
    _only_in(rollout, (Stage.CANARY, Stage.BAKE, Stage.WAVE), "pause")
    changes = {"stage": Stage.PAUSED, "paused_in": rollout.stage, "why": why}
    return moved(state, changes, now, Said("paused", why))


def resume(state: State, now: datetime) -> Stepped:
    """Return the state in which it goes on; its wave's time begins anew.

    What failed a gate is still counted, and stops it again at the next step.

    Raises:
        RequestContractError: It is not paused, or all is halted.
    """
    rollout = state.rollout
    _only_in(rollout, (Stage.PAUSED,), "resume")
    _refuse_while_halted(state)
    assert rollout.paused_in is not None
    return moved(state, {"stage": rollout.paused_in, "why": ""}, now, Said("resumed"))


def abort(state: State, why: str, now: datetime) -> Stepped:
    """Return the state in which everybody returns to the previous release, or it never begins.

    Raises:
        RequestContractError: It is over.
    """
    rollout = state.rollout
    if rollout.stage.is_over or rollout.stage is Stage.ABORTING:
        _only_in(rollout, (Stage.DRAFT, Stage.CANARY, Stage.WAVE, Stage.PAUSED), "abort")
    if rollout.stage.is_out:
        return aborted(state, why, now)
    return moved(state, {"stage": Stage.ABORTED, "why": why}, now, Said("aborted", why))


def set_halted(
    line: Line, rollout: Rollout | None, now: datetime, *, halted: bool
) -> tuple[Line, Rollout | None, RolloutDocument | None]:
    """Return the line with ``halted`` in its next document; a wave's time begins anew after it.

    Args:
        line: Of one package name.
        rollout: The one on its way, if any.
        now: This moment.
        halted: Whether nobody begins anything any more.
    """
    if line.halted is halted:
        return line, rollout, None
    line = line.model_copy(update={"halted": halted})
    line, document = next_document(line, candidate_of(rollout) if rollout else None, now)
    if rollout is not None and rollout.stage.is_out:
        rollout = rollout.model_copy(update={"since": now})
    return line, rollout, document


def _only_in(rollout: Rollout, stages: Sequence[Stage], what: str) -> None:
    if rollout.stage not in stages:
        msg = (
            f"wanted a rollout that is {' or '.join(stages)} to {what}, got "
            f"{rollout.plan.release.release_id}, which is {rollout.stage}"
        )
        raise RequestContractError(msg)


def _refuse_while_halted(state: State) -> None:
    if state.line.halted:
        msg = f"wanted to go on with {state.line.name}, got a halt; see `edge fleet unhalt`"
        raise RequestContractError(msg)
