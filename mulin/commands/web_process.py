"""The application as each process of the web server loads it: it does not outlive the server that started it.

An orphan would keep the port and silently take its share of the requests.
"""

import os
from collections.abc import Callable, Iterable
from typing import Any

from mulin.commands.lifeline import end_with_parent
from mulin.config.wsgi import application as django_application
from mulin.kernels import readiness

# The server names itself and cannot be told to be silent; a name given by the application takes the place of its own.
NAMELESS = ("Server", "-")


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer as Django does, without telling which server this is."""

    def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
        return start_response(status, [*headers, NAMELESS], *more)

    answer: Iterable[bytes] = django_application(environ, start)
    return answer


end_with_parent(os.getppid(), lambda: os._exit(1))
readiness.refuse_while_filling()
