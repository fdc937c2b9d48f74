"""A signed minimum holds whatever serves last: the factory's model does not climb over it."""

from pathlib import Path

from edge.core.clock import SettableClock
from edge.wire.releases import Phase
from tests.fakes.bad_models import good_package
from tests.fakes.released import device
from tests.fakes.repository import RunningRepository


def test_below_a_signed_minimum_the_shop_ranks_by_its_own_orders_and_says_so(
    tmp_path: Path, repository: RunningRepository, clock: SettableClock
) -> None:
    folder = good_package(tmp_path / "fixed", seed=21)
    repository.publish_model(folder, "3.0.0", minimum_version="2.9.0")
    data = tmp_path / "data"
    with device(data, repository, clock=clock) as shop:
        factory = shop.model_of(shop.ask())
        repository.set_rollout(candidate=repository.candidate("3.0.0", trial_minutes=1))
        assert shop.look() is Phase.TRIAL
        shop.ask()
        assert shop.watch(2) is Phase.COMMITTED
        repository.set_rollout()  # whoever has the rollouts key may say so
        assert shop.look() is Phase.COMMITTED
        slate = shop.ask()
        assert slate.shown
        assert shop.model_of(slate) != factory
        assert "no model below 2.9.0" in (slate.degraded or "")

    with device(data, repository, clock=clock) as shop:  # and after a restart
        slate = shop.ask()
        assert slate.shown
        assert shop.model_of(slate) != factory
        health = {part.part: part for part in shop.built.services.health().parts}
        assert health["ranker"].state == "degraded"
        assert "Counts of orders serve: nothing below 2.9.0 may" in health["release"].detail
        repository.set_rollout(stable=repository.release("3.0.0"))
        assert shop.look() is Phase.TRIAL
        assert shop.ask().degraded is None
