"""All devices of a shop end with the same stock, whatever happens on the way."""

from hypothesis import given
from hypothesis import strategies as st

from edge.context.shared_stock import FARTHEST_JUMP, SharedStock, Word

_DEVICES = ("board-1", "kiosk-1", "kiosk-2")
_STEPS = st.lists(
    st.tuples(
        st.sampled_from(("say", "tell", "repeat")),
        st.sampled_from(_DEVICES),
        st.sampled_from(_DEVICES),
        st.sampled_from(("soup", "tea")),
        st.integers(0, 9) | st.none(),
    ),
    max_size=40,
)


@given(_STEPS)
def test_devices_agree_once_they_hear_each_other_in_any_order_and_with_losses(
    steps: list[tuple[str, str, str, str, int | None]],
) -> None:
    shop = {device: SharedStock(device) for device in _DEVICES}
    old: list[dict[str, Word]] = []
    for what, one, other, sku, available in steps:
        if what == "say":
            shop[one].say({sku: available})
            old.append(dict(shop[one].words))
        elif what == "tell":
            shop[other].hear(shop[one].words.items())
        elif old:
            shop[other].hear(old[len(steps) % len(old)].items())
    for _ in _DEVICES:
        for one in _DEVICES:
            for other in _DEVICES:
                shop[other].hear(shop[one].words.items())
    assert len({tuple(sorted(stock.words.items())) for stock in shop.values()}) == 1


def test_what_is_said_after_hearing_holds_over_what_was_heard() -> None:
    here, there = SharedStock("kiosk-1"), SharedStock("a-device")
    here.say({"soup": 0})
    assert there.hear(here.words.items()) == {"soup": 0}
    there.say({"soup": 12})
    assert here.hear(there.words.items()) == {"soup": 12}
    assert there.hear(here.words.items()) == {}


def test_a_word_that_would_be_the_last_for_ever_is_not_believed() -> None:
    here = SharedStock("kiosk-1")
    assert here.hear([("soup", Word(FARTHEST_JUMP + 1, "zzz", 0))]) == {}
    assert here.words == {}


def test_what_was_kept_from_before_is_not_said_again_with_a_lower_number() -> None:
    before = SharedStock("kiosk-1")
    before.say({"soup": 3})
    before.say({"soup": 2})
    after = SharedStock("kiosk-1", before.words)
    after.say({"soup": 1})
    assert after.words["soup"] == Word(3, "kiosk-1", 1)
