"""The two processes of a running system: `mulin web` answers requests, `mulin worker` does what was promised later."""

import os
import signal
import threading
from collections.abc import Callable
from typing import Annotated

import typer
from django.utils.translation import gettext as _
from granian import Granian
from granian.constants import Interfaces

# Set by `mulin run` for its two children: they end when it ends, even when it was killed without a word.
PARENT_VARIABLE = "MULIN_PARENT_PID"
PARENT_CHECK_SECONDS = 1.0
# A request still running after this long when the server stops is cut off, so that no orphan keeps the port.
KILL_SECONDS = 8


def web(
    host: Annotated[str, typer.Option(help=_("监听地址；默认只有本机能访问"))] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help=_("端口"))] = 8000,
    workers: Annotated[int, typer.Option(min=1, help=_("网页进程数"))] = 2,
    threads: Annotated[int, typer.Option(min=1, help=_("每个网页进程同时处理的请求数"))] = 1,
) -> None:
    """回答网页和接口请求。 Answer pages and the API."""
    end_with_parent(lambda: os.kill(os.getpid(), signal.SIGTERM))
    Granian(
        "mulin.config.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        respawn_failed_workers=True,
        workers_kill_timeout=KILL_SECONDS,
        websockets=False,
        log_enabled=False,
    ).serve()


def worker() -> None:
    """办理后台任务：派单时限、事件、提醒。 Do the work that was put down for later."""
    from mulin.core import worker as core_worker

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_args: stop.set())
    end_with_parent(stop.set)
    core_worker.run(stop)


def end_with_parent(end: Callable[[], None]) -> None:
    """Call `end` once the process named in PARENT_VARIABLE is no longer our parent."""
    expected = os.environ.get(PARENT_VARIABLE)
    if not expected:
        return

    def watch() -> None:
        pause = threading.Event()
        while os.getppid() == int(expected):
            pause.wait(PARENT_CHECK_SECONDS)
        end()

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
