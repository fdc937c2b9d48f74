"""How long a server may take: one that drips a byte now and then is cut off.

A socket's time limit starts anew with every byte, in the headers, in the lines between chunks and in
the body. So somebody beside the socket counts, and cuts it when too little came. Without it a device
of the shop that passes files on badly could keep the others from asking the repository itself.
"""

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self


class Watch:
    """Cuts a connection off while too little arrives on it; a context manager.

    Args:
        cut: Ends what the other thread waits for.
        window_s: How often it looks.
        least_bytes: What must have arrived since it last looked.
    """

    def __init__(self, cut: Callable[[], None], *, window_s: float, least_bytes: int) -> None:
        self._cut = cut
        self._window_s = window_s
        self._least_bytes = least_bytes
        self._arrived_bytes = 0
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="update-watch", daemon=True)
        self.has_cut = False

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_over.set()
        self._thread.join()

    def arrived(self, size_bytes: int) -> None:
        """Note that so many bytes came."""
        self._arrived_bytes += size_bytes

    def _look(self) -> None:
        seen_bytes = 0
        while not self._is_over.wait(self._window_s):
            arrived_bytes = self._arrived_bytes
            if arrived_bytes - seen_bytes < self._least_bytes:
                self.has_cut = True
                self._cut()
                return
            seen_bytes = arrived_bytes
