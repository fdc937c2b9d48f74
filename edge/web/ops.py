"""For operators: how the parts are, what waits to be sent, why something was shown, licences."""

import json
from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.exceptions import NotFound

from edge.web.health_words import health_lines
from edge.web.i18n import asked_language, speak, speech
from edge.web.parts import parts
from edge.web.ports import Screen, Services

LICENCES = "licences/licences.json"


def blueprint(services: Services) -> Blueprint:
    """Serve the operators' pages."""
    pages = Blueprint("ops", __name__, url_prefix="/ops")

    @pages.before_request
    def meet() -> None:
        speak(asked_language(services.site()))

    @pages.context_processor
    def frame() -> dict[str, object]:
        return {"site": services.site()}

    @pages.get("/")
    def first() -> str:
        health = services.health()
        return render_template(
            "ops/page.html",
            lines=health_lines(health, speech()),
            figures=sorted(health.figures.items()),
            screens=[_screen(screen) for screen in services.settings.screens],
            version=services.settings.version,
        )

    @pages.get("/decision")
    def look_up() -> str:
        return _decision(services, request.args.get("id", "").strip())

    @pages.get("/decision/<decision_id>")
    def decision(decision_id: str) -> str:
        return _decision(services, decision_id)

    @pages.get("/licences")
    def licences() -> str:
        return render_template("ops/licences.html", licences=_licences())

    return pages


def _decision(services: Services, decision_id: str) -> str:
    explained = services.explain(decision_id)
    if explained is None:
        msg = f"wanted the id of a recorded decision, got {decision_id[:60]!r}"
        raise NotFound(msg)
    return render_template("ops/decision.html", decision_id=decision_id, explained=explained)


def _screen(screen: Screen) -> dict[str, object]:
    shared = parts()
    board = shared.boards.state(screen) if screen.surface == "signage" else None
    return {
        "screen": screen,
        "open": shared.hub.count(screen.screen_id),
        "painted_at": shared.boards.last_painted_at(screen.screen_id),
        "decision_id": board.decision_id if board else None,
    }


def _licences() -> list[dict[str, Any]]:
    assets = parts().assets
    if not assets.has(LICENCES):
        return []
    found = json.loads((assets.folder / LICENCES).read_text(encoding="utf-8"))
    entries = found if isinstance(found, list) else found.get("licences", [])
    return [entry for entry in entries if isinstance(entry, dict)]
