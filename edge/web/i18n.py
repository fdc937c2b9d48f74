"""The language of a request, and its words, prices and hours in templates.

A surface says which language it speaks with ``speak``; until then a request speaks the shop's
first language.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import time

from flask import Flask, current_app, g, request

from edge.catalog.entry import Words
from edge.catalog.site import Site
from edge.web.speech import Speech, Speeches


def install(app: Flask, speeches: Speeches, site: Callable[[], Site]) -> None:
    """Give every template of ``app`` its language."""
    environment = app.jinja_env
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        _gettext,
        _ngettext,
        newstyle=True,
    )
    environment.filters["money"] = lambda minor: speech().money(minor)
    environment.filters["words"] = lambda words: speech().words(words)
    environment.filters["hour"] = lambda at: speech().hour(at)
    environment.filters["number"] = lambda value: speech().number(value)
    environment.globals["speech"] = speech
    app.extensions["edge.speeches"] = (speeches, site)


def _gettext(message: str) -> str:
    return speech().translations.ugettext(message)


def _ngettext(one: str, many: str, number: int) -> str:
    return speech().translations.ungettext(one, many, number)


def speak(language: str | None) -> Speech:
    """Let this request speak ``language``; None or an unknown one is the shop's first."""
    speeches, site = current_app.extensions["edge.speeches"]
    g.speech = speeches.speech(site().header, language)
    spoken: Speech = g.speech
    return spoken


def speech() -> Speech:
    """Return how this request speaks."""
    spoken: Speech | None = g.get("speech")
    return spoken or speak(None)


def asked_language(site: Site) -> str | None:
    """Return the shop's language that the browser asks for first, or None."""
    return request.accept_languages.best_match(site.header.languages)


@contextmanager
def speaking(app: Flask, language: str | None) -> Iterator[Speech]:
    """Render outside a request, as boards are: inside, templates speak ``language``."""
    with app.app_context():
        yield speak(language)


def money(minor: int) -> str:
    """Return an amount of minor units as this request writes it."""
    return speech().money(minor)


def hour(at: time) -> str:
    """Return a time of day as this request writes it."""
    return speech().hour(at)


def words(text: Words | None) -> str:
    """Return a shop's own text in this request's language; "" where there is none."""
    return speech().words(text)


def _(message: str, **values: object) -> str:
    """Return ``message`` in this request's language, with ``values`` put in by name."""
    return speech().gettext(message, **values)
