"""Codes as honest customers and everybody else present them, by the thousand.

Each kind of presentation says what it must come to. Everything follows from a seed, so a run
that fails can be had again.
"""

import hashlib
from collections import Counter, deque
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from edge.core.clock import SettableClock
from edge.identity import base45
from edge.identity.code_reader import CodeReader, Read
from edge.identity.codes import Issuer, k2
from edge.identity.day_keys import day_key, day_of, interval_of
from edge.identity.presence import Refusal
from edge.identity.profile import CustomerId
from edge.identity.simulated_phone import SimulatedPhone
from edge.identity.windows import Windows
from tests.fakes.frozen_token import AT, GROUP, PREFIX

PHONES: Final = 300
STEP: Final = timedelta(milliseconds=250)
SIGNED_EVERY: Final = 20
"""Every so-manieth presentation is of a signed code: their checks cost a hundred times more."""

ANY: Final = frozenset(Refusal)
OPENS: Final = "opens"
Wanted = frozenset[Refusal] | str | None
Presented = tuple[str, Wanted]


class Shop:
    """A device that knows 300 customers, while five minutes pass per 1,200 presentations."""

    def __init__(self, seed: str) -> None:
        self._seed, self._turn, self._drawn = seed, 0, 0
        self.clock = SettableClock(AT)
        self.issuer = Issuer(b"shop", self.chance(32))
        self.phones = [self._phone() for _ in range(PHONES)]
        self.withdrawn = [self._phone() for _ in range(20)]
        self.ids = {phone.pseudonym: CustomerId(self.chance(16)) for phone in self.phones}
        self.windows = Windows()
        self._day = -1
        self._interval = -1
        self.reader = CodeReader(
            self.windows, {self.issuer.key_id: self.issuer.public_key}, self.ids.get
        )
        self.opened: deque[str] = deque(maxlen=60)  # half of them still fresh, but used
        self._pass(timedelta(0))
        for phone in self.withdrawn:  # after they were known for a while
            self.windows.put(CustomerId(phone.pseudonym * 2), _days(phone, self._day), AT)
        self.windows.roll(AT + timedelta(minutes=5))
        for phone in self.withdrawn:
            self.windows.remove(CustomerId(phone.pseudonym * 2))
        self.windows.roll(AT)

    def present(self) -> tuple[str, Presented, Read | Refusal | None]:
        """Present the next code; return its kind, with what was wanted, and the answer."""
        self._turn, self._drawn = self._turn + 1, 0
        self._pass(STEP)
        kinds = SIGNED if self._turn % SIGNED_EVERY == 0 else OWN
        names = list(kinds)
        name = names[self.below(len(names))]
        presented = kinds[name](self)
        answer = self.reader.read(presented[0], self.clock())
        if isinstance(answer, Read):
            self.opened.append(presented[0])
        return name, presented, answer

    def chance(self, size: int) -> bytes:
        """Return bytes that follow from the seed, the turn and how often it was asked."""
        self._drawn += 1
        message = f"{self._seed}:{self._turn}:{self._drawn}".encode()
        return hashlib.shake_128(message).digest(size)

    def below(self, limit: int) -> int:
        """Return a number from 0 to ``limit`` - 1."""
        return int.from_bytes(self.chance(6), "big") % limit

    def one(self) -> SimulatedPhone:
        """Return one of the shop's customers."""
        return self.phones[self.below(PHONES)]

    def _phone(self) -> SimulatedPhone:
        phone = SimulatedPhone(self.chance(32), GROUP, PREFIX)
        return phone.with_credential(self.issuer, AT, self.chance)

    def _pass(self, by: timedelta) -> None:
        self.clock.advance(by)
        now = self.clock()
        if day_of(now) != self._day:
            self._day = day_of(now)
            for phone in self.phones:
                self.windows.put(self.ids[phone.pseudonym], _days(phone, self._day), now)
        if interval_of(now) != self._interval:
            self._interval = interval_of(now)
            self.windows.roll(now)


def _days(phone: SimulatedPhone, today: int) -> dict[int, bytes]:
    days = range(today - 1, today + 3)
    return {day: day_key(phone.beacon_key, GROUP, day) for day in days}


def _changed(shop: Shop, text: str) -> str:
    """Return the code with one byte of its content changed."""
    raw = bytearray(base45.decode(text[3:]))
    raw[shop.below(len(raw))] ^= 1 + shop.below(255)
    return text[:3] + base45.encode(bytes(raw))


def _cut(shop: Shop, text: str) -> str:
    return text[: 3 + shop.below(len(text) - 3)]


def _shift(shop: Shop) -> tuple[timedelta, frozenset[Refusal]]:
    seconds = 62 + shop.below(10 ** (2 + shop.below(6)))
    if shop.below(2):
        return timedelta(seconds=-seconds), frozenset({Refusal.LATE})
    return timedelta(seconds=seconds), frozenset({Refusal.EARLY})


def _fresh(shop: Shop) -> Presented:
    drift = timedelta(seconds=shop.below(119) - 59)
    return shop.one().k1(shop.clock() + drift, shop.chance), OPENS


def _replayed(shop: Shop) -> Presented:
    if not shop.opened:
        return _made_up(shop)
    again = shop.opened[shop.below(len(shop.opened))]
    return again, frozenset({Refusal.USED, Refusal.LATE})


def _mutated(shop: Shop) -> Presented:
    return _changed(shop, _fresh(shop)[0]), ANY


def _swapped_macs(shop: Shop) -> Presented:
    one, other = (base45.decode(_fresh(shop)[0][3:]) for _ in range(2))
    return "K1:" + base45.encode(one[:17] + other[17:]), frozenset({Refusal.FORGED})


def _new_moment_on_an_old_code(shop: Shop) -> Presented:
    old = shop.clock() - timedelta(seconds=100 + shop.below(200))
    raw = base45.decode(shop.one().k1(old, shop.chance)[3:])
    now = int(shop.clock().timestamp()).to_bytes(4, "big")
    return "K1:" + base45.encode(raw[:9] + now + raw[13:]), frozenset(
        {Refusal.FORGED, Refusal.UNKNOWN}
    )


def _guessed_mac(shop: Shop) -> Presented:
    raw = base45.decode(_fresh(shop)[0][3:])
    return "K1:" + base45.encode(raw[:17] + shop.chance(8)), frozenset({Refusal.FORGED})


def _shifted(shop: Shop) -> Presented:
    by, refusal = _shift(shop)
    return shop.one().k1(shop.clock() + by, shop.chance), refusal


def _of_another_group(shop: Shop) -> Presented:
    phone = SimulatedPhone(shop.one().beacon_key, GROUP + 1 + shop.below(1000), PREFIX)
    return phone.k1(shop.clock(), shop.chance), frozenset({Refusal.UNKNOWN})


def _of_somebody_who_withdrew(shop: Shop) -> Presented:
    phone = shop.withdrawn[shop.below(len(shop.withdrawn))]
    return phone.k1(shop.clock(), shop.chance), frozenset({Refusal.UNKNOWN})


def _made_up(shop: Shop) -> Presented:
    return "K1:" + base45.encode(b"\1" + shop.chance(24)), ANY


def _cut_short(shop: Shop) -> Presented:
    return _cut(shop, _fresh(shop)[0]), frozenset({Refusal.UNREADABLE})


def _strange(shop: Shop) -> Presented:
    return shop.chance(shop.below(300)).decode("latin-1"), None


def _fresh_k2(shop: Shop) -> Presented:
    pseudonym = shop.one().pseudonym
    return k2(shop.issuer, pseudonym, shop.clock(), shop.chance(4), shop.below(4)), OPENS


def _fresh_k4(shop: Shop) -> Presented:
    return shop.one().k4(shop.clock(), shop.chance), OPENS


def _mutated_k2(shop: Shop) -> Presented:
    return _changed(shop, _fresh_k2(shop)[0]), ANY


def _mutated_k4(shop: Shop) -> Presented:
    return _changed(shop, _fresh_k4(shop)[0]), ANY


def _signature_of_another(shop: Shop) -> Presented:
    one, other = (base45.decode(_fresh_k4(shop)[0][3:]) for _ in range(2))
    return "K4:" + base45.encode(one[:123] + other[123:]), frozenset({Refusal.FORGED})


def _credential_of_another(shop: Shop) -> Presented:
    one = shop.below(PHONES)
    other = (one + 1 + shop.below(PHONES - 1)) % PHONES
    texts = (shop.phones[phone].k4(shop.clock(), shop.chance) for phone in (one, other))
    raw, others = (base45.decode(text[3:]) for text in texts)
    return "K4:" + base45.encode(raw[:115] + others[115:]), frozenset({Refusal.FORGED})


def _shifted_k4(shop: Shop) -> Presented:
    by, refusal = _shift(shop)
    phone = shop.one()
    return phone.k4(shop.clock() + by, shop.chance), refusal


def _expired_k4(shop: Shop) -> Presented:
    ago = shop.clock() - timedelta(days=90, seconds=shop.below(10**6))
    phone = shop.one().with_credential(shop.issuer, ago, shop.chance)
    return phone.k4(shop.clock(), shop.chance), frozenset({Refusal.EXPIRED})


def _of_another_issuer(shop: Shop) -> Presented:
    stranger = Issuer(shop.chance(4), shop.chance(32))
    phone = shop.one().with_credential(stranger, shop.clock(), shop.chance)
    return phone.k4(shop.clock(), shop.chance), frozenset({Refusal.OTHER_GROUP})


def _of_a_forger(shop: Shop) -> Presented:
    forger = Issuer(shop.issuer.key_id, shop.chance(32))
    text = k2(forger, shop.one().pseudonym, shop.clock(), shop.chance(4), 3)
    return text, frozenset({Refusal.FORGED})


Kinds = Mapping[str, Callable[[Shop], Presented]]

OWN: Final[Kinds] = {
    "fresh K1": _fresh,
    "replayed": _replayed,
    "K1 with a byte changed": _mutated,
    "K1 with another's check value": _swapped_macs,
    "K1 with a new moment": _new_moment_on_an_old_code,
    "K1 with a guessed check value": _guessed_mac,
    "K1 of another time": _shifted,
    "K1 of another group": _of_another_group,
    "K1 of somebody who withdrew": _of_somebody_who_withdrew,
    "K1 made up": _made_up,
    "K1 cut short": _cut_short,
    "any text": _strange,
}
SIGNED: Final[Kinds] = {
    "fresh K2": _fresh_k2,
    "fresh K4": _fresh_k4,
    "replayed": _replayed,
    "K2 with a byte changed": _mutated_k2,
    "K4 with a byte changed": _mutated_k4,
    "K4 with another's proof": _signature_of_another,
    "K4 with another's credential": _credential_of_another,
    "K4 of another time": _shifted_k4,
    "K4 with a credential that ran out": _expired_k4,
    "K4 of another issuer": _of_another_issuer,
    "K2 of a forger": _of_a_forger,
}


def present_many(count: int, seed: str) -> tuple[Counter[tuple[str, str]], list[str]]:
    """Present so many codes; return (kind, answer) -> how often, and each answer that is wrong."""
    shop, answers, wrong = Shop(seed), Counter[tuple[str, str]](), []
    for turn in range(count):
        name, (_, wanted), answer = shop.present()
        told = OPENS if isinstance(answer, Read) else str(answer)
        answers[name, told] += 1
        if not _is_as_wanted(wanted, answer):
            wrong.append(f"turn {turn} of {seed!r}: {name}: wanted {wanted}, found {told}")
    return answers, wrong


def _is_as_wanted(wanted: Wanted, answer: Read | Refusal | None) -> bool:
    if wanted == OPENS:
        return isinstance(answer, Read) and answer.customer_id is not None
    if wanted is None:
        return answer is None
    return answer in wanted
