"""Pictures, glyphs, fonts and their licences: all there, small, safe, and accounted for."""

import hashlib
import json
import re
import tomllib
from pathlib import Path
from typing import Final, TypedDict
from xml.etree import ElementTree as ET

import pytest

from edge.app.load_site import load_site
from edge.catalog.allergens import Allergen
from edge.catalog.site import Site

ROOT: Final = Path(__file__).parents[2]
STATIC: Final = ROOT / "kiosk_ui/static"
ART: Final = STATIC / "art"
REGIONS: Final = ROOT / "kiosk_ui/region"
FOLDER: Final = ROOT / "firmware_config/sites/harbour_kitchen"

SVG: Final = "{http://www.w3.org/2000/svg}"
FROM_NOTO: Final = "Contains Noto Emoji art"
LIMITS: Final = {"hero": 40_000, "art": 20_000, "noto": 20_000}
"""Bytes of one picture, by its folder."""
LARGER: Final = {"attract.svg": 80_000, "ui.svg": 40_000}
GLYPHS: Final = [
    "headphones",
    "languages",
    "qr-code",
    "accessibility",
    "help",
    "x",
    "plus",
    "minus",
    "check",
    "arrow-left",
    "arrow-right",
    "info",
    "trash",
    "pencil",
    "clock",
    "shopping-basket",
    "sparkles",
    "circle-alert",
    "sun",
    "cloud-rain",
    "wifi-off",
    "user-round",
    "utensils",
    "store",
    "tablet",
    "monitor",
    "smartphone",
    "activity",
    "package-x",
    "undo",
]

PICTURES: Final = sorted(ART.rglob("*.svg"))


class Licence(TypedDict):
    """One entry of licences.json."""

    name: str
    version: str
    licence: str
    copyright: str
    text: str
    files: list[str]


@pytest.fixture(scope="module")
def site() -> Site:
    return load_site(FOLDER)


@pytest.fixture(scope="module")
def licences() -> list[Licence]:
    entries: list[Licence] = json.loads((STATIC / "licences/licences.json").read_text("utf-8"))
    return entries


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.relative_to(ART).as_posix())
def test_a_picture_is_small_and_needs_nothing_but_itself(path: Path) -> None:
    limit = LARGER.get(path.name) or LIMITS[path.parent.name]
    assert path.stat().st_size <= limit
    root = ET.fromstring(path.read_text("utf-8"))
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    for element in root.iter():
        assert element.tag not in {f"{SVG}style", f"{SVG}script", f"{SVG}image", f"{SVG}text"}
        assert "style" not in element.attrib
        assert not [name for name in element.attrib if name.startswith("on")]
        assert _referred(element) <= set(ids)


def _referred(element: ET.Element) -> set[str | None]:
    values = " ".join(element.attrib.values())
    links = {value for name, value in element.attrib.items() if name.endswith("href")}
    return set(re.findall(r"url\(#([^)]+)\)", values)) | {link.removeprefix("#") for link in links}


def test_every_product_has_a_picture_no_other_product_has(site: Site) -> None:
    drawn = {
        product.sku: hashlib.sha256((ART / str(product.picture)).read_bytes()).hexdigest()
        for product in site.products
    }
    assert len(set(drawn.values())) == len(site.products)


def test_all_that_a_board_may_show_large_has_a_hero_picture(site: Site) -> None:
    on_boards = {section for board in site.boards for section in board.sections}
    own = {product.sku: str(product.picture) for product in site.products}
    sections = {product.sku: product.section for product in site.products}
    shown = [*own.items()]
    shown += [pair for offer in site.offers for pair in offer.pictures.items()]
    wanted = {picture for sku, picture in shown if sections[sku] in on_boards}
    assert {path.name for path in (ART / "hero").glob("*.svg")} == wanted


STEAM: Final = [["0", ".55", "0"], ["0", ".42", "0"]]
"""How steam is drawn on a card and on a board: it comes and goes from nothing to nothing."""


def _steams(path: Path) -> bool:
    gradients = ET.fromstring(path.read_text("utf-8")).iter(f"{SVG}linearGradient")
    return any([stop.get("stop-opacity") for stop in each] in STEAM for each in gradients)


@pytest.mark.parametrize("folder", [ART, ART / "hero"], ids=["card", "board"])
def test_what_is_offered_over_ice_has_a_picture_that_does_not_steam(
    site: Site, folder: Path
) -> None:
    offer = site.offer("over-ice")
    assert offer is not None
    assert offer.pictures.keys() == set(offer.skus)
    hot = [folder / f"{sku}.svg" for sku in offer.skus]
    iced = [folder / picture for picture in offer.pictures.values()]
    assert [_steams(path) for path in hot + iced] == [True] * len(hot) + [False] * len(iced)


def test_every_glyph_has_a_name_and_every_allergen_has_a_glyph() -> None:
    root = ET.fromstring((ART / "ui.svg").read_text("utf-8"))
    ids = {symbol.get("id") for symbol in root.iter(f"{SVG}symbol")}
    wanted = {f"allergen-{allergen}" for allergen in Allergen} | set(GLYPHS)
    assert wanted - ids == set()


def test_every_vendored_file_stands_in_the_list_of_licences(licences: list[Licence]) -> None:
    listed = [name for entry in licences for name in entry["files"]]
    assert len(listed) == len(set(listed))
    vendored = [*STATIC.glob("fonts/*"), *STATIC.glob("vendor/*"), *ART.glob("noto/*")]
    vendored += [path for path in PICTURES if FROM_NOTO in path.read_text("utf-8")]
    vendored.append(ART / "ui.svg")
    assert {path.relative_to(STATIC).as_posix() for path in vendored} == set(listed)


def test_every_licence_has_its_text(licences: list[Licence]) -> None:
    assert all((STATIC / entry["text"]).stat().st_size > 400 for entry in licences)
    texts = {entry["text"] for entry in licences}
    present = {path.relative_to(STATIC).as_posix() for path in STATIC.glob("licences/*.txt")}
    assert present == texts


def test_every_font_face_is_a_file_here_and_every_font_is_used() -> None:
    style = (STATIC / "css/fonts.css").read_text("utf-8")
    named = re.findall(r'url\("\.\./fonts/([^"]+)"\)', style)
    assert sorted(named) == sorted(path.name for path in STATIC.glob("fonts/*"))
    assert style.count("url(") == style.count("font-display: block") == len(named)


def test_the_accessibility_checker_of_the_tests_has_its_licence() -> None:
    vendor = ROOT / "tests/vendor"
    assert "axe v4.14.1" in (vendor / "axe.min.js").read_text("utf-8")[:200]
    assert "Mozilla Public License" in (vendor / "axe-core-LICENSE.txt").read_text("utf-8")


@pytest.mark.parametrize("path", sorted(REGIONS.glob("*.toml")), ids=lambda path: path.stem)
def test_a_region_speaks_both_languages(path: Path) -> None:
    region = tomllib.loads(path.read_text("utf-8"))
    assert region["id"] == path.stem
    said = [region["tax_note"], region["notice"], region["kcal"]["statement"]]
    said += [region["allergens"][key] for key in ("heading", "ask", "cross_contact")]
    assert all(words.keys() == {"en", "de"} and all(words.values()) for words in said)
