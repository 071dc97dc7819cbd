"""The two processes of a running system: `mulin web` answers requests, `mulin worker` does what was promised later."""

import importlib
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from django.conf import settings
from django.utils.translation import gettext as _
from granian import Granian
from granian.constants import Interfaces

from mulin.commands import restarting, warming
from mulin.commands.lifeline import end_with_parent
from mulin.core import worker as core_worker

# Set by `mulin run` for its two children, which end with it.
PARENT_VARIABLE = "MULIN_PARENT_PID"
# A request still running this long after the server was told to stop is cut off.
KILL_SECONDS = 8


def web(
    host: Annotated[str, typer.Option(help=_("监听地址；默认只有本机能访问"))] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help=_("端口"))] = 8000,
    workers: Annotated[int, typer.Option(min=1, help=_("网页进程数"))] = 2,
    threads: Annotated[int, typer.Option(min=1, help=_("每个网页进程同时处理的请求数"))] = 1,
) -> None:
    """回答网页和接口请求。 Answer pages and the API."""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # WhiteNoise warns of a missing one
    _end_with_supervisor(lambda: os.kill(os.getpid(), signal.SIGTERM))
    importlib.import_module("mulin.config.wsgi")  # before the processes part, so that all of them hold one copy
    with warming.beside():
        restarting.serve_until_asked_to_stop(
            lambda: Granian(
                "mulin.commands.web_process:application",
                address=host,
                port=port,
                interface=Interfaces.WSGI,
                workers=workers,
                blocking_threads=threads,
                respawn_failed_workers=True,
                workers_kill_timeout=KILL_SECONDS,
                websockets=False,
                log_enabled=False,
            )
        )


def worker() -> None:
    """办理后台任务：事件、时限、提醒。 Do the work that was put down for later."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_args: stop.set())
    _end_with_supervisor(stop.set)
    core_worker.run(stop)


def _end_with_supervisor(end: Callable[[], None]) -> None:
    if supervisor := os.environ.get(PARENT_VARIABLE):
        end_with_parent(int(supervisor), end)
