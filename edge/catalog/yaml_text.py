"""Read YAML as plain values, without the parts of YAML that surprise.

Built from the parser's events rather than with its constructor, so that one pass refuses
duplicate keys, tags, and nesting deeper than any site file needs, each with its line. Aliases
share what several products are made with, but a few lines of them can stand for gigabytes, so
what they stand for is counted. Plain words follow the YAML 1.2 core schema: in
YAML 1.1 ``no`` is false (and Norwegian) and ``10:30`` is the number 630.

Source: YAML 1.2.2, section 10.3 (core schema).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

import yaml

MAX_TEXT_BYTES: Final = 1_000_000
MAX_DEPTH: Final = 20
MAX_ALIASED: Final = 100_000  # words, lists and mappings that aliases stand for, in one file

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # about ten times as fast
_NULL: Final = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE: Final = frozenset({"true", "True", "TRUE"})
_FALSE: Final = frozenset({"false", "False", "FALSE"})
# No leading zeros, so that a till's "007" stays what it is; no number Python refuses to read.
_WHOLE: Final = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_DECIMAL: Final = re.compile(r"[-+]?([0-9]{1,18}\.[0-9]{0,18}|\.[0-9]{1,18})([eE][-+]?[0-9]{1,2})?")


class YamlMistakeError(ValueError):
    """The text is not YAML that a site file may hold; the message says where and what."""


def read_yaml(text: str) -> object:
    """Return the one document in ``text``: dicts, lists, text, numbers, booleans, None.

    Raises:
        YamlMistakeError: It cannot be read, or uses something that is refused here.
    """
    _refuse_bytes(text)
    builder = _Builder()
    try:
        for event in _events(text):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        msg = f"{_at(mark)}: not YAML: {_said(error)}"
        raise YamlMistakeError(msg) from error
    except yaml.YAMLError as error:
        first = str(error).partition("\n")[0]
        msg = f"not YAML: {first}"
        raise YamlMistakeError(msg) from error
    return builder.document


def _refuse_bytes(text: str) -> None:
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        msg = f"line {line}: wanted UTF-8 text, found other bytes; save the file as UTF-8"
        raise YamlMistakeError(msg) from error
    if size > MAX_TEXT_BYTES:
        msg = f"wanted at most {MAX_TEXT_BYTES} bytes, found {size} or more; split the file"
        raise YamlMistakeError(msg)


def _events(text: str) -> Iterator[yaml.Event]:
    events: Iterator[yaml.Event] = yaml.parse(text, Loader=_LOADER)
    return events


def _at(mark: Any) -> str:  # noqa: ANN401 - the C and the Python parser have their own
    return f"line {mark.line + 1}, column {mark.column + 1}" if mark else "somewhere"


def _said(error: yaml.MarkedYAMLError) -> str:
    return ", ".join(part for part in (error.context, error.problem) if part)


@dataclass(slots=True)
class _Value:
    """A value, how many values it is made of, and how deep it is nested."""

    value: object
    size: int = 1
    depth: int = 0


@dataclass(slots=True)
class _Open(_Value):
    """A list or mapping that is not closed yet."""

    key: str | None = None
    anchor: str | None = None

    def wants_key(self) -> bool:
        """Return whether the next word is a key."""
        return isinstance(self.value, dict) and self.key is None

    def add(self, inner: _Value) -> None:
        """Put a complete value at its place."""
        self.size += inner.size
        self.depth = max(self.depth, inner.depth + 1)
        if isinstance(self.value, list):
            self.value.append(inner.value)
        elif isinstance(self.value, dict):
            self.value[self.key] = inner.value
            self.key = None


@dataclass(slots=True)
class _Builder:
    """Puts events together to one value."""

    root: _Open = field(default_factory=lambda: _Open([]))
    stack: list[_Open] = field(default_factory=list)
    anchors: dict[str, _Value] = field(default_factory=dict)
    documents: int = 0
    aliased: int = 0

    @property
    def document(self) -> object:
        """The one document, None where there is none."""
        assert isinstance(self.root.value, list)
        return self.root.value[0] if self.root.value else None

    def take(self, event: yaml.Event) -> None:
        """Add one event.

        Raises:
            YamlMistakeError: The event is something that is refused here.
        """
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._open(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            closed = self.stack.pop()
            self._add(closed, closed.anchor)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self._refuse(event, "wanted one document, found a second one")

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        self._refuse_tag(event)
        top = self.stack[-1] if self.stack else self.root
        if not top.wants_key():
            value = _plain(event.value) if event.implicit[0] else event.value
            self._add(_Value(value), event.anchor)
            return
        assert isinstance(top.value, dict)
        if event.value in top.value:
            self._refuse(event, f'wanted each key once, found "{event.value}" again')
        top.key = event.value

    def _open(self, event: yaml.CollectionStartEvent) -> None:
        self._refuse_tag(event)
        if self.stack and self.stack[-1].wants_key():
            self._refuse(event, "wanted a word as key, found a list or mapping")
        if len(self.stack) == MAX_DEPTH:
            self._refuse(event, f"wanted at most {MAX_DEPTH} levels of nesting, found more")
        value: object = [] if isinstance(event, yaml.SequenceStartEvent) else {}
        self.stack.append(_Open(value, anchor=event.anchor))

    def _alias(self, event: yaml.AliasEvent) -> None:
        if self.stack and self.stack[-1].wants_key():
            self._refuse(event, "wanted a word as key, found an alias")
        # An anchor counts once it is closed, so nothing can hold itself.
        meant = self.anchors.get(event.anchor or "")
        if meant is None:
            self._refuse(event, f"wanted the name of an anchor above, found *{event.anchor}")
        self.aliased += meant.size
        if self.aliased > MAX_ALIASED or len(self.stack) + meant.depth > MAX_DEPTH:
            self._refuse(event, f"*{event.anchor} stands for too much; write it out")
        self._add(meant, None)

    def _add(self, value: _Value, anchor: str | None) -> None:
        (self.stack[-1] if self.stack else self.root).add(value)
        if anchor is not None:
            self.anchors[anchor] = value

    def _refuse_tag(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.tag is not None:
            self._refuse(event, f"tags are not allowed, found {event.tag}")

    def _refuse(self, event: yaml.Event, why: str) -> NoReturn:
        msg = f"{_at(event.start_mark)}: {why}"
        raise YamlMistakeError(msg)


def _plain(word: str) -> object:
    """Return what an unquoted word means."""
    if word in _NULL:
        return None
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    if _WHOLE.fullmatch(word):
        return int(word)
    return float(word) if _DECIMAL.fullmatch(word) else word
