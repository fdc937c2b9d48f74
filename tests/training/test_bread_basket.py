"""The recipe on a real bakery: the figure that the design asks for."""

from pathlib import Path

import pytest

from models.training.datasets import read_dataset
from models.training.recipe import train
from tests.fakes.small_till import no_progress

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data" / "bread_basket"


@pytest.mark.skipif(not DATA.is_dir(), reason=f"needs {DATA.name}, which is not in the repository")
def test_completion_on_real_tickets_beats_what_sells_and_naive_bayes() -> None:
    description = ROOT / "models" / "training" / "datasets" / "bread_basket.toml"

    found = train(read_dataset(description, DATA), no_progress)

    popular, bayes, ours, _ = found.quality
    assert len(ours.completion.rank) == 3126
    assert popular.completion.hr(3) == pytest.approx(0.490, abs=0.0005)
    assert ours.completion.hr(3) >= 0.523
    assert ours.completion.hr(3) > bayes.completion.hr(3) > popular.completion.hr(3)
    assert ours.completion.mrr() > 0.445
    assert ours.board_recall >= 0.635
