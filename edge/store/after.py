"""A future that is answered only once something more was done.

The head of a chain is kept in another file, after the commit and before anybody is told of it.
"""

from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from edge.core.errors import EdgeError

T = TypeVar("T")
U = TypeVar("U")


def after(first: "Future[T]", then: Callable[[T], U]) -> "Future[U]":
    """Return a future of what ``then`` makes of the result of ``first``.

    Args:
        first: What is waited for. Its error is passed on, and ``then`` is not called.
        then: Runs in the thread that answers ``first``; our own errors go to the future.
    """
    second: Future[U] = Future()

    def done(finished: "Future[T]") -> None:
        if (error := finished.exception()) is not None:
            second.set_exception(error)
            return
        try:
            second.set_result(then(finished.result()))
        except EdgeError as failed:
            second.set_exception(failed)

    first.add_done_callback(done)
    return second
