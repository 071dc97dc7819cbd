"""A small HTTP load: `connections` keep-alive connections ask as fast as they are answered, for a while."""

import socket
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Measured:
    """What came back: answers by status, seconds of the whole, seconds of each answer."""

    seconds: float = 0.0
    statuses: dict[int, int] = field(default_factory=dict)
    latencies: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        good = sum(count for status, count in self.statuses.items() if 200 <= status < 300)
        return good / self.seconds if self.seconds else 0.0

    @property
    def p99_ms(self) -> float:
        if len(self.latencies) < 100:
            return float("nan")
        return statistics.quantiles(self.latencies, n=100)[98] * 1000


def run(port: int, request: Callable[[int], bytes], *, seconds: float, connections: int = 8) -> Measured:
    """Send `request(n)` for n = 0, 1, … over `connections` connections for `seconds`."""
    measured, lock, numbers = Measured(), threading.Lock(), iter(range(10**9))
    end = time.monotonic() + seconds

    def work() -> None:
        statuses: dict[int, int] = {}
        latencies: list[float] = []
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while time.monotonic() < end:
                began = time.monotonic()
                connection.sendall(request(next(numbers)))
                status = read_answer(connection)
                latencies.append(time.monotonic() - began)
                statuses[status] = statuses.get(status, 0) + 1
        with lock:
            measured.latencies += latencies
            for status, count in statuses.items():
                measured.statuses[status] = measured.statuses.get(status, 0) + count

    began = time.monotonic()
    threads = [threading.Thread(target=work) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    measured.seconds = time.monotonic() - began
    return measured


def read_answer(connection: socket.socket) -> int:
    """Read one HTTP/1.1 answer with Content-Length or chunks; return its status."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += _more(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    lower = head.lower()
    if b"content-length:" in lower:
        length = int(lower.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        while len(body) < length:
            body += _more(connection)
    elif b"chunked" in lower:
        while not body.endswith(b"0\r\n\r\n"):
            body += _more(connection)
    return int(head.split(b" ", 2)[1])


def _more(connection: socket.socket) -> bytes:
    data = connection.recv(65536)
    if not data:
        raise ConnectionError("the server closed the connection")
    return data


def post(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def get(path: str, headers: dict[str, str]) -> bytes:
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"
