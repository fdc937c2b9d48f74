import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.errors import WireContractError
from edge.wire.canonical import canonical, parse_object

_PLAIN = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=8)
_KEYS = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=6)
_DOCUMENTS = st.recursive(
    _PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3)
)


@given(st.dictionaries(_KEYS, _DOCUMENTS, max_size=4))
def test_a_document_has_one_spelling_whatever_the_order_of_its_keys(
    document: dict[str, object],
) -> None:
    turned = dict(reversed(document.items()))
    assert canonical(document) == canonical(turned)
    assert parse_object(canonical(document), max_bytes=1 << 20, what="it") == document


@pytest.mark.parametrize("value", [0.5, float("nan"), 2**53, {"ä": 1}, {1: 2}, object(), b"x"])
def test_what_other_languages_spell_differently_is_refused(value: object) -> None:
    with pytest.raises(WireContractError, match="wanted"):
        canonical({"it": value})


def test_a_document_nested_without_end_is_refused() -> None:
    deep: object = 1
    for _ in range(40):
        deep = [deep]
    with pytest.raises(WireContractError, match="nested at most"):
        canonical(deep)


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        (b"[1]", "JSON object, got list"),
        (b"{", "wanted JSON"),
        (b'{"a": NaN}', "wanted JSON"),
        (b"[" * 100_000, "wanted JSON"),
        (b'{"a": "' + b"x" * 2000 + b'"}', "at most 1000 bytes"),
    ],
)
def test_what_is_no_object_is_refused_with_a_reason(payload: bytes, why: str) -> None:
    with pytest.raises(WireContractError, match=why):
        parse_object(payload, max_bytes=1000 if b"x" in payload else 1 << 20, what="it")
