"""The web server goes on when it gives itself up.

Granian starts a process again that died, but ends itself when one dies twice within seconds ("crash loop"): what the
kernel does to the largest process when memory runs short, twice in a row. A district would be without a page
until somebody comes. Here the server begins again, after a pause that grows while it lives shortly.
"""

import logging
import time
from collections.abc import Callable
from typing import Protocol

log = logging.getLogger(__name__)

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 8.0
LONG_LIFE_S = 60.0


class Server(Protocol):
    interrupt_signal: bool
    """Set when it was asked to stop."""

    def serve(self) -> None: ...


def serve_until_asked_to_stop(
    new_server: Callable[[], Server],
    *,
    wait: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Serve until the server is asked to stop; when it ends by itself, begin with a new one."""
    pause_s = FIRST_PAUSE_S
    while True:
        server, began_s = new_server(), clock()
        try:
            server.serve()
        except SystemExit as end:
            log.error("The web server ended by itself (%s)", end.code)
        if not server.interrupt_signal:
            pause_s = FIRST_PAUSE_S if clock() - began_s > LONG_LIFE_S else min(pause_s * 2, LONGEST_PAUSE_S)
            wait(pause_s)
        if server.interrupt_signal:  # also when it was asked during the pause
            return
