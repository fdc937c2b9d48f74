"""The board pages."""

from flask import Blueprint, render_template

from edge.web.ports import Services


def blueprint(services: Services) -> Blueprint:
    """Serve the board pages."""
    pages = Blueprint("board", __name__, url_prefix="/board")

    @pages.get("/")
    def first() -> str:
        return render_template("board/page.html", site=services.site())

    return pages
