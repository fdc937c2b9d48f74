from datetime import timedelta
from pathlib import Path

import pytest

from edge.app.enrol import Asked, enrol
from edge.app.enrolled_files import EnrolledFiles
from edge.app.keep_certificate import KeepCertificate, keep_certificate
from edge.app.renew_certificate import CertificateRenewal
from edge.core.clock import SettableClock
from edge.core.errors import UnavailableError
from edge.sync.delivery_parts import DeliveryStatus
from tests.fakes.central_side import CentralSide
from tests.fakes.certificates import Fleet, system_now


class Line:
    """How the line to the broker is."""

    def __init__(self, clock: SettableClock) -> None:
        self._clock = clock
        self.now = DeliveryStatus("waiting", clock())

    def connect(self) -> None:
        self._clock.advance(timedelta(seconds=1))
        self.now = DeliveryStatus("connected", self._clock())

    def status(self) -> DeliveryStatus:
        return self.now


@pytest.fixture
def central(tmp_path: Path) -> CentralSide:
    return CentralSide(Fleet.make(tmp_path / "central"), SettableClock(system_now()))


@pytest.fixture
def data(tmp_path: Path, central: CentralSide) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    asked = Asked("EC1-x", "https://central.example", central.fleet.authority.pem)
    enrol(asked, folder, central.post, central.clock)
    return folder


def _keeping(central: CentralSide, data: Path, line: Line) -> KeepCertificate:
    renewal = CertificateRenewal(data, central.clock, central.at)
    return KeepCertificate(renewal, line.status, central.clock)


def test_the_pair_before_goes_only_after_a_connection_with_the_new_one(
    central: CentralSide, data: Path
) -> None:
    line, files = Line(central.clock), EnrolledFiles(data)
    keep = _keeping(central, data, line)
    line.connect()
    central.clock.advance(timedelta(days=61))
    keep.look()  # renews; the connection is from before
    keep.look()
    assert (files.folder / "before").is_symlink()
    line.connect()
    keep.look()
    assert not (files.folder / "before").is_symlink()
    assert files.in_use() is not None


def test_central_away_is_tried_again_and_the_old_pair_stays(
    central: CentralSide, data: Path
) -> None:
    keep, files = _keeping(central, data, Line(central.clock)), EnrolledFiles(data)
    first = files.in_use()
    central.clock.advance(timedelta(days=61))
    central.is_answer_lost = True
    with pytest.raises(UnavailableError):
        keep.look()
    assert files.in_use() == first
    central.is_answer_lost = False
    keep.look()
    assert files.in_use() != first


def test_a_device_that_never_enrolled_has_nothing_to_keep(tmp_path: Path) -> None:
    clock = SettableClock(system_now())
    line = Line(clock)
    line.connect()
    keep = keep_certificate(tmp_path, line.status, clock)
    keep.start()
    keep.stop()
    keep.look()
    assert list(tmp_path.iterdir()) == []
