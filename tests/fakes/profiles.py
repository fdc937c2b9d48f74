"""The demo's profile as tests use it: what is put aside for a full disk is small.

A test's folder would else hold 64 MB each, which nobody reads, and a run of all tests gigabytes.
"""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
DEMO_PROFILE: Final = ROOT / "firmware_config/profiles/demo.toml"
"""As it is shipped, with the usual reserve."""


def demo_profile() -> str:
    """Return the demo's settings with a reserve of 1 MiB."""
    text = DEMO_PROFILE.read_text("utf-8")
    usual = "\nreserve_mib = 64 "
    assert usual in text
    return text.replace(usual, "\nreserve_mib = 1 ")
