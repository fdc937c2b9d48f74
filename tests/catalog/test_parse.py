"""A site folder becomes a shop, or the list of all its mistakes."""

from datetime import date, time
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.catalog.parse import parse_site, site_digest
from edge.core.errors import SiteContractError
from tests.fakes.site_texts import PICTURES, REGIONS, SITE_TEXTS, broken, mistakes_of

COFFEE = "products/coffee.yaml"


def test_a_folder_without_mistakes_becomes_a_shop() -> None:
    site = parse_site(SITE_TEXTS, PICTURES, REGIONS)

    assert site.header.opening["mon"].opens == time(7, 30)
    assert [product.sku for product in site.products] == ["latte", "scone"]
    assert site.offers[0].valid_to == date(2026, 12, 31)
    assert site.product("scone") is site.products[1]
    assert site.product("tea") is None
    assert site.placement("hero") is site.placements[1]
    assert site.placement("other") is None
    assert site.board("bar") is site.boards[0]
    assert site.board("other") is None


def test_the_optional_files_may_be_left_out_or_hold_comments_only() -> None:
    texts = {**SITE_TEXTS, "guide.yaml": "# nothing yet\n"}
    del texts["boards.yaml"], texts["offers/house.yaml"]

    site = parse_site(texts, PICTURES, REGIONS)

    assert (site.offers, site.boards, site.guide) == ((), (), ())


def test_the_digest_tells_texts_and_names_apart_and_not_their_order() -> None:
    digest = site_digest(SITE_TEXTS)

    assert digest == site_digest(dict(reversed([*SITE_TEXTS.items()])))
    assert digest != site_digest(broken(COFFEE, "350", "351"))
    assert site_digest({"a": "bc"}) != site_digest({"ab": "c"})
    assert parse_site(SITE_TEXTS).digest == digest


MISTAKES: Final = {
    "a word for a number": (
        broken(COFFEE, "350", "three"),
        f'{COFFEE}: [0] latte.price_minor: wanted a whole number from 0 to 10000000 or null, found "three"',
    ),
    "true is no price": (
        broken(COFFEE, "350", "true"),
        f"{COFFEE}: [0] latte.price_minor: wanted a whole number from 0 to 10000000 or null, found true",
    ),
    "out of range": (
        broken(COFFEE, "120", "9000"),
        f"{COFFEE}: [0] latte.kcal: wanted a whole number from 0 to 5000 or null, found 9000",
    ),
    "inside a list inside a list": (
        broken(COFFEE, "id: small", "id: Small Cup"),
        (
            f"{COFFEE}: [0] latte.options[0].choices[0].id: wanted an id of lower-case letters, "
            'digits and hyphens, at most 40 characters, found "Small Cup"'
        ),
    ),
    "a key with a typing error": (
        broken(COFFEE, "kcal:", "kcals:"),
        (
            f'{COFFEE}: [0] latte.kcals: unknown key; did you mean "kcal"? allowed: sku, name, '
            "description, section, category, price_minor, margin_minor, kcal, allergens, may_contain, "
            "tags, dayparts, picture, say, options, till, gtin"
        ),
    ),
    "a missing key": (
        broken("products/food.yaml", "  category: bakery\n", ""),
        (
            "products/food.yaml: [0] scone.category: wanted an id of lower-case letters, digits and "
            "hyphens, at most 40 characters, found nothing"
        ),
    ),
    "one text instead of one per language": (
        broken(COFFEE, "{en: Latte, de: Latte}", "Latte"),
        (
            f"{COFFEE}: [0] latte.name: wanted a text per language, such as {{en: Tea, de: Tee}}, "
            'found "Latte"'
        ),
    ),
    "a language that is none": (
        broken(COFFEE, "{en: Latte, de: Latte}", "{EN: Latte, en: Latte, de: Latte}"),
        (
            f"{COFFEE}: [0] latte.name: wanted a text per language, such as {{en: Tea, de: Tee}}, "
            'found the key "EN"'
        ),
    ),
    "a barcode number with a wrong check digit": (
        broken("products/food.yaml", 'till: ["S1"]', 'gtin: "9506000134353"'),
        (
            "products/food.yaml: [0] scone.gtin: wanted a GTIN in quotes, of 8, 12, 13 or 14 "
            'digits with the right last one, found "9506000134353"'
        ),
    ),
    "a barcode number without quotes": (
        broken("products/food.yaml", 'till: ["S1"]', "gtin: 9506000134352"),
        (
            "products/food.yaml: [0] scone.gtin: wanted a GTIN in quotes, of 8, 12, 13 or 14 "
            "digits with the right last one, found 9506000134352"
        ),
    ),
    "a till id that is a number": (
        broken("products/food.yaml", '"S1"', "32"),
        (
            "products/food.yaml: [0] scone.till[0]: wanted a till's own id in quotes, of 1 to 120 "
            "characters, found 32"
        ),
    ),
    "a time without its zero": (
        broken("site.yaml", "opens: 07:30", "opens: 7:30"),
        'site.yaml: opening.mon.opens: wanted a time such as 07:30, found "7:30"',
    ),
    "a time of another zone": (
        broken("site.yaml", "opens: 07:30", 'opens: "07:30Z"'),
        'site.yaml: opening.mon.opens: wanted a time such as 07:30, found "07:30Z"',
    ),
    "a date as a number": (
        broken("offers/house.yaml", "valid_to: 2026-12-31", "valid_to: 20261231"),
        (
            "offers/house.yaml: [0] morning-latte.valid_to: wanted a date such as 2026-03-01, "
            "found 20261231"
        ),
    ),
    "a day that no year has": (
        broken("offers/house.yaml", "2026-12-31", "2026-13-31"),
        (
            "offers/house.yaml: [0] morning-latte.valid_to: wanted a date such as 2026-03-01 or null, "
            'found "2026-13-31"'
        ),
    ),
    "a day of the week that is none": (
        broken("site.yaml", "  sat:", "  saturday:"),
        (
            "site.yaml: opening: wanted a mapping with keys one of mon, tue, wed, thu, fri, sat, sun, "
            'found the key "saturday"'
        ),
    ),
    "an unknown time zone": (
        broken("site.yaml", "Europe/London", "Europe/Lodnon"),
        (
            "site.yaml: timezone: wanted a time zone such as Europe/London, "
            'found "Europe/Lodnon"; did you mean "Europe/London"?'
        ),
    ),
    "a folder as time zone": (
        broken("site.yaml", "Europe/London", "../../etc"),
        'site.yaml: timezone: wanted a time zone such as Europe/London, found "../../etc"',
    ),
    "a surface that is none": (
        broken("placements.yaml", "surface: kiosk", "surface: wall"),
        (
            "placements.yaml: [0] strip.surface: wanted one of signage, kiosk, tablet, phone, pos, "
            'found "wall"'
        ),
    ),
    "an entry that is a word": (
        broken("sections.yaml", "- {id: food, name: {en: Food, de: Essen}}", "- food"),
        'sections.yaml: [1]: wanted the keys id, name, picture, found "food"',
    ),
    "a mapping where a list belongs": (
        {**SITE_TEXTS, "boards.yaml": "id: bar"},
        'boards.yaml: wanted a list (each entry after "- "), found {"id": "bar"}',
    ),
    "a file that is missing": (
        {name: text for name, text in SITE_TEXTS.items() if name != "sections.yaml"},
        "sections.yaml: wanted this file, found nothing",
    ),
    "a file that is empty": (
        {**SITE_TEXTS, "placements.yaml": ""},
        "placements.yaml: wanted entries, found an empty file",
    ),
    "no products": (
        {name: text for name, text in SITE_TEXTS.items() if not name.startswith("products/")},
        "products/: wanted at least one file of products, found none",
    ),
    "a file with another ending": (
        {**SITE_TEXTS, "offers/more.yml": ""},
        (
            "offers/more.yml: not a file of a site folder; allowed: site, sections, placements, "
            "boards, guide, experiments, approvers (.yaml), products/*.yaml, offers/*.yaml, content/*.yaml, "
            "explain/*.yaml, policy/*.yaml"
        ),
    ),
}


@pytest.mark.parametrize(("texts", "line"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_told_with_file_field_what_was_found_and_what_is_allowed(
    texts: dict[str, str], line: str
) -> None:
    assert line in mistakes_of(texts)


def test_all_mistakes_are_reported_at_once() -> None:
    texts = {
        **broken(COFFEE, "section: coffee", "section: cofee\n  kcals: three"),
        "sections.yaml": "- [",
        "boards.yaml": "- {id: b, sections: []}",
        "x.yaml": "",
    }

    told = mistakes_of(texts)

    files = {line.partition(":")[0] for line in told}
    assert files == {COFFEE, "sections.yaml", "boards.yaml", "x.yaml"}


def test_an_entry_with_a_mistake_still_has_its_references_checked() -> None:
    told = mistakes_of(broken(COFFEE, "section: coffee", "section: cofee\n  kcals: 3"))

    assert len(told) == 2
    assert 'latte.section: wanted a known section, found "cofee"; did you mean "coffee"?' in told[1]


def test_one_mistake_is_one_line_also_where_others_refer_to_the_entry() -> None:
    assert len(mistakes_of(broken(COFFEE, "350", "three"))) == 1
    assert len(mistakes_of(broken("site.yaml", "start: 07:30", "start: early"))) == 1


WORDS = st.sampled_from(
    ["sku", "id", "name", "latte", "coffee", "en", "options", "choices", "till", "price_minor"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(file=st.sampled_from(sorted(SITE_TEXTS)), text=st.text(max_size=60))
def test_any_text_at_all_is_a_shop_or_a_list_of_mistakes(file: str, text: str) -> None:
    mistakes_of({**SITE_TEXTS, file: text})
    mistakes_of({**SITE_TEXTS, file: SITE_TEXTS[file] + text})


@settings(max_examples=150, deadline=None)
@given(file=st.sampled_from(sorted(SITE_TEXTS)), entries=st.lists(VALUES, max_size=3) | VALUES)
def test_any_values_at_all_are_a_shop_or_a_list_of_mistakes(file: str, entries: object) -> None:
    mistakes_of({**SITE_TEXTS, file: flow(entries)})


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_file_cut_or_changed_anywhere_is_a_shop_or_a_list_of_mistakes(
    data: st.DataObject,
) -> None:
    file = data.draw(st.sampled_from(sorted(SITE_TEXTS)))
    text = SITE_TEXTS[file]
    at = data.draw(st.integers(0, len(text)))
    new = data.draw(st.text(max_size=3) | st.sampled_from(["{", "- ", "*", "&a ", ": ", "\ud800"]))
    mistakes_of({**SITE_TEXTS, file: text[:at] + new + text[at + 1 :]})


def flow(value: object) -> str:
    """Write ``value`` as YAML on one line; text unquoted where the draw says so."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    return str(value)


def test_a_shop_with_mistakes_is_one_error_that_lists_them() -> None:
    with pytest.raises(SiteContractError, match="wanted a whole number") as caught:
        parse_site(broken(COFFEE, "350", "three"))

    assert str(caught.value) == "\n".join(caught.value.mistakes)
