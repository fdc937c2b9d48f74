"""The page that lists every screen."""

import pytest

from tests.browser.conftest import OpenPage

pytestmark = pytest.mark.browser


def test_the_first_page_lists_the_screens(open_page: OpenPage) -> None:
    page = open_page("/", size=(1280, 800))

    assert "Harbour Kitchen" in page.content()
