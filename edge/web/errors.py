"""What a person or a machine sees when something went wrong.

A shopper never sees an error page: a kiosk returns to its first screen. A machine gets problem
details. Everybody else reads what happened, what still works and what to do.
"""

import logging
from http import HTTPStatus

from flask import Flask, Response, make_response, redirect, render_template, request
from werkzeug.exceptions import HTTPException, InternalServerError, ServiceUnavailable

from edge.core.errors import ContractError, UnavailableError
from edge.web.api import problems as api_problems
from edge.web.guard import StaleFormError, UnknownHostError
from edge.web.i18n import _

LOG = logging.getLogger(__name__)
RETRY_AFTER_S = 5
PLAIN = frozenset({"/live", "/healthz", "/readyz", "/version", "/metrics"})


def install(app: Flask) -> None:
    """Answer every error of ``app`` in the way of the surface it happened on."""
    app.register_error_handler(HTTPException, _answer)
    app.register_error_handler(ContractError, _refused)
    app.register_error_handler(UnavailableError, _unavailable)


def _refused(error: ContractError) -> Response:
    return _respond(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))


def _unavailable(error: UnavailableError) -> Response:
    LOG.warning("unavailable at %s: %s", request.path, error)
    response = _respond(HTTPStatus.SERVICE_UNAVAILABLE, str(error))
    response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response


def _answer(error: HTTPException) -> Response:
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return make_response(error.get_response())  # a redirect of the router is not an error
    if isinstance(error, InternalServerError) and error.original_exception is not None:
        LOG.error("failed at %s", request.path, exc_info=error.original_exception)
    if isinstance(error, UnknownHostError):
        return _plain(HTTPStatus.BAD_REQUEST, error.description or "")
    if isinstance(error, StaleFormError) and request.headers.get("HX-Request"):
        return Response(status=HTTPStatus.NO_CONTENT, headers={"HX-Refresh": "true"})
    response = _respond(HTTPStatus(error.code), error.description or "")
    if isinstance(error, ServiceUnavailable):
        response.headers["Retry-After"] = str(error.retry_after or RETRY_AFTER_S)
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            response.headers[name] = value
    return response


def _respond(status: HTTPStatus, detail: str) -> Response:
    if request.path.startswith("/api/"):
        return api_problems.respond(status, detail)
    if request.path in PLAIN or request.path.startswith("/static/"):
        return _plain(status, detail)
    if request.path.startswith("/kiosk"):
        return _back_to_the_start(status)
    title, to_do = _words(status)
    page = render_template("error/page.html", title=title, to_do=to_do, detail=detail)
    return make_response(page, status)


def _back_to_the_start(status: HTTPStatus) -> Response:
    if request.path == "/kiosk/":
        # The first screen itself is broken: say so, and look again by itself.
        return make_response(render_template("error/resting.html"), status)
    if request.headers.get("HX-Request"):
        return Response(status=HTTPStatus.NO_CONTENT, headers={"HX-Redirect": "/kiosk/"})
    return make_response(redirect("/kiosk/", HTTPStatus.SEE_OTHER))


def _words(status: HTTPStatus) -> tuple[str, str]:
    if status is HTTPStatus.NOT_FOUND:
        return _("There is nothing at this address."), _("Choose a screen from the list.")
    if status is HTTPStatus.FORBIDDEN:
        return _("This was not done."), _("Load the page again, then try once more.")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _("This page is resting."), _("Everything else still works. Try again in a moment.")
    return _("This request was not understood."), _("Go back, then try once more.")


def _plain(status: HTTPStatus, detail: str) -> Response:
    return Response(f"{detail}\n", status=status, content_type="text/plain; charset=utf-8")
