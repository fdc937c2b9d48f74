"""What is wrong with something a person wrote, in one line."""

from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from edge.core.mistakes import closest, found, listed, mistakes_in, path_of


class Cup(BaseModel):
    model_config = ConfigDict(extra="forbid")

    size: Annotated[int, Field(ge=1, le=9)] = 1
    least: Annotated[float, Field(ge=0.5)] = 1
    most: Annotated[int, Field(le=3)] = 1
    any_number: int = 1
    colour: Literal["red"] = "red"
    code: Annotated[str, Field(pattern="^[a-z]+$")] = "a"
    is_hot: bool = False
    lids: Annotated[list[int], Field(min_length=2)] = [1, 2]
    inner: dict[str, "Cup"] = {}
    either: int | str = 1


@pytest.mark.parametrize(
    ("raw", "path", "text"),
    [
        ({"size": 0}, "size", "wanted a whole number from 1 to 9, found 0"),
        ({"least": 0}, "least", "wanted a number of at least 0.5, found 0"),
        ({"most": 4}, "most", "wanted a whole number of at most 3, found 4"),
        ({"any_number": []}, "any_number", "wanted a whole number, found []"),
        ({"colour": "blue"}, "colour", 'wanted "red", found "blue"'),
        ({"code": "A"}, "code", 'wanted text of the form [a-z]+, found "A"'),
        ({"is_hot": 7}, "is_hot", "wanted true or false, found 7"),
        (
            {"lids": [1]},
            "lids",
            "wanted a list of at least 2 entries, each a whole number, found [1]",
        ),
        ({"lids": 1}, "lids", "wanted a list of at least 2 entries, each a whole number, found 1"),
        ({"lids": [1, "x"]}, "lids[1]", 'wanted a whole number, found "x"'),
        ({"inner": 1}, "inner", "wanted a mapping, found 1"),
        (
            {"inner": {"a": {"size": 0}}},
            "inner.a.size",
            "wanted a whole number from 1 to 9, found 0",
        ),
    ],
    ids=str,
)
def test_what_was_wanted_is_what_the_declaration_says(
    raw: dict[str, object], path: str, text: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        Cup.model_validate(raw)

    assert [(one.path, one.text) for one in mistakes_in(caught.value, Cup)] == [(path, text)]


def test_an_unknown_key_is_told_with_the_closest_one() -> None:
    with pytest.raises(ValidationError) as caught:
        Cup.model_validate({"sise": 1})

    (mistake,) = mistakes_in(caught.value, Cup)

    assert mistake.path == "sise"
    assert mistake.text.startswith('unknown key; did you mean "size"? allowed: size, least,')


def test_a_value_too_long_to_show_is_cut() -> None:
    assert found("x" * 100) == '"' + "x" * 58 + "…"
    assert found({"ä": 1}) == '{"ä": 1}'


def test_a_long_list_of_names_is_cut_where_nobody_reads_on() -> None:
    assert listed([]) == "none"
    assert listed("ba") == "a, b"
    assert listed(map(str, range(100, 115))).endswith("111 and 3 more")


def test_only_a_near_name_is_suggested() -> None:
    assert closest("late", ["latte", "tea"]) == ' did you mean "latte"?'
    assert closest("sandwich", ["latte", "tea"]) == ""


def test_a_path_reads_like_the_file() -> None:
    assert path_of(("options", 0, "choices", 12, "id")) == "options[0].choices[12].id"
    assert path_of(()) == ""
