"""YAML as plain values, without the parts that surprise."""

import pytest

from edge.catalog.yaml_text import MAX_TEXT_BYTES, YamlMistakeError, read_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("10:30", "10:30"),
        ("007", "007"),
        ("1_000", "1_000"),
        ("0x10", "0x10"),
        (".nan", ".nan"),
        ("2026-03-01", "2026-03-01"),
        ("<<: 1", {"<<": 1}),
        ("0", 0),
        ("-5", -5),
        ("+5", 5),
        ("20.5", 20.5),
        ("1.5e3", 1500.0),
        ("9" * 5000, "9" * 5000),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("", None),
        ('"null"', "null"),
        ("'5'", "5"),
        ("|\n  two\n  lines", "two\nlines"),
        ("{a: , b: [1, {c: d}]}", {"a": None, "b": [1, {"c": "d"}]}),
        ("no: 1\n5: 2\ntrue: 3", {"no": 1, "5": 2, "true": 3}),
        ("\ufeffa: 1\r\nb: 2\r\n", {"a": 1, "b": 2}),
    ],
)
def test_a_plain_word_is_what_a_person_means_by_it(text: str, value: object) -> None:
    found = read_yaml(text)

    assert found == value
    assert type(found) is type(value)


def test_an_alias_shares_what_its_anchor_holds() -> None:
    assert read_yaml("- &milk [oat, whole]\n- *milk") == [["oat", "whole"], ["oat", "whole"]]
    assert read_yaml("a: &x 5\nb: *x") == {"a": 5, "b": 5}


BOMB = "\n".join(
    ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    + [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 9)]
)
DEEP = "\n".join(["- &a0 [x]"] + [f"- &a{i} [*a{i - 1}]" for i in range(1, 40)])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("a: 1\na: 2", 'line 2, column 1: wanted each key once, found "a"', id="twice"),
        pytest.param("a: [1,\nb: {", "line 3, column 1: not YAML: while parsing", id="not closed"),
        pytest.param("a: b: c", "line 1, column 5: not YAML: mapping values", id="two colons"),
        pytest.param("a:\n\t- b", "line 2, column 1: not YAML: .*character", id="tab"),
        pytest.param("a: \x07", "not YAML: unacceptable character", id="control character"),
        pytest.param("a\nb: \udcff", "line 2: wanted UTF-8 text", id="not UTF-8"),
        pytest.param("--- a\n--- b", "line 2, column 1: wanted one document", id="documents"),
        pytest.param("!!python/name:os.system x", "line 1, column 1: tags are not", id="tag"),
        pytest.param("a: !!set {b, c}", "line 1, column 4: tags are not allowed", id="set"),
        pytest.param("? [a, b]\n: c", "wanted a word as key", id="list as key"),
        pytest.param("a: &x b\n*x : c", "wanted a word as key, found an alias", id="alias as key"),
        pytest.param("a: *b", r"line 1, column 4: .*an anchor above, found \*b", id="no anchor"),
        pytest.param("a: &x [*x]", "an anchor above", id="holds itself"),
        pytest.param(BOMB, "stands for too much; write it out", id="aliases that multiply"),
        pytest.param(DEEP, "stands for too much; write it out", id="aliases that nest"),
        pytest.param("[" * 500_000, "wanted at most 20 levels", id="nested lists"),
        pytest.param("{a: " * 100_000, "wanted at most 20 levels", id="nested mappings"),
        pytest.param("- " * 400_000, "wanted at most 20 levels", id="nested blocks"),
        pytest.param("x" * (MAX_TEXT_BYTES + 1), "wanted at most 1000000 bytes", id="long"),
        pytest.param("%YAML 9.9\n--- a", "not YAML", id="another version"),
    ],
)
def test_what_a_site_file_may_not_hold_is_refused_with_its_place(text: str, why: str) -> None:
    with pytest.raises(YamlMistakeError, match=why):
        read_yaml(text)
