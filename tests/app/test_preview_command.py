"""``edge site preview --check``: a browser looks at every scene of an offer."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from edge.app.preview_command import preview
from edge.app.shipped import shipped
from edge.core.errors import RequestContractError

RUN = CliRunner()
DEMO = shipped("firmware_config/sites/harbour_kitchen")


def test_an_offer_that_is_not_there_is_told_with_a_near_name() -> None:
    result = RUN.invoke(preview, [str(DEMO), "warm-upp", "--check"])

    assert isinstance(result.exception, RequestContractError)
    assert 'found "warm-upp"; did you mean "warm-up"?' in str(result.exception)


def test_a_folder_with_mistakes_is_not_previewed(tmp_path: Path) -> None:
    result = RUN.invoke(preview, [str(tmp_path), "--check"])

    assert isinstance(result.exception, RequestContractError)
    assert f"run: edge site check {tmp_path}" in str(result.exception)


@pytest.mark.browser
def test_no_words_of_the_demo_shop_are_cut_off() -> None:
    result = RUN.invoke(preview, [str(DEMO), "house-favourite", "--check"])

    assert (result.exit_code, result.stderr) == (0, "")
    assert "no words are cut off" in result.stdout


@pytest.mark.browser
def test_words_that_do_not_fit_are_listed_with_their_place(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    shutil.copytree(DEMO, folder)
    words = folder / "content/headlines.yaml"
    long = "Donaudampfschifffahrtsgesellschaftskapitaensmuetzenfabrikationsgebaeude"
    words.write_text(
        words.read_text("utf-8").replace("  max_chars: 44\n", "").replace("Etwas Warmes", long)
    )

    result = RUN.invoke(preview, [str(folder), "warm-up", "--check"])

    assert result.exit_code == 1
    assert "warm-up at coffee-bar (de): hot-chocolate-dark: " in result.stderr
