"""Offers are put together from content, and everything that does not fit is told at once."""

from datetime import date
from typing import Final

import pytest

from edge.catalog.approved import entry_digest, stale_approvals, valid_approvals
from edge.catalog.content import Module
from edge.catalog.offer import Offer
from edge.catalog.parse import parse_site
from edge.catalog.resolve import resolved
from edge.catalog.site import Site
from tests.fakes.site_texts import PICTURES, REGIONS, SITE_TEXTS, mistakes_of

OFFER: Final = """\
- offer: put-together
  owner: house
  skus: [latte]
  modules: {headline: m.wake.headline, badge: m.new.badge, image: m.wake.image, legal: m.all.legal}
  surfaces: [kiosk]
  needs: {stock: {latte: 2}}
  taxonomy: {category: coffee}
  links: {trigger_categories: [bakery]}
  explain: x.house
"""
CONTENT: Final = """\
- id: m.wake.headline
  kind: headline
  max_chars: 20
  variants:
    - {id: plain, lang: {en: Wake up, de: Wach auf}}
    - {id: warm, lang: {en: Wake up warm, de: Warm aufwachen}}
- {id: m.new.badge, kind: badge, lang: {en: New, de: Neu}}
- {id: m.wake.image, kind: image, picture: hot.svg}
- {id: m.all.legal, kind: legal, lang: {en: While stocks last, de: Solange der Vorrat reicht}}
"""
EXPLAIN: Final = """\
- {id: x.house, lang: {en: We like it, de: Wir mögen es}, group: merchant, needs: [offer]}
"""
EXPERIMENTS: Final = """\
salt: first
layers:
  - id: strip
    placements: [strip]
    experiments:
      - id: warmer
        range: [0, 1]
        primary: take-rate
        arms:
          control: {share: 0.5}
          warm: {share: 0.5, module_variants: {m.wake.headline: warm}, offers_off: [put-together]}
"""
TEXTS: Final = {
    **SITE_TEXTS,
    "offers/more.yaml": OFFER,
    "content/all.yaml": CONTENT,
    "explain/all.yaml": EXPLAIN,
    "experiments.yaml": EXPERIMENTS,
    "policy/shop.yaml": "boudoir: {only_among: never}\n",
    "approvers.yaml": "- {id: sam, roles: [brand, lead]}\n",
}


def _site() -> Site:
    return parse_site(TEXTS, PICTURES, REGIONS)


def _offer(site: Site) -> Offer:
    offer = site.offer("put-together")
    assert offer
    return offer


def _with(file: str, old: str, new: str) -> dict[str, str]:
    assert old in TEXTS[file]
    return {**TEXTS, file: TEXTS[file].replace(old, new, 1)}


def test_an_offer_says_and_shows_what_its_modules_do() -> None:
    offer = _offer(_site())

    assert offer.headline == {"en": "Wake up", "de": "Wach auf"}
    assert offer.badge == {"en": "New", "de": "Neu"}
    assert offer.legal == {"en": "While stocks last", "de": "Solange der Vorrat reicht"}
    assert offer.pictures == {"latte": "hot.svg"}


def test_an_arm_changes_only_the_words_that_it_names() -> None:
    site = _site()
    offer, modules = _offer(site), {module.id: module for module in site.modules}

    warm = resolved(offer, modules, {"m.wake.headline": "warm"})

    assert warm.headline == {"en": "Wake up warm", "de": "Warm aufwachen"}
    assert warm.model_copy(update={"headline": offer.headline}) == offer
    assert resolved(offer, modules) == offer


def test_a_picture_that_the_offer_has_of_its_own_stays() -> None:
    offer = _offer(_site()).model_copy(update={"pictures": {"latte": "own.svg"}})
    image = Module(id="m.wake.image", kind="image", picture="hot.svg")

    assert resolved(offer, {image.id: image}).pictures == {"latte": "own.svg"}


def test_a_shop_that_writes_nothing_new_has_the_shipped_policy_and_no_experiment() -> None:
    site = parse_site(SITE_TEXTS, PICTURES, REGIONS)

    assert (site.modules, site.explanations, site.experiments.layers) == ((), (), ())
    assert Site.model_validate_json(site.model_dump_json()) == site


def test_what_is_kept_of_a_shop_can_be_read_again() -> None:
    site = _site()

    assert Site.model_validate_json(site.model_dump_json()) == site


def _approval(by: str, role: str) -> str:
    line = f"    - {{by: {by}, role: {role}, on: 2026-11-01, digest: {'0' * 64}}}\n"
    return f"  approvals:\n{line}"


MISTAKES: Final = {
    "no headline": (
        _with("offers/more.yaml", "headline: m.wake.headline, ", ""),
        "offers/more.yaml: [0] put-together: wanted headline or modules.headline, found neither",
    ),
    "two headlines": (
        _with("offers/more.yaml", "  surfaces", "  headline: {en: A, de: B}\n  surfaces"),
        "offers/more.yaml: [0] put-together: wanted headline or modules.headline, found both",
    ),
    "a module that is not there": (
        _with("offers/more.yaml", "m.wake.headline", "m.wake.headlin"),
        (
            "offers/more.yaml: [0] put-together.modules: wanted a known module, found "
            '"m.wake.headlin"; did you mean "m.wake.headline"? allowed: m.all.legal, m.new.badge, '
            "m.wake.headline, m.wake.image"
        ),
    ),
    "a module of another kind": (
        _with("offers/more.yaml", "badge: m.new.badge", "badge: m.all.legal"),
        (
            "offers/more.yaml: [0] put-together.modules.badge: wanted a module of kind badge, found "
            '"m.all.legal" of kind legal; allowed: m.new.badge'
        ),
    ),
    "a kind of module that is none": (
        _with("offers/more.yaml", "badge: m.new", "bagde: m.new"),
        (
            "offers/more.yaml: [0] put-together.modules: wanted a mapping with keys one of headline, "
            'badge, legal, image, found the key "bagde"'
        ),
    ),
    "a text that is too long": (
        _with("content/all.yaml", "en: Wake up warm", "en: Wake up warm and well rested"),
        (
            "content/all.yaml: [0] m.wake.headline.variants.warm.lang.en: wanted at most 20 "
            "characters, found 28"
        ),
    ),
    "a language that is missing in a variant": (
        _with("content/all.yaml", ", de: Warm aufwachen", ""),
        (
            "content/all.yaml: [0] m.wake.headline.variants[1].lang: wanted a text in en, de; "
            "missing: de"
        ),
    ),
    "a picture that is not delivered": (
        _with("content/all.yaml", "hot.svg", "hto.svg"),
        (
            'content/all.yaml: [2] m.wake.image.picture: wanted a known picture, found "hto.svg"; '
            'did you mean "hot.svg"? allowed: hot.svg, latte.svg'
        ),
    ),
    "a stock of something else": (
        _with("offers/more.yaml", "{latte: 2}", "{late: 2}"),
        (
            "offers/more.yaml: [0] put-together.needs.stock: wanted a known product, found "
            '"late"; did you mean "latte"? allowed: latte, scone'
        ),
    ),
    "a link to a category that no product has": (
        _with("offers/more.yaml", "[bakery]", "[bakeries]"),
        (
            "offers/more.yaml: [0] put-together.links.trigger_categories: wanted a known category, "
            'found "bakeries"; did you mean "bakery"? allowed: bakery, coffee'
        ),
    ),
    "an explanation that is not there": (
        _with("offers/more.yaml", "x.house", "x.horse"),
        (
            "offers/more.yaml: [0] put-together.explain: wanted a known explanation, found "
            '"x.horse"; did you mean "x.house"? allowed: x.house'
        ),
    ),
    "a variant that is not there": (
        _with("experiments.yaml", ": warm}", ": worm}"),
        (
            "experiments.yaml: strip.warmer.arms.warm.module_variants.m.wake.headline: wanted a "
            'variant of the module, found "worm"; did you mean "warm"? allowed: plain, warm'
        ),
    ),
    "an offer to switch off that is not there": (
        _with("experiments.yaml", "[put-together]", "[put-togethr]"),
        (
            "experiments.yaml: strip.warmer.arms.warm.offers_off: wanted a known offer, found "
            '"put-togethr"; did you mean "put-together"? allowed: morning-latte, put-together'
        ),
    ),
    "a layer on a placement that is not there": (
        _with("experiments.yaml", "placements: [strip]", "placements: [strop]"),
        (
            'experiments.yaml: strip.placements: wanted a known placement, found "strop"; '
            'did you mean "strip"? allowed: hero, strip'
        ),
    ),
    "a control that does something": (
        _with("experiments.yaml", "control: {share: 0.5}", "control: {share: 0.5, exploration_off: true}"),
        "experiments.yaml: strip.warmer.arms.control: wanted a control that changes nothing but its share",
    ),
    "the same module twice": (
        _with("content/all.yaml", "m.all.legal", "m.new.badge"),
        (
            "content/all.yaml: [3] m.new.badge: wanted a new id for each module, found "
            '"m.new.badge" at content/all.yaml: [1] m.new.badge'
        ),
    ),
    "a sin that is none": (
        _with("policy/shop.yaml", "boudoir:", "budoir:"),
        (
            'policy/shop.yaml: budoir: unknown key; did you mean "boudoir"? allowed: values, '
            "breaking_bonds, digging_too_deep, helicoptering, overcrowding, category_jumping, "
            "boudoir, moral_hazards, permission_distance, fact_decay"
        ),
    ),
    "a policy that allows more than what ships": (
        {**TEXTS, "policy/x.yaml": "boudoir: {only_among: 3}\n"},
        'policy/x.yaml: boudoir.only_among: wanted "never", found 3',
    ),
    "an approval by somebody unknown": (
        {**TEXTS, "offers/more.yaml": OFFER + _approval("smm", "lead")},
        (
            "offers/more.yaml: [0] put-together.approvals: wanted somebody of approvers.yaml, "
            'found "smm"; did you mean "sam"? allowed: sam'
        ),
    ),
    "an approval in a role that somebody does not have": (
        {**TEXTS, "offers/more.yaml": OFFER + _approval("sam", "legal")},
        (
            "offers/more.yaml: [0] put-together.approvals: wanted a role of sam (approvers.yaml), "
            'found "legal"; allowed: brand, lead'
        ),
    ),
    "an experiment without a control": (
        _with("experiments.yaml", "control:", "contrl:"),
        (
            'experiments.yaml: layers[0].experiments[0]: wanted an arm "control" with a share of '
            "0.1 to 0.5"
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("texts", "line"), MISTAKES.values(), ids=MISTAKES.keys())
def test_what_does_not_fit_is_told_with_file_field_and_what_is_allowed(
    texts: dict[str, str], line: str
) -> None:
    assert line in mistakes_of(texts)


def test_mistakes_in_every_kind_of_file_are_told_at_once() -> None:
    texts = {
        **_with("offers/more.yaml", "m.wake.headline", "m.none.headline"),
        "content/all.yaml": CONTENT.replace("hot.svg", "none.svg"),
        "explain/all.yaml": EXPLAIN.replace("merchant", "merchent"),
        "policy/shop.yaml": "boudoir: {only_amng: 7}\n",
        "experiments.yaml": EXPERIMENTS.replace("[0, 1]", "[1, 0]"),
        "approvers.yaml": "- {id: Sam, roles: [brand]}\n",
    }

    files = {line.partition(":")[0] for line in mistakes_of(texts)}

    assert files == {*texts} - {*SITE_TEXTS}


def test_an_approval_holds_for_one_text_by_somebody_else_than_the_owner() -> None:
    offer = _offer(_site())
    line = {"by": "sam", "role": "brand", "on": date(2026, 11, 1), "digest": entry_digest(offer)}
    approved = Offer.model_validate({**dict(offer), "approvals": (line,)})

    assert [one.by for one in valid_approvals(approved)] == ["sam"]
    assert stale_approvals(approved) == ()

    changed = approved.model_copy(update={"headline": {"en": "Other", "de": "Anders"}})
    assert valid_approvals(changed) == ()
    assert [one.by for one in stale_approvals(changed)] == ["sam"]
    assert valid_approvals(approved.model_copy(update={"owner": "sam"})) == ()


def test_the_owner_cannot_approve_their_own_offer() -> None:
    texts = {**TEXTS, "offers/more.yaml": OFFER + _approval("house", "brand")}

    assert mistakes_of(texts) == (
        'offers/more.yaml: [0] put-together.approvals: wanted somebody other than the owner, found "house"',
    )


def test_the_digest_of_an_entry_is_the_same_in_every_process() -> None:
    # Sets have another order in every process; the value was worked out once and written down.
    module = Module(
        id="m.a.headline", kind="headline", lang={"en": "A"}, tags=frozenset({"warm", "cold"})
    )

    assert entry_digest(module) == (
        "ce19493b50f73a96999c7f35ce9630f238bc0f49767bcfbba7d79626eb4c3695"
    )
