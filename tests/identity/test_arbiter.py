from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from edge.core.chance import draws
from edge.identity.arbiter import MOST_TOKENS, REFUSED_FOR, Changed, LeaseChange, Leases
from edge.identity.gate import ENTER_SAMPLES, SILENT_AFTER, Thresholds

START_AT = datetime(2026, 3, 3, 12, tzinfo=UTC)
ANN, BEN = b"ann", b"ben"
APART = {"kiosk-1": "entrance", "kiosk-2": "first floor"}

BEGAN, ENDED, REFUSED = LeaseChange


def at(seconds: float) -> datetime:
    return START_AT + timedelta(seconds=seconds)


class Shop:
    """Leases with a clock, and what changed."""

    def __init__(self, **given: object) -> None:
        self.leases = Leases(**given)  # type: ignore[arg-type]
        self.now = 0.0
        self.changes: list[Changed] = []

    def stay(self, seconds: float, *heard: tuple[bytes, str, float]) -> None:
        """Let (token, screen, dBm) be heard five times a second."""
        for _ in range(round(seconds * 5)):
            for key, screen_id, rssi_dbm in heard:
                self.changes += self.leases.sighted(key, screen_id, rssi_dbm, at(self.now))
            self.now += 0.2
            self.changes += self.leases.tick(at(self.now))

    def told(self) -> list[tuple[LeaseChange, str]]:
        return [(each.what, each.screen_id) for each in self.changes]


def test_a_token_that_stands_at_a_screen_gets_its_lease() -> None:
    shop = Shop()
    shop.stay(2, (ANN, "kiosk-1", -55))
    assert shop.leases.holder("kiosk-1") == ANN
    assert shop.leases.screens_of(ANN) == ("kiosk-1",)
    assert shop.told() == [(BEGAN, "kiosk-1")]


def test_a_token_that_goes_silent_loses_it_after_six_seconds() -> None:
    shop = Shop()
    shop.stay(2, (ANN, "kiosk-1", -55))
    shop.stay(5.5)
    assert shop.leases.holder("kiosk-1") == ANN
    shop.stay(0.6)
    assert shop.leases.holder("kiosk-1") is None
    assert shop.told() == [(BEGAN, "kiosk-1"), (ENDED, "kiosk-1")]
    assert len(shop.leases) == 0


def test_a_token_that_walked_off_and_is_still_heard_loses_it() -> None:
    shop = Shop()
    shop.stay(2, (ANN, "kiosk-1", -55))
    shop.stay(8, (ANN, "kiosk-1", -88))
    assert shop.leases.holder("kiosk-1") is None


def test_one_packet_after_a_silence_that_nobody_noticed_is_no_presence() -> None:
    shop = Shop()
    shop.stay(2, (ANN, "kiosk-1", -55))
    shop.leases.sighted(ANN, "kiosk-1", -55, at(60))
    assert shop.leases.holder("kiosk-1") is None


def test_a_token_between_two_screens_keeps_the_one_it_has() -> None:
    shop = Shop()
    for n, draw in enumerate(draws("between", 300)):
        first, second = (-58, -55) if n % 2 else (-55, -58)
        spread = draw * 10 - 5
        shop.stay(0.2, (ANN, "kiosk-1", first + spread), (ANN, "kiosk-2", second - spread))
    assert len(shop.changes) == 1


def test_a_token_moves_only_after_eight_db_for_two_seconds() -> None:
    shop = Shop()
    shop.stay(3, (ANN, "kiosk-1", -55), (ANN, "kiosk-2", -70))
    shop.stay(20, (ANN, "kiosk-1", -60), (ANN, "kiosk-2", -53))
    assert shop.leases.screens_of(ANN) == ("kiosk-1",)
    shop.stay(1, (ANN, "kiosk-1", -66), (ANN, "kiosk-2", -53))
    assert shop.leases.screens_of(ANN) == ("kiosk-1",)
    shop.stay(5, (ANN, "kiosk-1", -66), (ANN, "kiosk-2", -53))
    assert shop.leases.screens_of(ANN) == ("kiosk-2",)
    assert shop.told() == [(BEGAN, "kiosk-1"), (ENDED, "kiosk-1"), (BEGAN, "kiosk-2")]


def test_a_screen_goes_to_another_token_only_after_eight_db_for_two_seconds() -> None:
    shop = Shop()
    shop.stay(3, (ANN, "kiosk-1", -58))
    shop.stay(20, (ANN, "kiosk-1", -58), (BEN, "kiosk-1", -52))
    assert shop.leases.holder("kiosk-1") == ANN
    shop.stay(6, (ANN, "kiosk-1", -62), (BEN, "kiosk-1", -50))
    assert shop.leases.holder("kiosk-1") == BEN
    assert shop.leases.screens_of(ANN) == ()


def test_whoever_waits_behind_gets_the_screen_when_the_one_before_has_left() -> None:
    shop = Shop()
    shop.stay(3, (ANN, "kiosk-1", -52), (BEN, "kiosk-1", -60))
    shop.stay(7, (BEN, "kiosk-1", -60))
    assert shop.leases.holder("kiosk-1") == BEN


def test_the_same_token_strong_in_two_places_is_refused_in_both_and_reported_once() -> None:
    shop = Shop(places=APART)
    shop.stay(3, (ANN, "kiosk-1", -55))
    shop.stay(10, (ANN, "kiosk-1", -55), (ANN, "kiosk-2", -55))
    assert shop.leases.holder("kiosk-1") is None
    assert shop.leases.holder("kiosk-2") is None
    assert shop.leases.refusals == 1
    assert shop.told() == [
        (BEGAN, "kiosk-1"),
        (REFUSED, "kiosk-1"),
        (REFUSED, "kiosk-2"),
        (ENDED, "kiosk-1"),
    ]


def test_a_refused_token_is_refused_until_no_recording_of_it_can_be_alive() -> None:
    shop = Shop(places=APART)
    shop.stay(2, (ANN, "kiosk-1", -55), (ANN, "kiosk-2", -55))
    shop.stay(REFUSED_FOR.total_seconds() - 10, (ANN, "kiosk-1", -55))
    assert shop.leases.holder("kiosk-1") is None
    shop.stay(20, (ANN, "kiosk-1", -55))
    assert shop.leases.holder("kiosk-1") == ANN


def test_two_places_within_more_than_five_seconds_are_a_walk() -> None:
    shop = Shop(places=APART)
    shop.stay(2, (ANN, "kiosk-1", -55))
    shop.stay(5.5)
    shop.stay(2, (ANN, "kiosk-2", -55))
    assert shop.leases.holder("kiosk-2") == ANN
    assert shop.leases.refusals == 0


def test_screens_side_by_side_may_hear_the_same_token() -> None:
    shop = Shop()
    shop.stay(10, (ANN, "kiosk-1", -55), (ANN, "kiosk-2", -55))
    assert shop.leases.refusals == 0
    assert len(shop.leases.screens_of(ANN)) == 1


def test_a_customer_who_withdrew_holds_nothing_at_once() -> None:
    shop = Shop()
    shop.stay(2, (ANN, "kiosk-1", -55))
    assert shop.leases.forget(ANN, at(2)) == (Changed(ENDED, "kiosk-1", at(2)),)
    assert shop.leases.forget(ANN, at(2)) == ()
    assert shop.leases.holder("kiosk-1") is None
    assert len(shop.leases) == 0


def test_a_change_names_no_token() -> None:
    shop = Shop()
    shop.stay(2, (ANN, "kiosk-1", -55))
    assert "ann" not in repr(shop.changes)


def test_five_hundred_new_tokens_a_second_neither_grow_nor_cost_a_holder_its_lease() -> None:
    shop = Shop()
    shop.stay(2, (ANN, "kiosk-1", -55))
    stranger = 0
    for step in range(60):
        for _ in range(100):
            stranger += 1
            shop.leases.sighted(stranger.to_bytes(8, "big"), "kiosk-1", -55, at(shop.now))
        if step % 25 == 0:  # Ann is heard only each five seconds, as when BlueZ is deaf
            shop.leases.sighted(ANN, "kiosk-1", -55, at(shop.now))
        shop.now += 0.2
        assert len(shop.leases) <= MOST_TOKENS
        assert shop.leases.holder("kiosk-1") == ANN


TOKENS = [ANN, BEN, b"cat", b"dan"]
SCREENS = ["kiosk-1", "kiosk-2", "kiosk-3"]
PLACES = {"kiosk-1": "entrance", "kiosk-2": "entrance", "kiosk-3": "first floor"}


class AnyShop(RuleBasedStateMachine):
    """Whatever is heard, in whatever order, at whatever time."""

    def __init__(self) -> None:
        super().__init__()
        self.leases = Leases(Thresholds(), places=PLACES, most_tokens=len(TOKENS))
        self.now = 0.0
        self.heard: dict[tuple[bytes, str], list[tuple[float, float]]] = {}
        self.told: dict[str, bool] = {}
        self.refused_at: dict[bytes, float] = {}

    def take(self, changes: tuple[Changed, ...], key: bytes | None = None) -> None:
        for each in changes:
            if each.what is REFUSED:
                assert key is not None, "time alone puts nobody into two places"
                self.refused_at[key] = self.now
            else:
                assert self.told.get(each.screen_id, False) is (each.what is ENDED)
                self.told[each.screen_id] = each.what is BEGAN

    @rule(
        key=st.sampled_from(TOKENS),
        screen_id=st.sampled_from(SCREENS),
        rssi_dbm=st.sampled_from([-45, -55, -62, -66, -74, -80, -95]),
        times=st.integers(1, 8),
        every=st.sampled_from([0.05, 0.25, 0.6]),
    )
    def sight(self, key: bytes, screen_id: str, rssi_dbm: float, times: int, every: float) -> None:
        for _ in range(times):
            self.now += every
            self.heard.setdefault((key, screen_id), []).append((self.now, rssi_dbm))
            self.take(self.leases.sighted(key, screen_id, rssi_dbm, at(self.now)), key)
        self.take(self.leases.tick(at(self.now)))

    @rule(seconds=st.sampled_from([0.3, 1, 2.5, 5.9, 6, 400]))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.take(self.leases.tick(at(self.now)))

    @rule(key=st.sampled_from(TOKENS))
    def withdraw(self, key: bytes) -> None:
        self.take(self.leases.forget(key, at(self.now)))
        self.refused_at.pop(key, None)
        assert self.leases.screens_of(key) == ()

    @invariant()
    def one_lease_per_token_and_one_token_per_screen(self) -> None:
        held = {key: self.leases.screens_of(key) for key in TOKENS}
        assert all(len(screens) <= 1 for screens in held.values())
        for screen_id in SCREENS:
            holder = self.leases.holder(screen_id)
            assert [key for key in TOKENS if screen_id in held[key]] == [holder] * (
                holder is not None
            )

    @invariant()
    def what_was_told_is_what_is(self) -> None:
        for screen_id in SCREENS:
            assert self.told.get(screen_id, False) is (self.leases.holder(screen_id) is not None)

    @invariant()
    def a_holder_was_strong_there_and_heard_there_lately(self) -> None:
        for screen_id in SCREENS:
            holder = self.leases.holder(screen_id)
            if holder is not None:
                samples = self.heard[holder, screen_id]
                assert sum(rssi_dbm >= -62 for _, rssi_dbm in samples) >= ENTER_SAMPLES
                assert self.now - samples[-1][0] < SILENT_AFTER.total_seconds()

    @invariant()
    def a_refused_token_holds_nothing(self) -> None:
        for key, refused_at in self.refused_at.items():
            if self.now - refused_at < REFUSED_FOR.total_seconds():
                assert self.leases.screens_of(key) == ()


AnyShop.TestCase.settings = settings(max_examples=120, stateful_step_count=40, deadline=None)
TestAnyShop = AnyShop.TestCase
