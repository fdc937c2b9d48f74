"""Keys: files that only their owner reads, and what each of central's own is for."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from edge.central.fleet.releases.central_keys import BESIDE, COMMANDS, CentralKeys
from edge.central.fleet.releases.ceremony import make_keys
from edge.central.fleet.releases.key_folder import KeyFolder, read_passphrase
from edge.central.fleet.releases.signing_roles import OFFLINE, ONLINE
from edge.core.errors import RequestContractError, TrustError, UnavailableError
from edge.identity.sealing import seal, unseal
from edge.wire.command import Addressee, Command, read_command, sign_command
from edge.wire.signed import check_signature, signed_text

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_private_keys_are_for_their_owner_alone(tmp_path: Path) -> None:
    folder = KeyFolder(tmp_path / "keys")
    made = make_keys(folder, online=False)
    assert len(made) == len(OFFLINE)
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
    modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "keys").glob("*.pem")}
    assert modes == {0o600}


def test_a_key_that_others_can_read_does_not_sign(tmp_path: Path) -> None:
    folder = KeyFolder(tmp_path)
    key = folder.make("models")
    next(tmp_path.glob("*.pem")).chmod(0o640)
    with pytest.raises(TrustError, match="owner alone"):
        folder.signers("models", [key.keyid])


def test_keys_are_made_once_and_never_overwritten(tmp_path: Path) -> None:
    folder = KeyFolder(tmp_path)
    assert len(make_keys(folder, online=True)) == len(ONLINE)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert make_keys(folder, online=True) == ()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    private = next(tmp_path.glob("timestamp-*.pem"))
    again = CentralKeys(tmp_path)
    again.make_missing()
    assert again.make_missing() == ()
    assert private.exists()


def test_an_encrypted_key_signs_only_with_its_passphrase(tmp_path: Path) -> None:
    key = KeyFolder(tmp_path, b"correct horse battery").make("root")
    assert b"ENCRYPTED" in next(tmp_path.glob("*.pem")).read_bytes()
    for passphrase in (None, b"another one entirely"):
        with pytest.raises(TrustError, match="passphrase") as caught:
            KeyFolder(tmp_path, passphrase).signers("root", [key.keyid])
        assert "another one" not in str(caught.value)
    (signer,) = KeyFolder(tmp_path, b"correct horse battery").signers("root", [key.keyid])
    assert signer.public_key == key


def test_a_passphrase_is_long_and_ends_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "passphrase"
    path.write_text("correct horse battery\n")
    assert read_passphrase(path) == b"correct horse battery"
    path.write_text("short\n")
    with pytest.raises(RequestContractError, match="12 characters"):
        read_passphrase(path)
    with pytest.raises(UnavailableError):
        read_passphrase(tmp_path / "none")


def test_one_key_cannot_stand_for_two_people(tmp_path: Path) -> None:
    folder = KeyFolder(tmp_path)
    key = folder.make("root")
    public = next(tmp_path.glob("*.pub"))
    (tmp_path / "root-00000000.pub").write_bytes(public.read_bytes())
    with pytest.raises(TrustError, match="root-00000000"):
        folder.public("root")
    assert key.keyid.startswith(public.stem.removeprefix("root-"))


def test_a_key_under_another_ones_name_does_not_sign(tmp_path: Path) -> None:
    folder = KeyFolder(tmp_path)
    wanted, other = folder.make("models"), folder.make("models")
    pem = {key.keyid: tmp_path / f"models-{key.keyid[:8]}.pem" for key in (wanted, other)}
    pem[other.keyid].replace(pem[wanted.keyid])
    with pytest.raises(TrustError, match="got another"):
        folder.signers("models", [wanted.keyid])


def test_a_device_takes_commands_that_central_signed(tmp_path: Path) -> None:
    central = CentralKeys(tmp_path)
    central.make_missing()
    command = Command(
        command_id="0" * 36,
        name="refresh",
        tenant="harbour",
        site="quay",
        device="quay-1",
        seq=1,
        issued_at=NOW,
        expires_at=NOW + timedelta(minutes=5),
    )
    payload = sign_command(command, central.sign_command)
    to = Addressee("harbour", "quay", "quay-1", 0)
    key = bytes.fromhex(central.settings()["mqtt.command_key"])
    assert read_command(payload, central_key=key, to=to, now=NOW) == command
    with pytest.raises(TrustError):  # no key is good for what another is for
        read_command(
            sign_command(command, central.sign_for_customers), central_key=key, to=to, now=NOW
        )


def test_a_device_takes_central_s_word_about_customers_and_central_opens_enrolments(
    tmp_path: Path,
) -> None:
    central = CentralKeys(tmp_path)
    central.make_missing()
    settings = central.settings()
    device = b"d" * 32
    text = signed_text(b"profile", device, "m1", NOW.isoformat(), "c2VhbGVk")
    message = {"message_id": "m1", "sent_at": NOW.isoformat(), "sealed": "c2VhbGVk"}
    payload = orjson.dumps(message | {"signature": central.sign_for_customers(text).hex()})
    stamp = check_signature(
        payload,
        central_key=bytes.fromhex(settings["recognition.central_sign_key"]),
        info=b"profile",
        device_key=device,
    )
    assert stamp.message_id == "m1"
    sealed = seal(b"enrolment", bytes.fromhex(settings["recognition.central_key"]), b"info")
    assert unseal(sealed, central.exchange_private(), b"info") == b"enrolment"


def test_a_replaced_key_is_kept_beside_the_new_one(tmp_path: Path) -> None:
    central = CentralKeys(tmp_path)
    central.make_missing()
    before = {name: central.public(name) for name in BESIDE}
    old = central.replace(COMMANDS)
    assert old.exists()
    assert central.public(COMMANDS) != before[COMMANDS]
    assert {name for name in BESIDE if central.public(name) != before[name]} == {COMMANDS}


def test_a_missing_key_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="keys init"):
        CentralKeys(tmp_path).public(COMMANDS)


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    central = CentralKeys(tmp_path)
    central.make_missing()
    (tmp_path / "customers-exchange.pem").replace(tmp_path / "commands.pem")
    with pytest.raises(TrustError, match="Ed25519"):
        central.sign_command(b"x")


def test_no_key_shows_in_what_is_printed_of_it(tmp_path: Path) -> None:
    central = CentralKeys(tmp_path)
    central.make_missing()
    folder = KeyFolder(tmp_path, b"correct horse battery")
    assert "horse" not in repr(folder)
    assert central.exchange_private().hex() not in repr(central)
