"""The child process that compiles the kernels ahead of the first question, while the web server already answers."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

WISH = "MULIN_WARM_KERNELS"
"""`0` leaves the compiling to the first question (tests; installations warmed by `mulin kernels warm`)."""
LOWEST_PRIORITY = 19


@contextmanager
def beside() -> Iterator[None]:
    """Let the child run as long as the block; it is started once, and nothing hangs on its end."""
    if os.environ.get(WISH, "1") == "0":
        yield
        return
    child = subprocess.Popen(
        [sys.executable, "-m", "mulin.commands.main", "kernels", "warm", "--for", str(os.getpid())],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, child.pid, LOWEST_PRIORITY)
    threading.Thread(target=child.wait, name="kernels", daemon=True).start()  # no zombie while the server lives
    try:
        yield
    finally:
        child.kill()  # what it has finished lies on the disk, what it was at is begun again next time
