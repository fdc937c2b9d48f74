"""From frames to texts: photographs, drawn codes, and what is seen only at a closer look."""

import numpy as np
import pytest

from edge.catalog.gtin import gtin_in
from edge.devices.camera import Grey
from edge.devices.code_message import Kind
from edge.devices.decoder import CLOSELY_EVERY_S, MISSING_S, Decoder, Mode, read
from tests.bench.codes import photographs, plain, right
from tests.fakes.pictures import (
    CONDITIONS,
    PHOTOGRAPHS,
    backgrounds,
    ean13,
    frame,
    k1_text,
    k4_text,
    scaled,
    scene,
    symbol,
)


def qr(text: str) -> Grey:
    return frame(np.pad(symbol(text), 4, constant_values=255))


BY_NAME = {condition.name: condition for condition in CONDITIONS}
EAN = frame(ean13("4006381333931"))


def texts(decoder: Decoder, picture: Grey, now_s: float) -> list[str]:
    return [code.text for code in decoder.look(picture, now_s)]


@pytest.mark.skipif(
    not PHOTOGRAPHS.is_dir(), reason="needs ../shared/data/qr, which is not in the repository"
)
def test_98_of_100_photographs_are_read_exactly_and_none_fewer_than_by_zxing_alone() -> None:
    found = right(*photographs())

    assert len(found) == 58
    assert sum(ours for ours, _ in found) >= 0.98 * len(found)
    assert sum(ours for ours, _ in found) >= sum(alone for _, alone in found)


@pytest.mark.parametrize("name", ["held well", "dark mode (inverted)", "upside down or sideways"])
def test_our_codes_are_read_when_held_well_in_dark_mode_and_upside_down(name: str) -> None:
    draw = np.random.default_rng(7)
    behind = backgrounds(draw)
    for text_of in (k1_text, k4_text):
        for _ in range(2):
            text = text_of(draw)
            picture = scene(text, BY_NAME[name], next(behind), draw)

            assert texts(Decoder(), picture, 0.0) == [text]
            assert text in plain(picture)


def test_more_blurred_codes_are_read_at_the_closer_looks_after_a_second() -> None:
    draw = np.random.default_rng(7)
    behind = backgrounds(draw)
    at_once = later = 0
    for _ in range(12):
        text = k1_text(draw)
        picture = scene(text, BY_NAME["blurred by 0.4 to 0.7 module"], next(behind), draw)
        decoder = Decoder()
        now = texts(decoder, picture, 0.0)
        then = [
            *texts(decoder, picture, MISSING_S),
            *texts(decoder, picture, MISSING_S + CLOSELY_EVERY_S),
        ]
        at_once += text in now
        later += text in (*now, *then)

    assert later >= at_once + 2


def test_the_closer_look_waits_for_a_second_without_a_code_and_for_its_turn() -> None:
    nothing = np.full((72, 128), 128, dtype=np.uint8)
    decoder = Decoder()

    looks = []
    for at in (0.0, 0.5, 1.0, 1.1, 1.4, 1.5, 1.6):
        before = decoder._closely
        decoder.look(nothing, at)
        looks.append(decoder._closely - before)

    assert looks == [0, 0, 1, 0, 0, 1, 0]


def test_a_qr_code_counts_at_first_sight_and_a_bar_code_at_the_second() -> None:
    decoder = Decoder()
    link = qr("https://id.gs1.org/01/09506000134352")

    assert texts(decoder, link, 0.0) == ["https://id.gs1.org/01/09506000134352"]
    assert texts(decoder, EAN, 0.1) == []
    assert texts(decoder, EAN, 0.2) == ["4006381333931"]


def test_a_bar_code_seen_again_after_more_than_a_second_is_a_first_sight() -> None:
    decoder = Decoder()

    assert texts(decoder, EAN, 0.0) == []
    assert texts(decoder, EAN, 1.5) == []
    assert texts(decoder, EAN, 2.0) == ["4006381333931"]


def test_codes_say_their_kind_and_name_the_product() -> None:
    (bars,) = read(EAN)
    (link,) = read(qr("https://example.org/gtin/4006381333931?17=270101"))

    assert (bars.kind, gtin_in(bars.text)) == (Kind.RETAIL, "04006381333931")
    assert (link.kind, gtin_in(link.text)) == (Kind.QR, "04006381333931")


def test_bar_codes_are_not_looked_for_where_only_customers_show_codes() -> None:
    assert read(EAN, Mode.CUSTOMER) == ()
    assert len(read(qr("K1:TEXT"), Mode.CUSTOMER)) == 1


def test_a_wall_of_codes_is_cut_short() -> None:
    tile = np.pad(symbol("AB"), 4, constant_values=255)
    wall = scaled(np.tile(tile, (5, 8)), 4)

    assert len(read(wall)) <= 16


def test_a_code_never_prints_its_text() -> None:
    (code,) = read(qr("K1:SECRET"))

    assert "SECRET" not in repr(code)
