"""What ops, or a program, see when something went wrong: what it was, what goes on, what to do."""

import logging
from http import HTTPStatus

from flask import Flask, Response, jsonify, make_response, render_template, request
from werkzeug.exceptions import HTTPException, InternalServerError, Unauthorized

from edge.core.errors import ContractError, TrustError, UnavailableError
from edge.web.i18n import _

log = logging.getLogger(__name__)
_RETRY_AFTER_S = 5
_PLAIN = ("/static/", "/repository/", "/healthz", "/readyz")


def install(app: Flask) -> None:
    """Answer every error of ``app`` in the way of who asked."""
    app.register_error_handler(HTTPException, _answer)
    app.register_error_handler(
        ContractError, lambda error: _respond(HTTPStatus.CONFLICT, str(error))
    )
    app.register_error_handler(TrustError, lambda error: _respond(HTTPStatus.CONFLICT, str(error)))
    app.register_error_handler(UnavailableError, _unavailable)


def _unavailable(error: UnavailableError) -> Response:
    log.warning("unavailable at %s: %s", request.path, error)
    response = _respond(HTTPStatus.SERVICE_UNAVAILABLE, str(error))
    response.headers["Retry-After"] = str(_RETRY_AFTER_S)
    return response


def _answer(error: HTTPException) -> Response:
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return make_response(error.get_response())
    if isinstance(error, InternalServerError) and error.original_exception is not None:
        log.error("failed at %s", request.path, exc_info=error.original_exception)
    response = _respond(HTTPStatus(error.code), error.description or "")
    if isinstance(error, Unauthorized):
        response.headers["WWW-Authenticate"] = 'Bearer realm="fleet"'
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            response.headers[name] = value
    return response


def _respond(status: HTTPStatus, detail: str) -> Response:
    if request.path.startswith("/api/"):
        problem = {
            "type": "about:blank",
            "title": status.phrase,
            "status": status,
            "detail": detail,
        }
        response = make_response(jsonify(problem), status)
        response.content_type = "application/problem+json"
        return response
    if request.path.startswith(_PLAIN) or request.path.startswith("/enrol"):
        return Response(f"{detail}\n", status, content_type="text/plain; charset=utf-8")
    title, to_do = _words(status)
    page = render_template("fleet/message.html", title=title, to_do=to_do, detail=detail)
    return make_response(page, status)


def _words(status: HTTPStatus) -> tuple[str, str]:
    match status:
        case HTTPStatus.NOT_FOUND:
            return _("There is nothing at this address."), _("Choose from the fleet's pages.")
        case HTTPStatus.CONFLICT:
            return _("This was not done."), _("Nothing has changed. Read why, then go back.")
        case HTTPStatus.FORBIDDEN:
            return _("This was not done."), _("Load the page again, or ask somebody who may do it.")
        case HTTPStatus.SERVICE_UNAVAILABLE:
            return (
                _("The database is away."),
                _(
                    "Shops go on as they are. This page comes back by itself when the database does."
                ),
            )
        case _ if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return _("This page has failed."), _("Shops go on as they are. Try again in a moment.")
        case _:
            return _("This request was not understood."), _("Go back, then try once more.")
