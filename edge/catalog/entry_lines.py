"""Add a line to one entry of a YAML list, and leave every other character of the file alone.

People lay out these files by hand, with comments; a program that wrote them anew would take that
away, and a reviewer could not see what it added.
"""

from typing import Any, Final

import yaml

from edge.core.errors import ContractError

_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class LayoutError(ContractError):
    """The entry is laid out in a way that no line can be added to."""


def with_line(text: str, index: int, key: str, line: str) -> str:
    """Return ``text`` with ``line`` added to the list ``key`` of its entry number ``index``.

    Args:
        text: A YAML list of entries, each written over several lines.
        index: Which entry, from 0.
        key: A list of the entry; it is made where there is none.
        line: One item in flow form, such as ``{by: sam}``.

    Raises:
        LayoutError: The entry or the list is written on one line, in braces or brackets.
    """
    document: Any = yaml.compose(text, Loader=_LOADER)
    entry = document.value[index]
    if entry.flow_style:
        msg = "wanted an entry written over several lines, found one in braces"
        raise LayoutError(msg)
    listed = next((value for name, value in entry.value if name.value == key), None)
    if listed is None:
        column = entry.value[0][0].start_mark.column
        new = [" " * column + f"{key}:", " " * column + f"  - {line}"]
        return _after(text, _last_line(entry), new)
    if not isinstance(listed, yaml.SequenceNode) or listed.flow_style:
        msg = f'wanted {key} with each item on a line of its own after "- ", found one in brackets'
        raise LayoutError(msg)
    column = listed.start_mark.column
    return _after(text, _last_line(listed), [" " * column + f"- {line}"])


def _last_line(node: Any) -> int:  # noqa: ANN401 - a node of PyYAML, which has no types
    """Return the line on which ``node`` ends; a block ends where its last item does."""
    if isinstance(node, yaml.ScalarNode):
        at_line_start = node.end_mark.column == 0 and node.end_mark.line > node.start_mark.line
        return int(node.end_mark.line) - (1 if at_line_start else 0)
    if node.flow_style:
        return int(node.end_mark.line)
    last = node.value[-1]
    return _last_line(last[1] if isinstance(node, yaml.MappingNode) else last)


def _after(text: str, line: int, new: list[str]) -> str:
    lines = text.splitlines(keepends=True)
    end = "\r\n" if lines[line].endswith("\r\n") else "\n"
    if not lines[line].endswith("\n"):
        lines[line] += end
    return "".join([*lines[: line + 1], *(one + end for one in new), *lines[line + 1 :]])
