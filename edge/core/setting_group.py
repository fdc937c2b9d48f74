"""What every group of settings is made of: named types, and the base that refuses unknown names."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from edge.core.mistakes import Mistake, found, mistakes_in

DeviceId = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9-]{3,32}$"),
    Field(json_schema_extra={"wanted": "3 to 32 lower-case letters, digits or hyphens"}),
]
Host = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9.\[\]:-]{1,255}$"),
    Field(
        json_schema_extra={
            "wanted": "a host name (lower-case) or address, with a port where it has one"
        }
    ),
]
Broker = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9.\[\]:-]{0,255}$"),
    Field(json_schema_extra={"wanted": 'a host name or address, or ""'}),
]


def _folder(value: object) -> object:
    if value is None or value == "":
        return None
    return _data_folder(value)


def _data_folder(value: object) -> object:
    # Path("") would be the working folder, which nobody means by it.
    if isinstance(value, Path) or (isinstance(value, str) and value):
        return value
    msg = f"must be the path of a folder, got {found(value)}"
    raise ValueError(msg)


Folder = Annotated[Path | None, BeforeValidator(_folder)]
DataFolder = Annotated[
    Path,
    BeforeValidator(_data_folder),
    Field(json_schema_extra={"wanted": "the path of a folder"}),
]


def whole(least: int, most: int) -> Any:  # noqa: ANN401 - pydantic's FieldInfo has no public type
    """Return the field of a whole number in a range, both ends included."""
    # Strict, so that ``true`` is not the port 1.
    return Field(ge=least, le=most, strict=True)


class Group(BaseModel):
    """Settings that belong together; its docstrings are the descriptions shown to people."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


def lines_of(error: ValidationError, model: type[BaseModel], source: str, see: str) -> list[str]:
    """Return one line for each mistake that pydantic found in settings."""
    return [f"{source}: {_line(mistake)}; see {see}" for mistake in mistakes_in(error, model)]


def put(raw: dict[str, Any], name: str, value: object) -> None:
    """Set ``value`` under its dotted ``name`` ("listen.port")."""
    *groups, last = name.split(".")
    for group in groups:
        inner = raw.setdefault(group, {})
        if not isinstance(inner, dict):
            return  # the file's own mistake; the validation reports it
        raw = inner
    raw[last] = value


def _line(mistake: Mistake) -> str:
    what = mistake.problem or f"must be {mistake.wanted}, got {mistake.found}"
    return f"'{mistake.path}' {what}" if mistake.path else what
