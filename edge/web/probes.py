"""What a watchdog asks: is it there, can it serve, which version is it."""

from http import HTTPStatus

from flask import Blueprint, Response

from edge.web.ports import Services


def blueprint(services: Services) -> Blueprint:
    """Serve ``/healthz``, ``/readyz`` and ``/version``."""
    probes = Blueprint("probes", __name__)

    @probes.get("/healthz")
    def alive() -> Response:
        # That this line is reached is the answer.
        return _words("alive", HTTPStatus.OK)

    @probes.get("/readyz")
    def ready() -> Response:
        health = services.health()
        if health.is_serving:
            return _words("ready", HTTPStatus.OK)
        failed = "; ".join(f"{p.part}: {p.detail}" for p in health.parts if p.state == "failed")
        return _words(f"not ready: {failed or 'starting'}", HTTPStatus.SERVICE_UNAVAILABLE)

    @probes.get("/version")
    def version() -> dict[str, str]:
        return {"version": services.settings.version}

    return probes


def _words(text: str, status: HTTPStatus) -> Response:
    return Response(f"{text}\n", status=status, content_type="text/plain; charset=utf-8")
