"""Turn the texts of a site folder into a Site, or into the list of all its mistakes."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from pydantic import ValidationError

from edge.catalog.approval import Approver
from edge.catalog.check import ConditionCheck, mistakes_between
from edge.catalog.content import Module
from edge.catalog.draft import Draft, E_co, Written
from edge.catalog.experiments import Experiments
from edge.catalog.explanation import Explanation
from edge.catalog.offer import Offer
from edge.catalog.placement import Placement
from edge.catalog.policy_rules import SHIPPED, PolicyRules
from edge.catalog.product import Product
from edge.catalog.resolve import resolved
from edge.catalog.site import Board, Question, Section, Site, SiteHeader
from edge.catalog.tighten import LoosenedError, tightened
from edge.catalog.yaml_text import YamlMistakeError, read_yaml
from edge.core.errors import SiteContractError
from edge.core.mistakes import found, mistakes_in

HEADER = "site.yaml"
NEEDED = (HEADER, "sections.yaml", "placements.yaml")
FILES = re.compile(
    r"(site|sections|placements|boards|guide|experiments|approvers)\.yaml"
    r"|(products|offers|content|explain|policy)/[A-Za-z0-9_-]+\.yaml"
)
ALLOWED = (
    "site, sections, placements, boards, guide, experiments, approvers (.yaml), "
    "products/*.yaml, offers/*.yaml, content/*.yaml, explain/*.yaml, policy/*.yaml"
)


def parse_site(
    texts: Mapping[str, str],
    pictures: AbstractSet[str] | None = None,
    regions: AbstractSet[str] | None = None,
    condition: ConditionCheck | None = None,
) -> Site:
    """Return the shop that ``texts`` describe.

    Args:
        texts: YAML by file name relative to the folder, with forward slashes. A byte that was
            not UTF-8 stands as a lone surrogate (``errors="surrogateescape"``).
        pictures: File names that exist below ``kiosk_ui/static/art/``; None: not checked.
        regions: Regions whose rules exist; None: not checked.
        condition: Says what is wrong with a condition in CEL; None: not checked.

    Raises:
        SiteContractError: There are mistakes; it lists every one of them.
    """
    reading = _Reading(texts)
    draft = Draft(
        header=reading.header(),
        sections=reading.entries("sections.yaml", Section, "id"),
        products=reading.entries("products/", Product, "sku"),
        offers=reading.entries("offers/", Offer, "offer"),
        placements=reading.entries("placements.yaml", Placement, "id"),
        boards=reading.entries("boards.yaml", Board, "id"),
        guide=reading.entries("guide.yaml", Question, "id"),
        modules=reading.entries("content/", Module, "id"),
        explanations=reading.entries("explain/", Explanation, "id"),
        approvers=reading.entries("approvers.yaml", Approver, "id"),
        experiments=reading.single("experiments.yaml", Experiments),
    )
    policy = reading.policy()
    mistakes = [*_wrong_files(texts), *reading.mistakes]
    # With a file missing or unreadable, every reference to what it holds would look wrong.
    if not reading.unreadable:
        mistakes += mistakes_between(draft, pictures, regions, condition)
    if mistakes or draft.header is None:
        raise SiteContractError(tuple(mistakes))
    return _site(draft, draft.header, policy, site_digest(texts))


def _site(draft: Draft, header: SiteHeader, policy: PolicyRules, digest: str) -> Site:
    modules = {module.id: module for module in _whole(draft.modules)}
    experiments = draft.experiments.entry if draft.experiments else None
    return Site(
        header=header,
        sections=_whole(draft.sections),
        products=_whole(draft.products),
        offers=tuple(resolved(offer, modules) for offer in _whole(draft.offers)),
        placements=_whole(draft.placements),
        boards=_whole(draft.boards),
        guide=_whole(draft.guide),
        modules=_whole(draft.modules),
        policy=policy,
        experiments=experiments or Experiments(),
        explanations=_whole(draft.explanations),
        approvers=_whole(draft.approvers),
        digest=digest,
    )


def site_digest(texts: Mapping[str, str]) -> str:
    """Return the SHA-256 over names and texts, the same for every order of the files."""
    digest = hashlib.sha256()
    for name, text in sorted(texts.items()):
        content = text.encode(errors="surrogateescape")
        digest.update(f"{name}\0{len(content)}\0".encode(errors="surrogateescape"))
        digest.update(content)
    return digest.hexdigest()


def _whole(written: tuple[Written[E_co], ...]) -> tuple[E_co, ...]:
    return tuple(one.entry for one in written if one.entry is not None)


def _wrong_files(texts: Mapping[str, str]) -> Iterator[str]:
    for name in NEEDED:
        if name not in texts:
            yield f"{name}: wanted this file, found nothing"
    if not any(name.startswith("products/") for name in texts):
        yield "products/: wanted at least one file of products, found none"
    for name in sorted(texts):
        if not FILES.fullmatch(name):
            yield f"{name}: not a file of a site folder; allowed: {ALLOWED}"


@dataclass(slots=True)
class _Reading:
    """Reads files one by one and remembers what is wrong with each."""

    texts: Mapping[str, str]
    mistakes: list[str] = field(default_factory=list)
    unreadable: bool = False

    def header(self) -> SiteHeader | None:
        raw = self._raw(HEADER)
        return None if raw is None else self._entry(f"{HEADER}:", raw, SiteHeader)

    def entries(self, name: str, model: type[E_co], id_field: str) -> tuple[Written[E_co], ...]:
        """Return the entries of the file ``name``, or of every file below the folder ``name``."""
        return tuple(one for n in self._names(name) for one in self._list(n, model, id_field))

    def _list(self, name: str, model: type[E_co], id_field: str) -> Iterator[Written[E_co]]:
        raw = self._raw(name)
        if raw is None:
            return
        if not isinstance(raw, list):
            self.mistakes.append(
                f'{name}: wanted a list (each entry after "- "), found {found(raw)}'
            )
            self.unreadable = True
            return
        for index, one in enumerate(raw):
            fields = one if isinstance(one, dict) else {}
            entry_id = fields.get(id_field)
            label = entry_id if isinstance(entry_id, str) else ""
            where = f"{name}: [{index}] {label}".rstrip()
            yield Written(where, label, fields, self._entry(where, one, model))

    def single(self, name: str, model: type[E_co]) -> Written[E_co] | None:
        """Return the one entry of the file ``name``; None where there is none."""
        raw = self._raw(name)
        fields = raw if isinstance(raw, dict) else {}
        entry = None if raw is None else self._entry(f"{name}:", raw, model)
        return None if raw is None else Written(f"{name}:", "", fields, entry)

    def policy(self) -> PolicyRules:
        """Return what ships, tightened by one file after the other, in the order of their names."""
        rules = SHIPPED
        for name in self._names("policy/"):
            raw = self._raw(name)
            if raw is None:
                continue
            if not isinstance(raw, dict):
                self.mistakes.append(f"{name}: wanted the names of sins, found {found(raw)}")
                continue
            try:
                rules = tightened(rules, raw)
            except LoosenedError as error:
                self.mistakes += (f"{name}: {mistake}" for mistake in error.mistakes)
        return rules

    def _names(self, name: str) -> list[str]:
        return sorted(
            n for n in self.texts if n == name or (name[-1] == "/" and n.startswith(name))
        )

    def _raw(self, name: str) -> object:
        """Return what the file holds; None where it is missing, unreadable or empty."""
        if name not in self.texts:
            self.unreadable = self.unreadable or name in NEEDED
            return None
        try:
            raw = read_yaml(self.texts[name])
        except YamlMistakeError as error:
            self.mistakes.append(f"{name}: {error}")
            self.unreadable = True
            return None
        if raw is None and name in NEEDED:
            self.mistakes.append(f"{name}: wanted entries, found an empty file")
            self.unreadable = True
        return raw

    def _entry(self, where: str, raw: object, model: type[E_co]) -> E_co | None:
        try:
            return model.model_validate(raw)
        except ValidationError as error:
            for mistake in mistakes_in(error, model):
                dot = "." if mistake.path and not where.endswith((":", "]")) else " "
                place = f"{where}{dot}{mistake.path}".rstrip().removesuffix(":")
                self.mistakes.append(f"{place}: {mistake.text}")
            return None
