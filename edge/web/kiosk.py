"""The kiosk pages (a first version: its own module follows)."""

from flask import Blueprint, render_template

from edge.web.ports import Services


def blueprint(services: Services) -> Blueprint:
    """Serve the kiosk pages."""
    pages = Blueprint("kiosk", __name__, url_prefix="/kiosk")

    @pages.get("/")
    def attract() -> str:
        return render_template("home/page.html", site=services.site())

    return pages
