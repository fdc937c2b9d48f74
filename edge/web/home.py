"""The home pages."""

from flask import Blueprint, render_template

from edge.web.ports import Services


def blueprint(services: Services) -> Blueprint:
    """Serve the home pages."""
    pages = Blueprint("home", __name__, url_prefix=None)

    @pages.get("/")
    def first() -> str:
        return render_template("home/page.html", site=services.site())

    return pages
