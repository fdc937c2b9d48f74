"""What a watchdog asks of the fleet server: is it there, can it do its work."""

from http import HTTPStatus

from flask import Blueprint, Response

from edge.central.fleet.web.parts import built
from edge.core.errors import StorageUnavailableError


def probes() -> Blueprint:
    """Serve ``/healthz`` and ``/readyz``."""
    pages = Blueprint("probes", __name__)

    @pages.get("/healthz")
    def alive() -> Response:
        return _words("alive", HTTPStatus.OK)

    @pages.get("/readyz")
    def ready() -> Response:
        running = built().parts.running()
        missing = [] if running.is_alive else ["the threads that hear and step"]
        missing += [] if running.is_hearing else ["the broker"]
        try:
            built().looking.fresh(lambda cur: cur.execute("SELECT 1").fetchone())
        except StorageUnavailableError:
            missing.append("the database")
        if missing:
            return _words(
                f"not ready, without: {', '.join(missing)}", HTTPStatus.SERVICE_UNAVAILABLE
            )
        return _words("ready", HTTPStatus.OK)

    return pages


def _words(text: str, status: HTTPStatus) -> Response:
    return Response(f"{text}\n", status=status, content_type="text/plain; charset=utf-8")
