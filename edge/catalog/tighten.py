"""A market's and a shop's own policy file may only forbid more.

Each field of ``PolicyRules`` says which direction is tighter. Here what a file says is laid over
what holds already, and held against these directions; a field without one would be refused.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError

from edge.catalog.caps import Cap
from edge.catalog.entry import Entry
from edge.catalog.policy_rules import UNRELATED, PolicyRules, Tighter
from edge.catalog.span import write_span
from edge.core.errors import ContractError
from edge.core.mistakes import found, listed, mistakes_in

Said = Mapping[str, object]
"""What a file says; what it leaves out stays."""

_Found = Any
"""A value of whatever type its field has."""

NEVER: Final = "never"
"""Tighter than every number."""


class LoosenedError(ContractError):
    """A policy file is no policy, or allows what was forbidden; ``mistakes`` lists all of it."""

    def __init__(self, mistakes: tuple[str, ...]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


def tightened(base: PolicyRules, over: Said) -> PolicyRules:
    """Return ``base`` with what ``over`` says instead.

    Raises:
        LoosenedError: A key or value is not one of a policy's, or something would be allowed that
            ``base`` forbids.
    """
    try:
        laid = PolicyRules.model_validate(_laid_over(base.model_dump(), over))
    except ValidationError as error:
        mistakes = mistakes_in(error, PolicyRules)
        raise LoosenedError(tuple(f"{one.path}: {one.text}" for one in mistakes)) from error
    loosened = tuple(_loosened(base, laid, ""))
    if loosened:
        raise LoosenedError(loosened)
    return laid


def directions(model: type[BaseModel] = PolicyRules) -> Mapping[str, Tighter | None]:
    """Return field -> its direction, for every field that is no group; None: it says none."""
    said: dict[str, Tighter | None] = {}
    for name, one in model.model_fields.items():
        direction = _direction(model, name)
        inner = one.annotation
        if direction is None and isinstance(inner, type) and issubclass(inner, Entry):
            said |= {f"{name}.{path}": way for path, way in directions(inner).items()}
        else:
            said[name] = direction
    return said


def _laid_over(base: Mapping[str, Any], over: Said) -> dict[str, object]:
    """Return ``base`` with ``over`` laid over it: tables are joined, all else is replaced."""
    laid: dict[str, object] = dict(base)
    for key, value in over.items():
        before = base.get(key)
        both = isinstance(before, Mapping) and isinstance(value, Mapping)
        laid[key] = _laid_over(before, value) if both else value  # type: ignore[arg-type] # both
    return laid


def _loosened(base: Entry, laid: Entry, path: str) -> Iterator[str]:
    """Yield what ``laid`` allows and ``base`` forbids, one line each."""
    for name in type(base).model_fields:
        before, after = getattr(base, name), getattr(laid, name)
        direction, here = _direction(type(base), name), f"{path}{name}"
        if direction is None and isinstance(before, Entry):
            yield from _loosened(before, after, f"{here}.")
        elif before != after and direction is not Tighter.FREE:
            wanted = _wanted(direction, before, after, type(base).model_fields[name].annotation)
            if wanted:
                yield f"{here}: wanted {wanted}, found {_text(after)}"


def _direction(model: type[BaseModel], name: str) -> Tighter | None:
    extra = model.model_fields[name].json_schema_extra
    said = extra.get("tighter") if isinstance(extra, dict) else None
    return Tighter(str(said)) if said is not None else None


def _wanted(direction: Tighter | None, before: _Found, after: _Found, words: object) -> str:
    """Return what was wanted instead of ``after``; "" where it is as tight."""
    if direction is None:
        return f"{_text(before)}, which nothing may change"
    if direction is Tighter.EARLIER_WORD:
        order = _literal(words)
        allowed = order[: order.index(before) + 1]
        return "" if after in allowed else f"one of {', '.join(allowed)}"
    return _RULES[direction](before, after)


def _literal(annotation: object) -> tuple[str, ...]:
    return tuple(word for word in get_args(annotation) if isinstance(word, str))


def _less(before: _Found, after: _Found) -> str:
    return "" if after <= before else f"at most {_text(before)}"


def _more(before: _Found, after: _Found) -> str:
    if NEVER in (before, after):
        return "" if after == NEVER else _text(before)
    return "" if after >= before else f"at least {_text(before)}"


def _smaller_set(before: frozenset[str], after: frozenset[str]) -> str:
    return "" if after <= before else f"nothing but {_text(before)}"


def _larger_set(before: frozenset[str], after: frozenset[str]) -> str:
    return "" if after >= before else f"all of {_text(before)}, and more if you like"


def _false(before: bool, after: bool) -> str:
    return "" if before or not after else "false"


def _each_cap(before: tuple[Cap, ...], after: tuple[Cap, ...]) -> str:
    """A cap is kept by one that allows no more in a span that is no shorter."""
    lost = [cap for cap in before if not any(a.n <= cap.n and a.per >= cap.per for a in after)]
    return f"a cap of at most {_text(lost[0])}" if lost else ""


def _each_less(before: _Found, after: _Found) -> str:
    """Every number of the table is there in both: its keys are fields."""
    new = dict(_numbers(after))
    for path, number in _numbers(before):
        if new[path] > number:
            return f"at most {number} for {path}"
    return ""


def _each_more(before: _Found, after: _Found) -> str:
    """What is not in the table counts as unrelated, so a number that is added is that."""
    old, new = dict(_numbers(before)), dict(_numbers(after))
    for path in sorted({*old, *new}):
        least = old.get(path, UNRELATED)
        if new.get(path, UNRELATED) < least:
            return f"at least {least} for {path}"
    return ""


def _numbers(table: _Found, path: str = "") -> Iterator[tuple[str, int]]:
    """Yield (path, number) of a table, a table of tables, or an entry of numbers."""
    inner = dict(table) if isinstance(table, BaseModel | Mapping) else None
    if inner is None:
        yield path, table
        return
    for key, value in inner.items():
        yield from _numbers(value, f"{path}.{key}" if path else str(key))


def _text(value: _Found) -> str:
    if isinstance(value, timedelta):
        return write_span(value)
    if isinstance(value, Cap):
        return f"{value.n} per {write_span(value.per)}"
    if isinstance(value, frozenset):
        return listed(value)
    if isinstance(value, tuple):
        return ", ".join(_text(one) for one in value) or "none"
    return found(dict(_numbers(value)) if isinstance(value, BaseModel | Mapping) else value)


_RULES: Final[Mapping[Tighter, Callable[[_Found, _Found], str]]] = {
    Tighter.LESS: _less,
    Tighter.MORE: _more,
    Tighter.SMALLER_SET: _smaller_set,
    Tighter.LARGER_SET: _larger_set,
    Tighter.FALSE: _false,
    Tighter.EACH_CAP: _each_cap,
    Tighter.EACH_MORE: _each_more,
    Tighter.EACH_LESS: _each_less,
}
