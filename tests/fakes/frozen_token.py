"""The frozen example of KB1 (identity.md), which every implementation must give.

The phone page's script and the native apps are held against the same values.
"""

from datetime import UTC, datetime
from typing import Final

BEACON_KEY: Final = bytes(range(32))
GROUP: Final = 7
AT: Final = datetime.fromtimestamp(1_790_000_000, UTC)
DAY: Final = 20717
INTERVAL: Final = 5_966_666
DAY_KEY: Final = bytes.fromhex("715e58e8ecfaafb3d07b0ddea636e9d6")
ROLLING_ID: Final = bytes.fromhex("2f35a3e470edae29")
PREFIX: Final = bytes.fromhex("6b629a41")
POWER_DBM: Final = -59
FRAME: Final = bytes.fromhex("6b629a4150c52f35a3e470edae2949d4")
ADVERTISEMENT: Final = bytes.fromhex("0201061107d44929aeed70e4a3352fc550419a626b")

# Ours beyond the design's: the K1 code of that customer at that moment.
NONCE: Final = b"once"
K1_CODE: Final = "K1:X606Z6P*S62URA5BIMTAG:.D2%C98LXXKATC%2"
