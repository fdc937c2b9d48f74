"""The ops pages."""

from flask import Blueprint, render_template

from edge.web.ports import Services


def blueprint(services: Services) -> Blueprint:
    """Serve the ops pages."""
    pages = Blueprint("ops", __name__, url_prefix="/ops")

    @pages.get("/")
    def first() -> str:
        return render_template("ops/page.html", site=services.site())

    return pages
