"""The languages of the fleet's pages: the browser's wish among those there are, else English."""

from typing import Any, Final

from flask import Flask, request

from edge.catalog.site import Site, SiteHeader
from edge.web import i18n
from edge.web.speech import Speeches

LANGUAGES: Final = ("en", "de")


def install(app: Flask, speeches: Speeches) -> None:
    """Give every template its language. The office has no shop, so only a header's languages."""
    spoken: dict[str, Any] = {"languages": LANGUAGES, "region": "gb", "currency": "EUR"}
    of_office: dict[str, Any] = {"header": SiteHeader.model_construct(**spoken)}
    office = Site.model_construct(**of_office)
    i18n.install(app, speeches, lambda: office)

    @app.before_request
    def meet() -> None:
        i18n.speak(_asked())


def _asked() -> str | None:
    """Return the first language that the browser wants and we speak: de-AT is German."""
    asked = (str(wanted).lower().partition("-")[0] for wanted in request.accept_languages.values())
    return next((language for language in asked if language in LANGUAGES), None)
