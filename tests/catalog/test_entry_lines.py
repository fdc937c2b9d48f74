"""A line is added to one entry of a hand-written list, and every other character stays."""

import pytest

from edge.catalog.entry_lines import LayoutError, with_line
from edge.catalog.yaml_text import read_yaml

LAYOUTS = {
    "a comment behind and below": "- id: a  # one\n  b: 1  # two\n# between\n\n- id: c\n",
    "no end of line at the end": "- id: c\n- id: a\n  b: 1",
    "Windows": "- id: a\r\n  b: 1\r\n- id: c\r\n",
    "a list that is not indented": "- id: a\n  b:\n  - 1\n  - 2\n- id: c\n",
    "a mapping at the end": "- id: a\n  b:\n    c: 1\n    d: [1,\n      2]\n- id: c\n",
    "a text of several lines": "- id: a\n  b: |\n    one\n    two\n- id: c\n",
    "a folded text": "- id: a\n  b: one\n    and two\n- id: c\n",
    "quotes over two lines": '- id: a\n  b: "one\n    two"\n- id: c\n',
    "indented as a whole": "  - id: a\n    b: 1\n  - id: c\n",
    "a list that is there": "- id: a\n  yes:\n    - {by: x}\n  b: 1\n- id: c\n",
    "a list that is there, not indented": "- id: a\n  yes:\n  - {by: x}\n  b: 1\n- id: c\n",
}


@pytest.mark.parametrize("text", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_only_that_entry_says_one_thing_more(text: str) -> None:
    before = read_yaml(text)
    assert isinstance(before, list)
    index = next(i for i, entry in enumerate(before) if entry["id"] == "a")

    after = with_line(text, index, "yes", "{by: sam}")

    before[index]["yes"] = [*before[index].get("yes", []), {"by": "sam"}]
    assert read_yaml(after) == before
    rest = [line for line in after.splitlines() if line.strip() not in {"yes:", "- {by: sam}"}]
    assert rest == [line for line in text.splitlines() if line.strip() != "yes:"]


@pytest.mark.parametrize("text", ["- {id: a}\n", "- id: a\n  yes: []\n", "- id: a\n  yes: 3\n"])
def test_what_stands_on_one_line_is_left_to_its_author(text: str) -> None:
    with pytest.raises(LayoutError, match="wanted"):
        with_line(text, 0, "yes", "{by: sam}")
