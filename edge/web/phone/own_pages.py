"""The pages of "My data" themselves: the same views under a shop's address and under central's."""

from collections.abc import Iterable
from typing import Final

from babel import Locale
from flask import Blueprint

from edge.web.i18n import speech
from edge.web.phone import downloads, leaving, my_data, troubles
from edge.web.phone.my_data_view import moment_words, until_words
from edge.web.phone.visit import screen_name

ME: Final = "me"
"""The page of "My data", behind the address where its pages begin."""


def add_own_pages(pages: Blueprint, home: str) -> None:
    """Add the pages of "My data" to ``pages``, with every address below ``home`` ("/p/")."""
    get, post = ["GET"], ["POST"]
    for page, name, view, methods in (
        (ME, "my_data", my_data.my_data, get),
        ("change", "change", my_data.change, post),
        ("purposes", "purposes", my_data.set_purposes, post),
        ("erase", "erase", leaving.erase, post),
        ("unlink", "unlink", leaving.unlink, post),
        ("export.json", "export_json", downloads.export_json, get),
        ("export.html", "export_html", downloads.export_html, get),
        ("receipt.json", "receipt", downloads.receipt, get),
    ):
        pages.add_url_rule(f"{home}{page}", name, view, methods=methods)
    pages.add_app_template_filter(screen_name)
    pages.add_app_template_filter(until_words, "day")
    pages.add_app_template_filter(moment_words, "day_and_hour")
    troubles.install(pages, home)


def own_names(languages: Iterable[str]) -> list[tuple[str, str]]:
    """Return each language with the name that its own speakers know it by."""
    return [(code, _own_name(code)) for code in languages]


def _own_name(code: str) -> str:
    locale = Locale.parse(code, sep="-")
    return str(locale.get_display_name(locale) or speech().language).capitalize()
