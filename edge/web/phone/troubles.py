"""P4: what a phone shows when something cannot be done. No detail, no address, no code."""

import logging
from http import HTTPStatus

from flask import Blueprint, Response, g, make_response, redirect, render_template, request
from werkzeug.exceptions import HTTPException, InternalServerError

from edge.core.errors import ContractError, TrustError, UnavailableError
from edge.web.guard import StaleFormError
from edge.web.i18n import _
from edge.web.my_data_ports import NotACustomerError
from edge.web.phone.answer import is_json
from edge.web.phone.visit import desk, drop_key

LOG = logging.getLogger(__name__)
OVER = "?over=1"


def install(pages: Blueprint, home: str) -> None:
    """Answer every error on ``pages``, which begin at ``home``, in the phone's own way."""
    pages.register_error_handler(NotACustomerError, lambda _e: _over(home))
    pages.register_error_handler(ContractError, lambda _e: _say(HTTPStatus.UNPROCESSABLE_ENTITY))
    pages.register_error_handler(UnavailableError, _unavailable)
    pages.register_error_handler(TrustError, _unavailable)
    pages.register_error_handler(HTTPException, _answer)


def _over(home: str) -> Response:
    # Asked before the page was: there may be no desk yet.
    over = f"{home}{OVER}"
    if is_json():
        return drop_key(make_response({"next": over}), home)
    if request.headers.get("HX-Request"):
        response = Response(status=HTTPStatus.NO_CONTENT, headers={"HX-Redirect": over})
        return drop_key(response, home)
    return drop_key(make_response(redirect(over, HTTPStatus.SEE_OTHER)), home)


def _unavailable(error: UnavailableError | TrustError) -> Response:
    # The endpoint, not the path: a path may hold a pairing's token.
    LOG.warning("unavailable at %s: %s", request.endpoint, error)
    response = _say(HTTPStatus.SERVICE_UNAVAILABLE)
    response.headers["Retry-After"] = "5"
    return response


def _answer(error: HTTPException) -> Response:
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return make_response(error.get_response())
    if isinstance(error, InternalServerError) and error.original_exception is not None:
        LOG.error("failed at %s", request.endpoint, exc_info=error.original_exception)
    if isinstance(error, StaleFormError) and request.headers.get("HX-Request"):
        return Response(status=HTTPStatus.NO_CONTENT, headers={"HX-Refresh": "true"})
    response = _say(HTTPStatus(error.code))
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            response.headers[name] = value
    return response


def _say(status: HTTPStatus) -> Response:
    title, to_do = _words(status)
    if is_json():
        return make_response({"problem": f"{title} {to_do}"}, status)
    page = render_template("phone/message.html", title=title, to_do=to_do)
    return make_response(page, status)


def _words(status: HTTPStatus) -> tuple[str, str]:
    if status is HTTPStatus.NOT_FOUND:
        # Without a desk: the page is switched off.
        is_shop = "desk" not in g or desk().may_give
        again = _("Scan the code on the kiosk again.") if is_shop else _("Go to the first page.")
        return _("There is nothing at this address."), again
    if status is HTTPStatus.FORBIDDEN:
        return _("This was not done."), _("Load the page again, then try once more.")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return (
            _("This page is resting."),
            _("Nothing was changed. Try again in a moment, or order as a guest."),
        )
    return _("This request was not understood."), _("Go back, then try once more.")
