"""Hold our draw to Eppo's published bandit cases, where somebody has them.

    .venv-dev/bin/python -m tests.conformance.eppo_bandits FOLDER

FOLDER is ``ufc/`` of a checkout of Eppo-exp/sdk-test-data. Its cases are not copied here, because it
carries no licence; the traps in them (a floor that is shared, ties) are held by numbers of our own in
``tests/experiment/test_squarecb.py``. What is ours is the weighting; scores, the order of the actions
and the shards below are as those cases need them: ties go to the first name, the shuffle is by MD5.
"""

import hashlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click

from edge.experiment.squarecb import probabilities

SHARDS: Final = 10_000
CASES: Final = {"car": "car_bandit", "banner": "banner_bandit"}

Json = Mapping[str, Any]


def run(folder: Path) -> tuple[int, int]:
    """Return how many cases come out as published, and how many there are."""
    models = _read(folder / "bandit-models-v1.json")["bandits"]
    right = total = 0
    for name, bandit in CASES.items():
        cases = _read(folder / f"bandit-tests/test-case-{name}-bandit.json")
        model = models[bandit]["modelData"]
        for subject in cases["subjects"]:
            wanted = subject["assignment"]["action"]
            if wanted is None:
                continue  # not in the bandit at all: nothing is drawn
            found = drawn(model, subject, cases["flag"])
            click.echo(f"{subject['subjectKey']}: wanted {wanted}, drawn {found}")
            right, total = right + (found == wanted), total + 1
    return right, total


def drawn(model: Json, subject: Json, flag: str) -> str:
    """Return the action that the case's shard falls on."""
    actions = sorted(subject["actions"], key=lambda action: str(action["actionKey"]))
    scores = [_score(model, action, subject["subjectAttributes"]) for action in actions]
    shares = probabilities(scores, gamma=model["gamma"], floor=model["actionProbabilityFloor"])
    names = [str(action["actionKey"]) for action in actions]
    start = f"{flag}-{subject['subjectKey']}"
    shuffled = sorted(
        zip(names, shares, strict=True), key=lambda one: (_shard(f"{start}-{one[0]}"), one[0])
    )
    at, reached = _shard(start), 0.0
    for name, share in shuffled:
        reached += share * SHARDS
        if reached > at:
            return name
    return shuffled[-1][0]


def _score(model: Json, action: Json, subject: Json) -> float:
    known = model["coefficients"].get(action["actionKey"])
    if known is None:
        return float(model["defaultActionScore"])
    score = float(known["intercept"])
    for whose, attributes in (("action", action), ("subject", subject)):
        score += sum(_of_number(c, attributes) for c in known[f"{whose}NumericCoefficients"])
        score += sum(_of_word(c, attributes) for c in known[f"{whose}CategoricalCoefficients"])
    return score


def _of_number(one: Json, attributes: Json) -> float:
    value = _held(attributes, "numeric").get(one["attributeKey"])
    return float(one["missingValueCoefficient"] if value is None else value * one["coefficient"])


def _of_word(one: Json, attributes: Json) -> float:
    value = _held(attributes, "categorical").get(one["attributeKey"])
    return float(one["valueCoefficients"].get(value, one["missingValueCoefficient"]))


def _held(attributes: Json, kind: str) -> Json:
    return attributes.get(f"{kind}Attributes") or attributes.get(f"{kind}_attributes") or {}


def _shard(text: str) -> int:
    digest = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
    return int(digest[:8], 16) % SHARDS


def _read(path: Path) -> Json:
    found: Json = json.loads(path.read_text(encoding="utf-8"))
    return found


if __name__ == "__main__":
    ok, of = run(Path(sys.argv[1]))
    click.echo(f"{ok} of {of}")
    sys.exit(ok != of)
