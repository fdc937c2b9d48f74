"""What a scanned text opens."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.identity import base45
from edge.identity.code_reader import CodeReader, Read
from edge.identity.codes import Issuer, k1, k2
from edge.identity.presence import Refusal
from edge.identity.profile import CustomerId
from edge.identity.simulated_phone import SimulatedPhone
from edge.identity.windows import Windows
from tests.fakes.frozen_token import AT, BEACON_KEY, DAY, GROUP, K1_CODE, PREFIX

AMIRA = CustomerId(b"A" * 16)
ISSUER = Issuer(b"shop", bytes(range(32)))


def nonce(size: int) -> bytes:
    return b"once"[:size].ljust(size, b"-")


def next_nonce(size: int) -> bytes:
    return b"next"[:size].ljust(size, b"-")


PHONE = SimulatedPhone(BEACON_KEY, GROUP, PREFIX).with_credential(ISSUER, AT, nonce)


def after(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def reader(*, known: bool = True) -> CodeReader:
    windows = Windows()
    if known:
        windows.put(AMIRA, {day: PHONE.day_key(AT) for day in (DAY,)}, AT)
    windows.roll(AT)
    names = {PHONE.pseudonym: AMIRA} if known else {}
    return CodeReader(windows, {ISSUER.key_id: ISSUER.public_key}, names.get)


def k2_code(at: datetime = AT) -> str:
    return k2(ISSUER, PHONE.pseudonym, at, b"once", 2)


CODES = {"K1": PHONE.k1(AT, nonce), "K2": k2_code(), "K4": PHONE.k4(AT, nonce)}
SCOPES = {"K1": None, "K2": 2, "K4": 3}
EVERY_CODE = pytest.mark.parametrize("kind", CODES)


@EVERY_CODE
def test_a_fresh_code_opens_once(kind: str) -> None:
    codes = reader()
    read = codes.read(CODES[kind], AT)

    assert isinstance(read, Read)
    assert (read.customer_id, read.kind, read.scope) == (AMIRA, kind, SCOPES[kind])
    assert codes.read(CODES[kind], after(1)) is Refusal.USED


@EVERY_CODE
@pytest.mark.parametrize(
    ("seconds", "refusal"),
    [
        (60, None),
        (60.001, Refusal.LATE),
        (86_400, Refusal.LATE),
        (86_400 * 3650, Refusal.LATE),
        (-60, None),
        (-60.001, Refusal.EARLY),
        (-86_400 * 3650, Refusal.EARLY),
    ],
)
def test_a_code_opens_within_a_minute_of_its_moment(
    kind: str, seconds: float, refusal: Refusal | None
) -> None:
    read = reader().read(CODES[kind], after(seconds))

    assert read is refusal if refusal else isinstance(read, Read)


def test_the_frozen_code_is_its_customers() -> None:
    read = reader().read(K1_CODE, AT)

    assert isinstance(read, Read)
    assert read.customer_id == AMIRA


@EVERY_CODE
def test_a_code_with_a_changed_check_value_is_forged(kind: str) -> None:
    raw = bytearray(base45.decode(CODES[kind][3:]))
    raw[-1] ^= 1
    forged = CODES[kind][:3] + base45.encode(bytes(raw))
    codes = reader()

    assert codes.read(forged, AT) is Refusal.FORGED
    assert isinstance(codes.read(CODES[kind], AT), Read)


def test_a_k1_code_of_another_group_or_of_nobody_here_is_unknown() -> None:
    elsewhere = SimulatedPhone(BEACON_KEY, GROUP + 1, PREFIX)

    assert reader().read(elsewhere.k1(AT, nonce), AT) is Refusal.UNKNOWN
    assert reader(known=False).read(CODES["K1"], AT) is Refusal.UNKNOWN


def test_a_code_of_an_issuer_that_the_shop_does_not_know_is_of_another_group() -> None:
    stranger = Issuer(b"else", ISSUER.secret)
    phone = PHONE.with_credential(stranger, AT, nonce)

    assert reader().read(phone.k4(AT, nonce), AT) is Refusal.OTHER_GROUP
    assert reader().read(k2(stranger, PHONE.pseudonym, AT, b"once", 1), AT) is Refusal.OTHER_GROUP


def test_an_issuer_who_took_a_known_name_is_a_forger() -> None:
    forger = Issuer(ISSUER.key_id, bytes(32))
    phone = PHONE.with_credential(forger, AT, nonce)

    assert reader().read(phone.k4(AT, nonce), AT) is Refusal.FORGED


def test_a_credential_ends_after_ninety_days() -> None:
    last, over = after(90 * 86_400 - 1), after(90 * 86_400)

    assert isinstance(reader().read(PHONE.k4(last, nonce), last), Read)
    assert reader().read(PHONE.k4(over, nonce), over) is Refusal.EXPIRED


def test_somebody_an_issuer_vouches_for_may_have_nothing_here() -> None:
    read = reader(known=False).read(CODES["K4"], AT)

    assert isinstance(read, Read)
    assert read.customer_id is None


@EVERY_CODE
def test_the_next_code_of_the_same_phone_opens_too(kind: str) -> None:
    later = after(15)
    fresh = {
        "K1": PHONE.k1(later, next_nonce),
        "K2": k2(ISSUER, PHONE.pseudonym, later, b"next", 2),
        "K4": PHONE.k4(later, next_nonce),
    }
    codes = reader()
    codes.read(CODES[kind], AT)

    assert isinstance(codes.read(fresh[kind], later), Read)


def test_many_codes_of_one_customer_at_once_are_too_many_and_others_go_on() -> None:
    windows, codes = Windows(), []
    ben = SimulatedPhone(bytes(32), GROUP, PREFIX)
    windows.put(AMIRA, {DAY: PHONE.day_key(AT)}, AT)
    windows.put(CustomerId(b"B" * 16), {DAY: ben.day_key(AT)}, AT)
    windows.roll(AT)
    shop = CodeReader(windows, {}, lambda _: None)
    codes = [shop.read(k1(PHONE.day_key(AT), AT, bytes([n] * 4)), AT) for n in range(14)]

    assert [type(code) for code in codes[:12]] == [Read] * 12
    assert codes[12:] == [Refusal.TOO_MANY] * 2
    assert isinstance(shop.read(ben.k1(AT, nonce), AT), Read)


def test_forged_codes_of_a_customer_do_not_count_against_them() -> None:
    shop = reader()
    raw = base45.decode(CODES["K1"][3:])
    for n in range(100):
        forged = "K1:" + base45.encode(raw[:17] + bytes([n]) * 8)
        assert shop.read(forged, AT) is Refusal.FORGED

    assert isinstance(shop.read(CODES["K1"], AT), Read)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("K1:", id="a name alone"),
        pytest.param(K1_CODE[:-1], id="cut"),
        pytest.param(K1_CODE + " ", id="followed by a blank"),
        pytest.param("K4:<script>alert(1)</script>", id="markup"),
        pytest.param("K2:" + K1_CODE[3:], id="another kind's bytes"),
    ],
)
def test_what_looks_like_one_of_ours_and_is_not_whole_is_unreadable(text: str) -> None:
    assert reader().read(text, AT) is Refusal.UNREADABLE


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("https://id.gs1.org/01/09506000134352", id="a product"),
        pytest.param("https://evil.example/?K1:", id="an address"),
        pytest.param("K3:" + K1_CODE[3:], id="a kind we do not have"),
        pytest.param(K1_CODE.lower(), id="small letters"),
        pytest.param("K4:" + "A" * 510, id="513 characters"),
        pytest.param("K4:" + "Ä" * 255, id="513 bytes in fewer characters"),
        pytest.param("\ud800", id="half a character"),
    ],
)
def test_anything_else_is_none_of_ours(text: str) -> None:
    assert reader().read(text, AT) is None


def test_512_bytes_are_still_read() -> None:
    assert reader().read("K4:" + "A" * 509, AT) is Refusal.UNREADABLE


ANY_TEXT = st.text() | st.text(st.characters())  # with surrogates
OURS = st.builds(
    "{}{}".format, st.sampled_from(["K1:", "K2:", "K4:"]), st.text() | st.text(base45.ALPHABET)
)
WHOLE = st.builds(
    lambda kind, raw: kind + base45.encode(b"\x01" + raw),
    st.sampled_from(["K1:", "K2:", "K4:"]),
    st.sampled_from([24, 86, 186]).flatmap(lambda size: st.binary(min_size=size, max_size=size)),
)


@settings(max_examples=1000, deadline=None)
@given(ANY_TEXT | OURS | WHOLE)
def test_no_text_raises_and_none_opens(text: str) -> None:
    answer = reader().read(text, AT)

    assert answer is None or isinstance(answer, Refusal)


def test_what_was_read_names_nobody_when_it_is_printed() -> None:
    assert repr(reader().read(CODES["K1"], AT)) == "Read(kind='K1', scope=None)"
