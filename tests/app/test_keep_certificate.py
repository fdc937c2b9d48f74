from datetime import timedelta
from pathlib import Path

import pytest

from edge.app.enrol import Asked, enrol
from edge.app.enrolled_files import EnrolledFiles
from edge.app.keep_certificate import KeepCertificate, keep_certificate
from edge.app.renew_certificate import CertificateRenewal
from edge.core.chance import system_chance
from edge.core.clock import SettableClock
from edge.core.errors import UnavailableError
from edge.sync.delivery_parts import DeliveryStatus
from edge.sync.refusal import Refusal
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

    def refuse(self, refusal: Refusal = Refusal.CERTIFICATE) -> None:
        self._clock.advance(timedelta(seconds=1))
        now = self._clock()
        self.now = DeliveryStatus("waiting", now, refusal=refusal, refused_at=now)

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
    return KeepCertificate(renewal, line.status, central.clock, lambda n: b"\x80" * n)


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
    assert "got nothing" in keep.problem
    central.is_answer_lost = False
    central.clock.advance(timedelta(hours=1))
    keep.look()
    assert files.in_use() != first
    assert keep.problem == ""


def test_a_refused_certificate_is_renewed_at_once_however_young_it_is(
    central: CentralSide, data: Path
) -> None:
    line, files = Line(central.clock), EnrolledFiles(data)
    keep, first = _keeping(central, data, line), files.in_use()
    line.refuse()
    keep.look()
    assert files.in_use() != first
    assert keep.problem == "The broker does not take this device's certificate"
    line.connect()
    keep.look()
    assert keep.problem == ""
    assert not (files.folder / "before").is_symlink()


def test_a_refused_new_pair_gives_way_to_the_one_before_before_central_is_asked_again(
    central: CentralSide, data: Path
) -> None:
    line, files = Line(central.clock), EnrolledFiles(data)
    keep, first = _keeping(central, data, line), files.in_use()
    line.refuse()
    keep.look()
    asked = len(central.keys)
    line.refuse()
    keep.look()
    assert files.in_use() == first
    assert len(central.keys) == asked


def test_a_broker_that_refuses_everybody_is_not_followed_by_a_storm_of_askings(
    central: CentralSide, data: Path
) -> None:
    line = Line(central.clock)
    keep, before = _keeping(central, data, line), len(central.keys)
    for _ in range(3 * 24 * 60):
        line.refuse()
        keep.look()
        central.clock.advance(timedelta(minutes=1))
    assert 20 <= len(central.keys) - before <= 40  # of 4,320 refusals


def test_an_unknown_authority_of_the_broker_is_asked_about_and_a_central_that_is_away_is_said(
    central: CentralSide, data: Path
) -> None:
    line = Line(central.clock)
    keep, before = _keeping(central, data, line), len(central.keys)
    central.is_answer_lost = True
    line.refuse(Refusal.AUTHORITY)
    with pytest.raises(UnavailableError):
        keep.look()
    assert len(central.keys) == before + 1
    assert keep.problem.startswith("This device does not know who signed the broker's certificate;")
    assert "got nothing" in keep.problem


def test_a_refusal_from_before_the_renewal_says_nothing_about_the_new_pair(
    central: CentralSide, data: Path
) -> None:
    line = Line(central.clock)
    keep = _keeping(central, data, line)
    line.refuse()
    keep.look()
    asked = len(central.keys)
    central.clock.advance(timedelta(hours=10))
    keep.look()
    assert len(central.keys) == asked
    assert (data / "identity/before").is_symlink()


def test_a_device_that_never_enrolled_has_nothing_to_keep(tmp_path: Path) -> None:
    clock = SettableClock(system_now())
    line = Line(clock)
    line.connect()
    keep = keep_certificate(tmp_path, line.status, clock, system_chance)
    keep.start()
    keep.stop()
    keep.look()
    assert list(tmp_path.iterdir()) == []
