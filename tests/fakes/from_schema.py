"""Values of a JSON Schema, as hypothesis strategies: what a caller who read our document sends.

Only the words of JSON Schema that our own document uses; another one fails, and is then added.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from hypothesis import strategies as st

Schema = Mapping[str, Any]

KNOWN: Final = frozenset(
    {
        *("$ref", "anyOf", "const", "enum", "type", "format", "discriminator"),
        *("properties", "required", "additionalProperties", "patternProperties", "propertyNames"),
        *("items", "minItems", "maxItems", "uniqueItems"),
        *("pattern", "minLength", "maxLength", "minimum", "maximum"),
        *("default", "title", "description", "examples", "wanted"),
    }
)
MOST_ITEMS: Final = 6
"""Lists are kept short, so that a case costs a millisecond; their limits have tests of their own."""


class FromSchema:
    """Makes strategies for parts of one document; ``names`` are texts the service knows."""

    def __init__(self, schemas: Mapping[str, Schema], names: Sequence[str]) -> None:
        self._schemas = schemas
        self._names = names

    def of(self, schema: Schema) -> st.SearchStrategy[Any]:
        """Return a strategy for values that ``schema`` allows."""
        unknown = schema.keys() - KNOWN
        if unknown:
            msg = f"wanted words of JSON Schema that are known here, got {sorted(unknown)}"
            raise ValueError(msg)
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return st.deferred(lambda: self.of(self._schemas[name]))
        if "anyOf" in schema:
            return st.one_of([self.of(one) for one in schema["anyOf"]])
        if "const" in schema or "enum" in schema:
            return st.sampled_from(schema.get("enum") or [schema["const"]])
        return self._typed(schema)

    def _typed(self, schema: Schema) -> st.SearchStrategy[Any]:
        low, high = schema.get("minimum"), schema.get("maximum")
        kinds: Mapping[str, Callable[[], st.SearchStrategy[Any]]] = {
            "object": lambda: self._object(schema),
            "array": lambda: self._list(schema),
            "string": lambda: self._text(schema),
            "integer": lambda: st.integers(low, high),
            "number": lambda: st.floats(low, high, allow_nan=False, allow_infinity=False),
            "boolean": st.booleans,
            "null": st.none,
        }
        return kinds[schema["type"]]()

    def _list(self, schema: Schema) -> st.SearchStrategy[Any]:
        return st.lists(
            self.of(schema["items"]),
            min_size=schema.get("minItems", 0),
            max_size=min(schema.get("maxItems", MOST_ITEMS), MOST_ITEMS),
            unique=schema.get("uniqueItems", False),
        )

    def _object(self, schema: Schema) -> st.SearchStrategy[Any]:
        wanted = set(schema.get("required", ()))
        fields = {name: self.of(one) for name, one in schema.get("properties", {}).items()}
        if not fields:
            patterns = [*schema.get("patternProperties", {}).items()]
            if not patterns:
                return st.just({})
            pattern, inner = patterns[0]
            return st.dictionaries(
                self._text({"pattern": pattern}), self.of(inner), max_size=MOST_ITEMS
            )
        return st.fixed_dictionaries(
            {name: one for name, one in fields.items() if name in wanted},
            optional={name: one for name, one in fields.items() if name not in wanted},
        )

    def _text(self, schema: Schema) -> st.SearchStrategy[str]:
        if schema.get("format") == "uuid":
            return st.uuids().map(str)
        if schema.get("format") == "date-time":
            return st.datetimes().map(lambda at: f"{at.isoformat()}Z")
        least, most = schema.get("minLength", 0), schema.get("maxLength", 40)
        pattern = schema.get("pattern")
        if pattern is None:
            return st.text(min_size=least, max_size=most)
        known = [name for name in self._names if re.search(pattern, name)]
        any_text = st.from_regex(re.compile(pattern), fullmatch=True).filter(
            lambda text: not text.endswith("\n")
        )
        return st.sampled_from(known) | any_text if known else any_text
