"""The primitives under our tokens give what is published, used the way we use them.

A token is as good as HMAC, HKDF, AES, X25519 and Ed25519 below it. RFC vectors hold the
primitives; the vectors of other rotating tokens (Eddystone-EID, the exposure notifications of
Google and Apple, Bluetooth's private addresses, TOTP) hold whole constructions of the same
kind, written out here because the product does not need them.
"""

import hmac
import struct

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from edge.identity.codes import public_key_of

hexed = bytes.fromhex


def hkdf(key: bytes, size: int, salt: bytes | None, info: bytes) -> bytes:
    return HKDF(SHA256(), size, salt, info).derive(key)


def aes(key: bytes, block: bytes) -> bytes:
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return encryptor.update(block) + encryptor.finalize()


@pytest.mark.parametrize(
    ("key", "message", "mac"),
    [
        (
            b"\x0b" * 20,
            b"Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        ),
        (
            b"Jefe",
            b"what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (
            b"\xaa" * 20,
            b"\xdd" * 50,
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
        ),
        (
            bytes(range(1, 26)),
            b"\xcd" * 50,
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
        ),
        (b"\x0c" * 20, b"Test With Truncation", "a3b6167473100ee06e0c796c2955552b"),
        (
            b"\xaa" * 131,
            b"Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ),
        (
            b"\xaa" * 131,
            (
                b"This is a test using a larger than block-size key and a larger than block-size "
                b"data. The key needs to be hashed before being used by the HMAC algorithm."
            ),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
        ),
    ],
)
def test_hmac_sha256_is_that_of_rfc_4231(key: bytes, message: bytes, mac: str) -> None:
    assert hmac.digest(key, message, "sha256").hex().startswith(mac)


@pytest.mark.parametrize(
    ("key", "salt", "info", "derived"),
    [
        (
            b"\x0b" * 22,
            bytes(range(13)),
            bytes(range(0xF0, 0xFA)),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
        ),
        (
            bytes(range(0x50)),
            bytes(range(0x60, 0xB0)),
            bytes(range(0xB0, 0x100)),
            (
                "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb"
                "41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"
            ),
        ),
        (
            b"\x0b" * 22,
            None,
            b"",
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
        ),
    ],
)
def test_hkdf_sha256_is_that_of_rfc_5869(
    key: bytes, salt: bytes | None, info: bytes, derived: str
) -> None:
    assert hkdf(key, len(derived) // 2, salt, info).hex() == derived


def test_a_salt_of_zeros_is_no_salt_as_webcrypto_on_the_phone_has_it() -> None:
    assert hkdf(b"key", 16, bytes(32), b"info") == hkdf(b"key", 16, None, b"info")


ED25519 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bac"
            "c61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e"
            "458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290"
            "ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
]


@pytest.mark.parametrize(("secret", "public", "message", "signature"), ED25519)
def test_ed25519_is_that_of_rfc_8032(
    secret: str, public: str, message: str, signature: str
) -> None:
    key = Ed25519PrivateKey.from_private_bytes(hexed(secret))
    other = Ed25519PublicKey.from_public_bytes(hexed(public))

    assert public_key_of(hexed(secret)).hex() == public
    assert key.sign(hexed(message)).hex() == signature
    other.verify(hexed(signature), hexed(message))
    with pytest.raises(InvalidSignature):
        other.verify(hexed(signature), hexed(message) + b"\0")


def test_a_signature_has_no_second_form_so_that_a_used_code_has_none() -> None:
    order = 2**252 + 27742317777372353535851937790883648493
    _, public, message, signature = ED25519[1]
    scalar = int.from_bytes(hexed(signature)[32:], "little")
    second = hexed(signature)[:32] + (scalar + order).to_bytes(32, "little")

    with pytest.raises(InvalidSignature):
        Ed25519PublicKey.from_public_bytes(hexed(public)).verify(second, hexed(message))


def test_an_eddystone_beacon_and_its_resolver_agree_on_its_key() -> None:
    secret = X25519PrivateKey.from_private_bytes(b"\x40" + b"\x41" * 31)
    peer = hexed("5f2ff6357762b9c188343259a9bd899a9a667d170143c0bc1ae905e877914a0e")
    own = secret.public_key().public_bytes_raw()
    shared = secret.exchange(X25519PublicKey.from_public_bytes(peer))

    assert own.hex() == "7a1a4e709bf085ac494aba0469b9b1eda0ab1f78b16aabb79ffeda90623e8522"
    assert shared.hex() == "80722c34967ab7d613c5549224c662aed7cdf5369ec051bcede788a4a29b7677"
    assert hkdf(shared, 32, own + peer, b"")[:16].hex() == "7c91330e61dfea4606b5b3ecb4457d76"


def temporary_key(identity_key: bytes, seconds: int) -> bytes:
    return aes(identity_key, bytes(11) + b"\xff" + bytes(2) + struct.pack(">H", seconds >> 16))


def ephemeral_id(temporary: bytes, exponent: int, seconds: int) -> str:
    moment = struct.pack(">I", seconds >> exponent << exponent)
    return aes(temporary, bytes(11) + bytes([exponent]) + moment)[:8].hex()


def test_an_eddystone_ephemeral_id_is_the_published_one() -> None:
    temporary = temporary_key(hexed("7c91330e61dfea4606b5b3ecb4457d76"), 0)

    assert temporary.hex() == "4d7ad123b3f67bb3c7ac3ffd02599f6a"
    assert ephemeral_id(temporary, 0, 0) == "436bfe57d5a09505"
    later = hexed("b7c2d909d27d22df8343271162480210")
    assert ephemeral_id(later, 12, 1518080946) == "7dd8169dae94258c"


def test_an_exposure_notification_is_the_published_one() -> None:
    daily = hexed("75c734c6dd1a782de7a965da5eb93125")
    rolling = hkdf(daily, 16, None, b"EN-RPIK")
    sealing = hkdf(daily, 16, None, b"EN-AEMK")
    ids = [
        aes(rolling, b"EN-RPI" + bytes(6) + struct.pack("<I", 2642976 + step)) for step in range(3)
    ]
    sealed = Cipher(algorithms.AES(sealing), modes.CTR(ids[0])).encryptor()

    assert rolling.hex() == "185ad91db69ec7dd048960f1f3ba6175"
    assert sealing.hex() == "d57c46af7a1d83965b9bed8bd152936a"
    assert [one.hex() for one in ids] == [
        "8be6cd371c5c891604bfbe49df845096",
        "3c9a1de5dd6b02afa7fded7b570b3e56",
        "243ffe9a3b08bded3094bac8630bb8ad",
    ]
    assert sealed.update(hexed("40080000")).hex() == "72033874"


def test_a_bluetooth_private_address_is_resolved_as_published() -> None:
    hashed = aes(hexed("ec0234a357c8ad05341010a60a397d9b"), bytes(13) + hexed("708194"))

    assert hashed[-3:].hex() == "0dfbaa"


@pytest.mark.parametrize(
    ("seconds", "digits"),
    [(59, "94287082"), (1111111109, "07081804"), (20000000000, "65353130")],
)
def test_a_one_time_password_is_that_of_rfc_6238(seconds: int, digits: str) -> None:
    mac = hmac.digest(b"12345678901234567890", struct.pack(">Q", seconds // 30), "sha1")
    start = mac[-1] & 15
    number = int.from_bytes(mac[start : start + 4], "big") & 0x7FFF_FFFF

    assert f"{number % 10**8:08d}" == digits
