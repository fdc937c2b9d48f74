"""The tablet pages."""

from flask import Blueprint, render_template

from edge.web.ports import Services


def blueprint(services: Services) -> Blueprint:
    """Serve the tablet pages."""
    pages = Blueprint("tablet", __name__, url_prefix="/tablet")

    @pages.get("/")
    def first() -> str:
        return render_template("tablet/page.html", site=services.site())

    return pages
