"""Pieces of content that offers are put together from, written once and used again."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from edge.catalog.approval import Approval
from edge.catalog.entry import Entry, Id, Picture, Words

ModuleKind = Literal["headline", "badge", "legal", "image"]

ModuleId = Annotated[
    str,
    StringConstraints(pattern=r"^m(\.[a-z0-9][a-z0-9-]{0,39}){1,4}$"),
    Field(json_schema_extra={"wanted": "a module's id such as m.iced.headline"}),
]


class Variant(Entry):
    """One way to say or show it; an experiment chooses among several."""

    id: Id
    lang: Words | None = None
    picture: Picture | None = None


class Module(Entry):
    """A text or a picture."""

    id: ModuleId
    kind: ModuleKind
    lang: Words | None = None
    picture: Picture | None = None
    variants: Annotated[tuple[Variant, ...], Field(max_length=8)] = ()
    """Instead of ``lang`` or ``picture``."""
    familiarity: Annotated[int, Field(ge=0, le=2, strict=True)] = 0
    """How much the words presume to know: 0 nobody, 1 that somebody is there, 2 their history."""
    tags: frozenset[Id] = frozenset()
    max_chars: Annotated[int, Field(ge=1, le=240, strict=True)] | None = None
    approvals: tuple[Approval, ...] = ()

    @model_validator(mode="after")
    def _says_something_of_its_kind(self) -> Self:
        for one in (self,) if not self.variants else self.variants:
            has = (one.lang is not None, one.picture is not None)
            if has != ((False, True) if self.kind == "image" else (True, False)):
                wanted = "a picture" if self.kind == "image" else "lang (a text per language)"
                msg = f"a module of kind {self.kind} wants {wanted} and nothing else"
                raise ValueError(msg)
        if self.variants and (self.lang or self.picture):
            msg = "a module has either variants, or one text or picture of its own"
            raise ValueError(msg)
        return self
