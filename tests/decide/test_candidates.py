"""Candidates in order, alike wherever they are ordered."""

import numpy as np

from edge.decide.candidates import Candidates


def test_equal_scores_are_ordered_by_their_place_in_the_catalog() -> None:
    places = [7, 3, 9, 1, 8, 2, 6, 4, 5, 0]
    score = np.array([1, 1, 2, 1, 1, 2, 1, 1, 1, 1], dtype=np.float32)
    found = Candidates(np.array(places, dtype=np.int32), score, score.reshape(-1, 1), ("moment",))

    assert found.best_first().places.tolist() == [2, 9, 0, 1, 3, 4, 5, 6, 7, 8]
