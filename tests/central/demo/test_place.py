import socket
from pathlib import Path

import pytest

from edge.central.demo.place import HOST, emptied, free_port
from edge.core.errors import RequestContractError


def test_an_earlier_run_is_cleared_away(tmp_path: Path) -> None:
    with emptied(tmp_path / "demo", 8090) as place:
        (place.below("logs") / "old.log").write_text("old")
    with emptied(tmp_path / "demo", 8090) as place:
        assert not (place.folder / "logs").exists()


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with (
        pytest.raises(RequestContractError, match="wanted an empty folder"),
        emptied(tmp_path, 8090),
    ):
        pass
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_two_demos_do_not_share_a_folder(tmp_path: Path) -> None:
    with (
        emptied(tmp_path / "demo", 8090) as place,
        pytest.raises(RequestContractError, match="another demo runs"),
        emptied(place.folder, 8090),
    ):
        pass


def test_a_port_that_is_taken_is_not_taken_again() -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free_port(port) != port
