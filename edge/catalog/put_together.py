"""Check that offers, their modules, and the arms of experiments fit together."""

from collections.abc import Iterator

from edge.catalog.approval import Approval
from edge.catalog.content import Module
from edge.catalog.draft import Draft, whole
from edge.catalog.entry import Words
from edge.catalog.experiments import ArmPlan
from edge.catalog.offer import Offer
from edge.core.mistakes import closest, listed


def mistakes_in_content(draft: Draft) -> Iterator[str]:
    """Yield what is wrong with offers' modules, and with the lengths of modules' texts."""
    modules = {module.id: module for _, module in whole(draft.modules)}
    for where, offer in whole(draft.offers):
        yield from _wrong_headline(where, offer)
        yield from _wrong_modules(where, offer, modules)
        yield from _wrong_approvals(where, offer.approvals, draft, offer.owner)
    for where, module in whole(draft.modules):
        yield from _too_long(where, module)
        yield from _wrong_approvals(where, module.approvals, draft)


def mistakes_in_experiments(draft: Draft) -> Iterator[str]:
    """Yield arms that name a variant that their module does not have."""
    modules = {module.id: module for _, module in whole(draft.modules)}
    plans = draft.experiments.entry if draft.experiments else None
    for layer in plans.layers if plans else ():
        for test in layer.experiments:
            for name, arm in test.arms.items():
                where = f"experiments.yaml: {layer.id}.{test.id}.arms.{name}"
                yield from _wrong_variants(where, arm, modules)
                if name == "control" and arm != ArmPlan(share=arm.share):
                    yield f"{where}: wanted a control that changes nothing but its share"


def _wrong_headline(where: str, offer: Offer) -> Iterator[str]:
    if not offer.headline and "headline" not in offer.modules:
        yield f"{where}: wanted headline or modules.headline, found neither"
    written = {"headline": offer.headline, "badge": offer.badge, "legal": offer.legal}
    for kind in offer.modules:
        if written.get(kind):
            yield f"{where}: wanted {kind} or modules.{kind}, found both"


def _wrong_modules(where: str, offer: Offer, modules: dict[str, Module]) -> Iterator[str]:
    for kind, module_id in offer.modules.items():
        module = modules.get(module_id)
        if module is not None and module.kind != kind:
            fitting = listed(one.id for one in modules.values() if one.kind == kind)
            yield (
                f"{where}.modules.{kind}: wanted a module of kind {kind}, "
                f'found "{module_id}" of kind {module.kind}; allowed: {fitting}'
            )


def _wrong_approvals(
    where: str, approvals: tuple[Approval, ...], draft: Draft, owner: str = ""
) -> Iterator[str]:
    """Yield approvals by somebody who may not give them; the owner of an offer never may."""
    known = {one.id: one.roles for _, one in whole(draft.approvers)}
    for approval in approvals:
        by, role = approval.by, approval.role
        if by == owner:
            yield f'{where}.approvals: wanted somebody other than the owner, found "{by}"'
        elif known and by not in known:
            near = closest(by, known)
            yield (
                f"{where}.approvals: wanted somebody of approvers.yaml, "
                f'found "{by}";{near} allowed: {listed(known)}'
            )
        elif known and role not in known[by]:
            yield (
                f"{where}.approvals: wanted a role of {by} (approvers.yaml), "
                f'found "{role}"; allowed: {listed(known[by])}'
            )


def _too_long(where: str, module: Module) -> Iterator[str]:
    said: list[tuple[str, Words]] = [("lang", module.lang or {})]
    said += [(f"variants.{one.id}.lang", one.lang or {}) for one in module.variants]
    for path, words in said:
        for language, text in words.items():
            if module.max_chars is not None and len(text) > module.max_chars:
                yield (
                    f"{where}.{path}.{language}: wanted at most {module.max_chars} characters, "
                    f"found {len(text)}"
                )


def _wrong_variants(where: str, arm: ArmPlan, modules: dict[str, Module]) -> Iterator[str]:
    for module_id, variant in arm.module_variants.items():
        module = modules.get(module_id)
        if module is None:
            continue
        names = [one.id for one in module.variants]
        if variant not in names:
            near = closest(variant, names)
            yield (
                f"{where}.module_variants.{module_id}: wanted a variant of the module, "
                f'found "{variant}";{near} allowed: {listed(names)}'
            )
