"""The tables of who belongs: claims, devices, certificates, and a log that only grows."""

from typing import Final

from edge.central.postgres import Steps

STEPS: Final = Steps(
    "provision",
    (
        """
CREATE TABLE provision_claim(
  hash bytea PRIMARY KEY,                -- SHA-256 of the claim; the claim itself is nowhere here
  site text NOT NULL,
  device text NOT NULL,
  ring text NOT NULL,
  made_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at timestamptz,
  key_hash bytea                         -- of whoever used it, so that a repeat is known again
);
CREATE INDEX provision_claim_device ON provision_claim(device);

CREATE TABLE provision_device(
  device text PRIMARY KEY,
  site text NOT NULL,
  ring text NOT NULL,
  enrolled_at timestamptz NOT NULL,
  revoked_at timestamptz
);

CREATE TABLE provision_certificate(
  serial text PRIMARY KEY,               -- hexadecimal
  name text NOT NULL,                    -- a device's, or one of central's own
  is_central boolean NOT NULL,
  key_hash bytea NOT NULL,
  issued_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz,
  pem text NOT NULL
);
CREATE INDEX provision_certificate_name ON provision_certificate(name, issued_at);

CREATE TABLE provision_log(
  n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  what text NOT NULL,                    -- claimed, enrolled, renewed, revoked, issued
  name text NOT NULL,
  detail text NOT NULL
);
""",
    ),
)
