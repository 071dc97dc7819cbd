"""Seconds of the processor rather than of the wall: the same on a machine that does other work beside."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from mulin.kernels.stop import Stop

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class ProcessorStop(Stop):
    """A limit in processor seconds of the calling thread."""

    begun: float = field(default_factory=time.thread_time)

    def elapsed_s(self) -> float:
        return time.thread_time() - self.begun


def timed(run: Callable[[], Answer]) -> tuple[Answer, float]:
    """What a call answers, and the processor seconds it took on this thread."""
    began = time.thread_time()
    answer = run()
    return answer, time.thread_time() - began
