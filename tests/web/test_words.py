"""Every word on a screen can be said in every language we ship."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from tests.fakes.services import ROOT, UI

METHODS = [("**.py", "python"), ("**.html", "jinja2")]
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}
TEMPLATES = sorted((UI / "templates").rglob("*.html"))
LANGUAGES = ["de"]

# Names that are the same in every language.
NAMES = {"Instore Edge", "UTC"}


def used() -> dict[str, str]:
    """Return every sentence that code and templates say, with the first file that says it."""
    found: dict[str, str] = {}
    for folder in ("edge/web", "edge/central/fleet/web", "kiosk_ui/templates"):
        for name, _, message, _, _ in extract_from_dir(
            ROOT / folder,
            method_map=METHODS,
            keywords=KEYWORDS,
            strip_comment_tags=True,
        ):
            for text in message if isinstance(message, tuple) else (message,):
                found.setdefault(text, f"{folder}/{name}")
    return found


def translated(language: str) -> dict[str, tuple[str, ...]]:
    """Return the sentences of all catalogs of ``language``."""
    found: dict[str, tuple[str, ...]] = {}
    for path in sorted((UI / "i18n" / language).glob("*.po")):
        with path.open("rb") as text:
            for message in read_po(text, locale=language):
                said = tuple(part for part in _forms(message.string) if part)
                found.update(dict.fromkeys(_forms(message.id), said))
    found.pop("", None)
    return found


def _forms(text: object) -> tuple[str, ...]:
    return tuple(text) if isinstance(text, tuple | list) else (str(text),)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_has_its_translation(language: str) -> None:
    known = translated(language)
    missing = [f"{where}: {text!r}" for text, where in used().items() if not known.get(text)]

    assert len(used()) > 60
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_keeps_the_names_of_what_is_put_in(language: str) -> None:
    wrong = [
        f"{text!r} became {said!r}"
        for text, forms in translated(language).items()
        for said in forms
        if set(re.findall(r"%\(\w+\)", said)) != set(re.findall(r"%\(\w+\)", text))
    ]

    assert wrong == []


class BareWords(HTMLParser):
    """Collects what a template says without asking for its translation."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self._note(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in {"alt", "title", "placeholder", "aria-label"}:
                self._note(value or "")

    def _note(self, text: str) -> None:
        for name in NAMES:
            text = text.replace(name, "")
        if re.search(r"[^\W\d_]{2,}", text):
            self.found.append(text.strip()[:60])


def bare_words(template: str) -> list[str]:
    # These blocks hold attributes of a tag that stands in the template they extend.
    without = re.sub(
        r"\{% block (root|body_attributes|tab) %\}.*?\{% endblock %\}",
        "",
        template,
        flags=re.DOTALL,
    )
    without = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", without, flags=re.DOTALL)
    parser = BareWords()
    parser.feed(without)
    parser.close()
    return parser.found


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.relative_to(UI).as_posix())
def test_a_template_says_nothing_in_one_language_only(path: Path) -> None:
    assert bare_words(path.read_text(encoding="utf-8")) == []


def test_the_scanner_finds_bare_words() -> None:
    assert bare_words('<p>Sold out</p>{{ _("Menu") }}<img alt="A cup">') == ["Sold out", "A cup"]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.relative_to(UI).as_posix())
def test_a_template_has_no_inline_script_style_or_handler(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert re.findall(r'\sstyle=|\son\w+="|<style|javascript:|<script(?![^>]*\ssrc=)', text) == []
