"""The texts of a very small shop without mistakes, and ways to break them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from edge.catalog.parse import parse_site
from edge.core.errors import SiteContractError

PICTURES: Final = frozenset({"latte.svg", "hot.svg"})
REGIONS: Final = frozenset({"gb"})

SITE_TEXTS: Final[Mapping[str, str]] = {
    "site.yaml": """\
site: corner-cafe
tenant: demo
name: Corner Café
timezone: Europe/London
currency: GBP
region: gb
languages: [en, de]
opening:
  mon: {opens: 07:30, closes: 18:00}
  sat: {opens: 09:00, closes: 17:00}
dayparts:
  - {id: morning, name: {en: Morning, de: Morgen}, during: {en: now, de: jetzt}, start: 07:30, end: 11:00}
  - {id: later, name: {en: Later, de: Später}, during: {en: now, de: jetzt}, start: 11:00, end: 18:00}
""",
    "sections.yaml": """\
- {id: coffee, name: {en: Coffee, de: Kaffee}, picture: hot.svg}
- {id: food, name: {en: Food, de: Essen}}
""",
    "products/coffee.yaml": """\
- sku: latte
  name: {en: Latte, de: Latte}
  section: coffee
  category: coffee
  price_minor: 350
  kcal: 120
  allergens: [milk]
  tags: [hot]
  dayparts: [morning]
  picture: latte.svg
  options:
    - id: size
      name: {en: Size, de: Größe}
      choices:
        - {id: small, name: {en: Small, de: Klein}, price_minor: -50, till: ["L1"], default: true}
        - {id: large, name: {en: Large, de: Groß}, price_minor: 60, till: ["L2"]}
    - id: extra
      name: {en: Extra, de: Extra}
      pick: many
      choices:
        - {id: shot, name: {en: Shot, de: Schuss}, price_minor: 40, till: ["X1"]}
""",
    "products/food.yaml": """\
- sku: scone
  name: {en: Scone, de: Scone}
  section: food
  category: bakery
  price_minor: 250
  allergens: [gluten, eggs]
  till: ["S1"]
""",
    "offers/house.yaml": """\
- offer: morning-latte
  owner: house
  skus: [latte]
  headline: {en: Wake up, de: Wach auf}
  surfaces: [signage, kiosk]
  placements: [strip]
  valid_from: 2026-01-01
  valid_to: 2026-12-31
  dayparts: [morning]
  weather: {min_temp_c: -5, max_temp_c: 20.5, wet: false}
""",
    "placements.yaml": """\
- {id: strip, surface: kiosk, slots: 3, explore_slot: 2, fallback: [scone]}
- {id: hero, surface: signage, slots: 1, sections: [coffee]}
""",
    "boards.yaml": """\
- {id: bar, name: {en: Bar, de: Bar}, sections: [coffee, food], hero: hero}
""",
    "guide.yaml": """\
- id: heat
  ask: {en: "Hot or cold?", de: "Heiß oder kalt?"}
  answers:
    - {id: hot, label: {en: Hot, de: Heiß}, tags: [hot], picture: hot.svg}
    - {id: either, label: {en: Either, de: Egal}}
""",
}


def broken(file: str, old: str, new: str) -> dict[str, str]:
    """Return the shop's texts with one passage of ``file`` replaced; it must be there."""
    assert old in SITE_TEXTS[file], f"{old!r} is not in {file}"
    return {**SITE_TEXTS, file: SITE_TEXTS[file].replace(old, new, 1)}


def mistakes_of(texts: Mapping[str, str]) -> tuple[str, ...]:
    """Return the mistakes that are found in ``texts``; empty where there are none."""
    try:
        parse_site(texts, PICTURES, REGIONS)
    except SiteContractError as error:
        return error.mistakes
    return ()


def write_folder(folder: Path, texts: Mapping[str, str] = SITE_TEXTS) -> Path:
    """Write ``texts`` as a site folder and return it."""
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def ship(root: Path) -> Path:
    """Make a folder of what is delivered, as far as a site refers to it, and return it."""
    for name in PICTURES:
        path = root / "kiosk_ui/static/art" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    for name in REGIONS:
        path = root / "kiosk_ui/region" / f"{name}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return root
