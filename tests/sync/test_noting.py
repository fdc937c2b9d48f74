"""An answer that the disk does not take is noted once it does, and alone."""

from concurrent.futures import Future

from edge.core.errors import StorageUnavailableError
from edge.sync.noting import Noting


def test_a_full_disk_is_asked_again_alone_and_after_a_pause() -> None:
    said: list[str] = []
    noting = Noting(lambda: said.append("settled"), lambda: said.append("pause"))

    def note(*, alone: bool = False) -> "Future[None]":
        said.append("alone" if alone else "note")
        answer: Future[None] = Future()
        if alone:
            answer.set_result(None)
        else:
            answer.set_exception(StorageUnavailableError("full"))
        return answer

    noting.note(note, lambda: said.append("done"))
    assert said == ["note"]
    noting.settle()
    assert said == ["note", "pause", "alone", "settled", "done"]
