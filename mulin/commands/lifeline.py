"""A process that was started by another ends when that one ends, even when it was killed without a word."""

import os
import threading
from collections.abc import Callable

CHECK_SECONDS = 1.0


def end_with_parent(parent: int, end: Callable[[], None]) -> None:
    """Call `end`, in a thread, once the process `parent` is no longer our parent."""

    def watch() -> None:
        pause = threading.Event()
        while os.getppid() == parent:
            pause.wait(CHECK_SECONDS)
        end()

    threading.Thread(target=watch, name="lifeline", daemon=True).start()
