"""Which product a scanned code means."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.app.load_site import load_site
from edge.catalog.gtin import as_gtin14, gtin_in
from tests.fakes.appliance import DEMO_SITE

GTIN = "09506000134352"

FORMS = {
    "EAN-13": "9506000134352",
    "GTIN-14": GTIN,
    "EAN-13 behind a scanner's name for it": "]E09506000134352",
    "Digital Link": "https://id.gs1.org/01/09506000134352",
    "Digital Link in capitals": "HTTPS://ID.GS1.ORG/01/09506000134352",
    "Digital Link of any host, below a folder": "http://shop.example/some/path/01/09506000134352",
    "Digital Link with the short name": "https://example.com/gtin/9506000134352",
    "Digital Link with qualifiers": "https://example.com/01/09506000134352/22/2A/10/ABC/21/12345",
    "Digital Link with a query": "https://example.com/01/09506000134352?17=201225&linkType=gs1:pip",
    "Digital Link with 13 digits": "https://example.com/01/9506000134352",
    "Digital Link with a GTIN in its query too": (
        "https://example.com/01/09506000134352?01=00012345678905"
    ),
    "element string": "0109506000134352",
    "element string with more fields": "0109506000134352172112311012AB\x1d2112345",
    "element string with a fixed field before": "17211231" + "0109506000134352",
    "element string with a variable field before": "10AB-1\x1d0109506000134352",
    "element string of a QR code": "]Q30109506000134352",
    "element string of a GS1-128 after FNC1": "]C1\x1d0109506000134352",
    "element string with brackets": "(01)09506000134352(17)211231(10)ABC",
    "element string with brackets, GTIN last": "(10)ABC(01)09506000134352",
}


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS.keys())
def test_every_usual_form_names_the_same_product(text: str) -> None:
    assert gtin_in(text) == GTIN


@pytest.mark.parametrize(
    ("text", "gtin"),
    [
        pytest.param("96385074", "00000096385074", id="EAN-8"),
        pytest.param("614141123452", "00614141123452", id="UPC-A"),
        pytest.param("https://example.com/01/614141123452", "00614141123452", id="UPC-A linked"),
        pytest.param("https://example.com/01/96385074", "00000096385074", id="EAN-8 linked"),
        pytest.param("10614141000415", "10614141000415", id="a case of them"),
    ],
)
def test_shorter_numbers_are_filled_up_to_fourteen_digits(text: str, gtin: str) -> None:
    assert gtin_in(text) == gtin


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("9506000134353", id="a wrong check digit"),
        pytest.param("https://id.gs1.org/01/09506000134353", id="linked, a wrong check digit"),
        pytest.param("0109506000134353", id="element string, a wrong check digit"),
        pytest.param("00000000", id="zeros, whose check digit is right"),
        pytest.param("950600013435", id="twelve digits that are none"),
        pytest.param("٩٦٣٨٥٠٧٤", id="digits of another script"),
        pytest.param(" 9506000134352", id="a blank"),
        pytest.param("https://id.gs1.org/?01=09506000134352", id="only in the query"),
        pytest.param("https://id.gs1.org/#/01/09506000134352", id="only in the fragment"),
        pytest.param("https://09506000134352/", id="only as the host"),
        pytest.param("https://id.gs1.org/8004/09506000134352", id="a link to something else"),
        pytest.param("https://id.gs1.org/01/", id="a link that ends"),
        pytest.param("https://[/01/09506000134352", id="an address that is none"),
        pytest.param("javascript:alert('/01/09506000134352')", id="a script"),
        pytest.param("ftp://id.gs1.org/01/09506000134352", id="another scheme"),
        pytest.param("(10)(01)", id="empty brackets"),
        pytest.param("(02)09506000134352", id="what a case contains"),
        pytest.param("0209506000134352", id="what a case contains, without brackets"),
        pytest.param("K1:*A0.IEN46LSLZE2%G0BU9WJ2SWJRAK$CLE:5%1", id="a customer's code"),
        pytest.param("<b>9506000134352</b>", id="markup"),
        pytest.param("https://id.gs1.org/01/09506000134352?" + "x" * 512, id="longer than 512"),
    ],
)
def test_anything_else_is_no_product(text: str) -> None:
    assert gtin_in(text) is None


@settings(max_examples=500, deadline=None)
@given(st.text() | st.text("0123456789()]/:=%\x1d", max_size=60).map("https://e.x/01/{}".format))
def test_any_text_is_read_without_an_error(text: str) -> None:
    gtin = gtin_in(text)

    assert gtin is None or (len(gtin) == 14 and as_gtin14(gtin) == gtin)


@given(st.integers(1, 10**12 - 1), st.integers(0, 12), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(number: int, place: int, step: int) -> None:
    digits = f"{number:012d}"
    whole = next(f"{digits}{check}" for check in range(10) if as_gtin14(f"{digits}{check}"))
    wrong = f"{whole[:place]}{(int(whole[place]) + step) % 10}{whole[place + 1 :]}"

    assert as_gtin14(wrong) is None


def test_the_demo_shop_sells_packaged_goods_by_their_barcode() -> None:
    site = load_site(DEMO_SITE)
    packaged = [product for product in site.products if product.gtin]

    assert len(packaged) >= 10
    assert all(site.product_by_gtin(one.gtin or "") == one for one in packaged)
    assert gtin_in("2000000001012") == "02000000001012"
    found = site.product_by_gtin("02000000001012")
    assert found is not None
    assert found.sku == "beans-house"
    assert site.product_by_gtin(GTIN) is None
