"""An exposure counts for the arms that act where it was painted, and for no other."""

from edge.catalog.experiments import Layer
from edge.experiment.exposure import exposed

LAYERS = [
    Layer.model_validate({"id": "strip", "placements": ["kiosk-strip"]}),
    Layer.model_validate({"id": "words"}),
]


def written(*layers: str, holdout: str = "") -> dict[str, object]:
    return {"holdout": holdout, "arms": [{"layer": layer, "arm": "b"} for layer in layers]}


def test_an_arm_counts_where_its_layer_acts() -> None:
    both = written("strip", "words")

    assert exposed(both, LAYERS, "kiosk-strip") == both
    assert exposed(both, LAYERS, "kiosk-nudge") == written("words")
    assert exposed(written("strip"), LAYERS, "kiosk-nudge") is None


def test_a_layer_that_is_gone_counts_nowhere() -> None:
    assert exposed(written("strip"), [], "kiosk-strip") is None


def test_who_is_held_out_counts_everywhere() -> None:
    assert exposed(written(holdout="all"), LAYERS, "kiosk-nudge") == written(holdout="all")


def test_a_record_from_before_counts_for_nothing() -> None:
    assert exposed(None, LAYERS, "kiosk-strip") is None
    assert exposed(written(), LAYERS, "kiosk-strip") is None
