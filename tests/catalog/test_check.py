"""The entries of a site folder must fit together."""

from typing import Final

import pytest

from edge.catalog.check import warnings
from edge.catalog.parse import parse_site
from tests.fakes.site_texts import SITE_TEXTS, broken, mistakes_of

COFFEE = "products/coffee.yaml"
OFFERS = "offers/house.yaml"
PLACEMENTS = "placements.yaml"
LATTE = f"{COFFEE}: [0] latte"
OFFER = f"{OFFERS}: [0] morning-latte"

SCONE_AGAIN = "- {sku: scone, name: {en: a, de: b}, section: food, category: x, price_minor: 1, allergens: []}"
MANY = "".join(
    f"- {{sku: p{i}, name: {{en: a, de: b}}, section: food, category: x, price_minor: 1, allergens: []}}\n"
    for i in range(21)
)

MISFITS: Final = {
    "section": (
        broken(COFFEE, "section: coffee", "section: cofee"),
        (
            f'{LATTE}.section: wanted a known section, found "cofee"; did you mean "coffee"? '
            "allowed: coffee, food"
        ),
    ),
    "daypart of a product": (
        broken(COFFEE, "dayparts: [morning]", "dayparts: [night]"),
        f'{LATTE}.dayparts: wanted a known daypart, found "night"; allowed: later, morning',
    ),
    "picture of a product": (
        broken(COFFEE, "latte.svg", "late.svg"),
        (
            f'{LATTE}.picture: wanted a known picture, found "late.svg"; did you mean "latte.svg"? '
            "allowed: hot.svg, latte.svg"
        ),
    ),
    "picture of a section": (
        broken("sections.yaml", "hot.svg", "x"),
        (
            'sections.yaml: [0] coffee.picture: wanted a known picture, found "x"; '
            "allowed: hot.svg, latte.svg"
        ),
    ),
    "picture of an answer": (
        broken("guide.yaml", "hot.svg", "x"),
        (
            'guide.yaml: [0] heat.answers.hot.picture: wanted a known picture, found "x"; '
            "allowed: hot.svg, latte.svg"
        ),
    ),
    "product of an offer": (
        broken(OFFERS, "[latte]", "[late]"),
        (
            f'{OFFER}.skus: wanted a known product, found "late"; did you mean "latte"? '
            "allowed: latte, scone"
        ),
    ),
    "picture of an offer": (
        broken(OFFERS, "skus: [latte]", "skus: [latte]\n  pictures: {latte: late.svg}"),
        (
            f'{OFFER}.pictures.latte: wanted a known picture, found "late.svg"; '
            'did you mean "latte.svg"? allowed: hot.svg, latte.svg'
        ),
    ),
    "picture of a product an offer does not propose": (
        broken(OFFERS, "skus: [latte]", "skus: [latte]\n  pictures: {scone: hot.svg}"),
        f'{OFFER}.pictures: wanted a known product of this offer, found "scone"; allowed: latte',
    ),
    "placement of an offer": (
        broken(OFFERS, "[strip]", "[wall]"),
        f'{OFFER}.placements: wanted a known placement, found "wall"; allowed: hero, strip',
    ),
    "daypart of an offer": (
        broken(OFFERS, "[morning]", "[night]"),
        f'{OFFER}.dayparts: wanted a known daypart, found "night"; allowed: later, morning',
    ),
    "surface of an offer": (
        broken(OFFERS, "[signage, kiosk]", "[signage, tablet]"),
        f'{OFFER}.placements: wanted placements on signage, tablet, found "strip" on kiosk',
    ),
    "last day": (
        broken(OFFERS, "2026-12-31", "2025-12-31"),
        f"{OFFER}.valid_to: wanted 2026-01-01 (valid_from) or later, found 2025-12-31",
    ),
    "weather": (
        broken(OFFERS, "20.5", "-6"),
        f"{OFFER}.weather.max_temp_c: wanted at least -5 (min_temp_c), found -6",
    ),
    "section of a placement": (
        broken(PLACEMENTS, "[coffee]", "[tea]"),
        (
            f'{PLACEMENTS}: [1] hero.sections: wanted a known section, found "tea"; '
            "allowed: coffee, food"
        ),
    ),
    "fallback": (
        broken(PLACEMENTS, "[scone]", "[bun]"),
        (
            f'{PLACEMENTS}: [0] strip.fallback: wanted a known product, found "bun"; '
            "allowed: latte, scone"
        ),
    ),
    "slot to explore": (
        broken(PLACEMENTS, "explore_slot: 2", "explore_slot: 3"),
        f"{PLACEMENTS}: [0] strip.explore_slot: wanted 0 to 2 (3 slots), found 3",
    ),
    "hero": (
        broken("boards.yaml", "hero: hero", "hero: hera"),
        (
            'boards.yaml: [0] bar.hero: wanted a known placement, found "hera"; did you mean "hero"? '
            "allowed: hero, strip"
        ),
    ),
    "hero elsewhere": (
        broken("boards.yaml", "hero: hero", "hero: strip"),
        (
            "boards.yaml: [0] bar.hero: wanted a placement on signage with 1 slot, "
            'found "strip" on kiosk with 3'
        ),
    ),
    "board section": (
        broken("boards.yaml", "[coffee, food]", "[coffee, fod]"),
        (
            'boards.yaml: [0] bar.sections: wanted a known section, found "fod"; did you mean "food"? '
            "allowed: coffee, food"
        ),
    ),
    "board too full": (
        {**SITE_TEXTS, "products/many.yaml": MANY},
        (
            "boards.yaml: [0] bar.sections: wanted at most 22 products on a board, found 23; "
            "split them over two boards"
        ),
    ),
    "region": (
        broken("site.yaml", "region: gb", "region: fr"),
        'site.yaml: region: wanted a known region, found "fr"; allowed: gb',
    ),
    "closing time": (
        broken("site.yaml", "closes: 17:00", "closes: 09:00"),
        (
            "site.yaml: opening.sat.closes: wanted a time after opens (09:00) and before midnight, "
            'found "09:00"'
        ),
    ),
    "dayparts overlap": (
        broken("site.yaml", "start: 11:00", "start: 10:30"),
        'site.yaml: dayparts.later: wanted a start after morning ends (11:00), found "10:30"',
    ),
    "daypart backwards": (
        broken("site.yaml", "end: 11:00", "end: 07:30"),
        'site.yaml: dayparts.morning: wanted an end after its start, found "07:30" to "07:30"',
    ),
    "daypart before opening": (
        broken("site.yaml", "start: 07:30", "start: 07:00"),
        (
            "site.yaml: dayparts.morning: wanted times within opening hours (07:30 to 18:00), "
            'found "07:00" to "11:00"'
        ),
    ),
    "daypart after closing": (
        broken("site.yaml", "end: 18:00", "end: 18:30"),
        (
            "site.yaml: dayparts.later: wanted times within opening hours (07:30 to 18:00), "
            'found "11:00" to "18:30"'
        ),
    ),
    "language of a header text": (
        broken("site.yaml", "{en: Morning, de: Morgen}", "{en: Morning}"),
        "site.yaml: dayparts[0].name: wanted a text in en, de; missing: de",
    ),
    "language deep inside": (
        broken(COFFEE, "{en: Small, de: Klein}", "{de: Klein}"),
        f"{LATTE}.options[0].choices[0].name: wanted a text in en, de; missing: en",
    ),
    "two defaults": (
        broken(COFFEE, 'till: ["L2"]', 'till: ["L2"], default: true'),
        f"{LATTE}.options.size: wanted at most one default, found small, large",
    ),
    "cheaper than nothing": (
        broken(COFFEE, "price_minor: -50", "price_minor: -351"),
        f"{LATTE}.options: wanted a price of at least 0 in every choice, found -1",
    ),
    "product twice": (
        {**SITE_TEXTS, "products/more.yaml": SCONE_AGAIN},
        (
            'products/more.yaml: [0] scone: wanted a new id for each product, found "scone" at '
            "products/food.yaml: [0] scone"
        ),
    ),
    "section twice": (
        broken("sections.yaml", "id: food", "id: coffee"),
        (
            'sections.yaml: [1] coffee: wanted a new id for each section, found "coffee" at '
            "sections.yaml: [0] coffee"
        ),
    ),
    "daypart twice": (
        broken("site.yaml", "id: later", "id: morning"),
        'site.yaml: dayparts: wanted each id once, found "morning" again',
    ),
    "language twice": (
        broken("site.yaml", "[en, de]", "[en, de, en]"),
        'site.yaml: languages: wanted each id once, found "en" again',
    ),
    "choice twice": (
        broken(COFFEE, "id: large", "id: small"),
        f'{LATTE}.options.size.choices: wanted each id once, found "small" again',
    ),
    "answer twice": (
        broken("guide.yaml", "id: either", "id: hot"),
        'guide.yaml: [0] heat.answers: wanted each id once, found "hot" again',
    ),
    "barcode number of two products, written in two lengths": (
        {
            **broken("products/food.yaml", 'till: ["S1"]', 'gtin: "09506000134352"'),
            COFFEE: SITE_TEXTS[COFFEE].replace(
                "section: coffee", 'section: coffee\n  gtin: "9506000134352"'
            ),
        },
        (
            'products/food.yaml: [0] scone.gtin: wanted each gtin once, found "09506000134352" '
            f"at {LATTE} too"
        ),
    ),
    "till id of two products": (
        broken("products/food.yaml", '"S1"', '"L2"'),
        f'products/food.yaml: [0] scone.till: wanted each till id once, found "L2" at {LATTE} too',
    ),
    "till id of a product and an extra": (
        broken("products/food.yaml", '"S1"', '"X1"'),
        f'{LATTE}.options: wanted an id for the extra, found "X1" of products/food.yaml: [0] scone',
    ),
}


@pytest.mark.parametrize(("texts", "line"), MISFITS.values(), ids=MISFITS.keys())
def test_what_does_not_fit_together_is_told(texts: dict[str, str], line: str) -> None:
    assert line in mistakes_of(texts)


def test_products_may_share_an_extra_of_the_till() -> None:
    extra = "{id: e, name: {en: a, de: b}, pick: many, choices: [{id: x, name: {en: a, de: b}, till: [X1]}]}"
    texts = broken("products/food.yaml", 'till: ["S1"]', f"options: [{extra}]")

    assert mistakes_of(texts) == ()


def test_pictures_and_regions_that_are_not_known_are_not_checked() -> None:
    parse_site(broken("site.yaml", "region: gb", "region: fr"))
    parse_site(broken(COFFEE, "latte.svg", "late.svg"))


def test_a_picture_an_offer_has_of_what_it_proposes_is_no_mistake() -> None:
    texts = broken(OFFERS, "skus: [latte]", "skus: [latte]\n  pictures: {latte: hot.svg}")

    assert mistakes_of(texts) == ()
    assert parse_site(texts).offers[0].pictures == {"latte": "hot.svg"}


def test_a_shop_without_gaps_has_no_warnings() -> None:
    assert warnings(parse_site(SITE_TEXTS)) == []


def test_what_a_kiosk_cannot_sell_and_answers_without_products_are_warnings() -> None:
    texts = {
        **SITE_TEXTS,
        "products/food.yaml": SITE_TEXTS["products/food.yaml"]
        .replace("250", "null")
        .replace("[gluten, eggs]", "null"),
        "guide.yaml": SITE_TEXTS["guide.yaml"].replace("tags: [hot]", "tags: [cold]"),
    }

    assert warnings(parse_site(texts)) == [
        "1 products without a price (a kiosk cannot sell them): scone",
        "1 products whose allergens nobody has said (a kiosk cannot sell them): scone",
        "1 answers in guide.yaml that fit no product: heat.hot",
    ]
