"""Who takes what the broker brings."""

from edge.core.errors import TrustError
from edge.sync.listeners import Listeners, of_payload
from edge.sync.mqtt import Received


def test_each_message_reaches_the_listener_of_its_topic_and_no_other() -> None:
    heard: list[object] = []
    listeners = Listeners({"a": heard.append, "b": of_payload(heard.append)}, heard.append)
    whole = Received("a", b"1", response_topic="up/res/x")
    listeners.hear(whole)
    listeners.hear(Received("b", b"2"))
    listeners.hear(Received("c", b"3"))

    assert heard == [whole, b"2"]
    assert listeners.topics == ("a", "b")


def test_a_message_that_is_not_taken_is_noted_and_nothing_else_happens() -> None:
    def distrusts(_received: Received) -> None:
        msg = "wanted central's signature, got another"
        raise TrustError(msg)

    def breaks(_received: Received) -> None:
        raise ZeroDivisionError

    noted: list[str] = []
    listeners = Listeners({"a": distrusts, "b": breaks}, noted.append)
    listeners.hear(Received("a", b""))
    listeners.hear(Received("b", b""))

    assert noted == ["wanted central's signature, got another", "ZeroDivisionError: "]
