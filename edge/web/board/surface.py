"""The public board: its page, its state for a page that was away, and its proof of play."""

from flask import Blueprint, abort, render_template, request

from edge.core.errors import RequestContractError
from edge.web.board.boards import Boards, BoardState
from edge.web.i18n import speak
from edge.web.parts import parts
from edge.web.ports import Screen, Services


def blueprint(services: Services) -> Blueprint:
    """Serve the boards."""
    pages = Blueprint("board", __name__, url_prefix="/board")

    @pages.get("/<name>")
    def page(name: str) -> str:
        boards = parts().boards
        screen, state = _known(boards, name)
        language = request.args.get("lang")
        html = boards.html(state, language)
        speak(language)
        return render_template(
            "board/page.html",
            screen=screen,
            state=state,
            service=boards.service,
            html=html,
            site=services.site(),
        )

    @pages.get("/<name>/state")
    def state(name: str) -> dict[str, object]:
        boards = parts().boards
        _, state = _known(boards, name)
        return boards.message(state, request.args.get("lang"))

    @pages.post("/<name>/painted")
    def painted(name: str) -> dict[str, object]:
        boards = parts().boards
        screen, _ = _known(boards, name)
        revision, digest = _painted_body()
        return {"is_current": boards.painted(screen, revision, digest)}

    return pages


def _known(boards: Boards, name: str) -> tuple[Screen, BoardState]:
    screen = boards.find(name)
    state = boards.state(screen) if screen else None
    if screen is None or state is None:
        abort(404, f"wanted a board of this shop, got {name[:60]!r}; / lists them")
    return screen, state


def _painted_body() -> tuple[int, str]:
    body = request.get_json()
    revision = body.get("rev") if isinstance(body, dict) else None
    digest = body.get("hash") if isinstance(body, dict) else None
    if type(revision) is not int or not isinstance(digest, str):
        msg = f'wanted {{"rev": integer, "hash": text, "ms": number}}, got {str(body)[:80]}'
        raise RequestContractError(msg)
    return revision, digest
