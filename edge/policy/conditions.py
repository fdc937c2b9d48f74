"""Conditions that a shop writes in CEL: checked when published, answered from typed facts.

CEL fails open by itself (an error comes back as a value, and a text is truthy), so only the one
answer *true of type BOOL* counts as met. A fact that is not known makes a condition not met, as
everywhere in this shop; anything else that goes wrong drops the offer, and is counted.

What a condition may cost is bounded three times: by its length (``Offer.eligible_when``), by two
loops over lists at most, and by the interpreter's own budget of 10,000 steps. The library is
loaded when the first condition is met with: a shop without conditions does not hold its 17 MB.

Source: decided.md 19; cel-spec, "Evaluation".
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from edge.core.mistakes import closest, found
from edge.policy.condition_facts import FACTS, STANDING, FactValue, Kind

if TYPE_CHECKING:
    from cel_expr_python import cel  # type: ignore[import-untyped]

MOST_LOOPS: Final = 2
"""``exists``, ``all``, ``map`` and the like in one condition: nested, each multiplies the cost."""

MOST_KEPT: Final = 20_000
"""Compiled conditions kept: twice the largest shop measured (about 2 kB each)."""

_LOOP: Final = re.compile(r"\.\s*(?:all|exists|exists_one|existsOne|map|filter)\s*\(")
_UNDECLARED: Final = re.compile(r"undeclared reference to '([^']*)'")
_PLACE: Final = re.compile(r"<input>:\d+:(\d+): ([^\n]*)")
_NOT_KNOWN: Final = "No value with name"


class Verdict(StrEnum):
    """What came of asking a condition."""

    MET = "met"
    NOT_MET = "not met"
    FAILED = "failed"
    """It could not be answered for another reason than a fact that is not known."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A verdict; ``why`` says what failed, in the interpreter's words."""

    verdict: Verdict
    why: str = ""


_MET: Final = Answer(Verdict.MET)
_NOT_MET: Final = Answer(Verdict.NOT_MET)


@dataclass(frozen=True, slots=True)
class _Compiled:
    expression: "cel.Expression"
    is_moving: bool


@dataclass(frozen=True, slots=True)
class _Mistaken:
    text: str


class Conditions:
    """The conditions of a shop, compiled once. Safe to use from every thread."""

    def __init__(self, compiled: Mapping[str, _Compiled | _Mistaken]) -> None:
        self._compiled = compiled

    def is_moving(self, text: str) -> bool:
        """Return whether ``text`` must be asked again for each request."""
        known = self._compiled.get(text)
        return isinstance(known, _Compiled) and known.is_moving

    def about(self, facts: Mapping[str, FactValue]) -> "Answers":
        """Return the answers from ``facts``, each worked out when it is first asked for."""
        return Answers(self._compiled, facts)


@dataclass(slots=True)
class Answers:
    """What the conditions answer from one set of facts; offers that share one ask it once."""

    _compiled: Mapping[str, _Compiled | _Mistaken]
    _facts: Mapping[str, FactValue]
    _activation: "cel.Activation | None" = None
    _known: dict[str, Answer] = field(default_factory=dict)

    def of(self, text: str) -> Answer:
        """Return the answer of the condition ``text``; "" is always met."""
        if not text:
            return _MET
        answer = self._known.get(text)
        if answer is None:
            answer = self._known[text] = self._ask(text)
        return answer

    def _ask(self, text: str) -> Answer:
        known = self._compiled.get(text) or _Mistaken("it was never compiled")
        if isinstance(known, _Mistaken):
            return Answer(Verdict.FAILED, known.text)
        if self._activation is None:
            self._activation = _environments().all.Activation(data=dict(self._facts))
        return _answer(known.expression, self._activation)


def check(text: str) -> str | None:
    """Return what is wrong with a condition as it is written, or None."""
    known = _compiled(text)
    if isinstance(known, _Mistaken):
        return known.text
    # Tried with nothing known: a loop over lists of its own runs out of steps here, not at noon.
    answer = _answer(known.expression, _environments().all.Activation(data={}))
    return f"wanted a condition that can be answered, found {answer.why}" if answer.why else None


def compile_all(texts: Iterable[str]) -> Conditions:
    """Compile conditions; a mistaken one, which ``check`` would have named, always fails."""
    return Conditions({text: _compiled(text) for text in set(texts) if text})


@lru_cache(maxsize=MOST_KEPT)
def _compiled(text: str) -> _Compiled | _Mistaken:
    if len(_LOOP.findall(text)) > MOST_LOOPS:
        return _Mistaken(f"wanted at most {MOST_LOOPS} loops over lists, found {found(text)}")
    environments = _environments()
    try:
        expression = environments.all.compile(text)
    except RuntimeError as error:  # the library's only error
        return _Mistaken(_in_words(str(error), text))
    kind = expression.return_type()
    if kind != environments.bool:
        return _Mistaken(f"wanted a condition that is true or false, found one of {kind.name()}")
    return _Compiled(expression, is_moving=not _stands(text))


def _stands(text: str) -> bool:
    """Return whether the facts that stand are all it names."""
    try:
        _environments().standing.compile(text)
    except RuntimeError:
        return False
    return True


def _answer(expression: "cel.Expression", activation: "cel.Activation") -> Answer:
    try:
        value = expression.eval(activation)
        kind, said = value.type(), value.value()
    except RuntimeError as error:  # its steps ran out, or a fact has another type than declared
        return Answer(Verdict.FAILED, _first_line(str(error)))
    if kind == _environments().bool:
        return _MET if said is True else _NOT_MET
    if kind != _environments().error:
        return Answer(Verdict.FAILED, f"wanted true or false, got one of {kind.name()}")
    if _NOT_KNOWN in str(said):
        return _NOT_MET
    return Answer(Verdict.FAILED, _first_line(str(said)))


def _in_words(error: str, text: str) -> str:
    """Return the compiler's message with its column, and the fact that was probably meant."""
    place = _PLACE.search(error)
    column, said = (place[1], place[2]) if place else ("1", _first_line(error))
    undeclared = _UNDECLARED.search(said)
    if undeclared:
        name = undeclared[1]
        near = closest(name, FACTS)
        return f'column {column}: no fact "{name}";{near} allowed: {", ".join(FACTS)}'
    hint = " (a number with a point is compared with one such as 24.0)" if "double" in said else ""
    return f"column {column}: {said.removesuffix('.')}{hint}, found {found(text)}"


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0][:200]


@dataclass(frozen=True, slots=True)
class _Environments:
    standing: "cel.Env"
    all: "cel.Env"
    bool: "cel.Type"
    error: "cel.Type"


@cache
def _environments() -> _Environments:
    from cel_expr_python import cel  # noqa: PLC0415 # see above: only where a condition is

    kinds: Mapping[Kind, cel.Type] = {
        "DOUBLE": cel.Type.DOUBLE,
        "INT": cel.Type.INT,
        "BOOL": cel.Type.BOOL,
        "STRING": cel.Type.STRING,
        "LIST": cel.Type.List(cel.Type.STRING),
    }
    standing = cel.NewEnv(variables={name: kinds[kind] for name, kind in STANDING.items()})
    every = cel.NewEnv(variables={name: kinds[kind] for name, kind in FACTS.items()})
    return _Environments(standing, every, cel.Type.BOOL, cel.Type.ERROR)
