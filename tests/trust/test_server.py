"""The server people really reach: it names neither itself nor its faults, and refuses what is no request."""

import http.client
import socket

import pytest

from tests.trust.running import Installation


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    one = Installation(tmp_path_factory.mktemp("server"))
    one.create_tables()
    one.start_web()
    one.wait_until_it_answers()
    yield one
    one.stop()


def ask(running, path, method="GET", headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=60)
    connection.request(method, path, headers=headers or {})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/report/", "GET"), ("/nowhere/", "GET"), ("/static/mulin/mulin.css", "GET"),
        ("/static/../settings.py", "GET"), ("/api/v1/me", "GET"), ("/accounts/", "TRACE"), ("/report/", "OPTIONS"),
        ("/%00", "GET"), ("/%ff%fe", "GET"),
    ],
)  # fmt: skip
def test_no_answer_names_the_server_or_its_insides(running, path, method):
    answer, body = ask(running, path, method)
    assert answer.status < 500
    assert answer.getheader("Server", "-") == "-"
    assert [name for name in ("X-Powered-By", "Via") if answer.getheader(name)] == []
    for word in (b"Traceback", b"granian", b"Django", b"site-packages", b"settings.py\n"):
        assert word not in body
    assert answer.getheader("X-Content-Type-Options") == "nosniff" or answer.status in {400, 404, 405}


def test_a_host_that_is_not_ours_is_refused(running):
    answer, _body = ask(running, "/report/", headers={"Host": "evil.example"})
    assert answer.status == 400


def test_what_is_no_request_ends_the_connection_and_nothing_else(running):
    host = b"HTTP/1.1\r\nHost: x\r\n"
    for raw in (
        b"\x16\x03\x01\x02\x00", b"GET / HTTP/9.9\r\n\r\n", b"A" * 70_000 + b"\r\n\r\n",
        b"GET /\xff " + host + b"\r\n", b"GET / " + host + b"X: \x00\r\n\r\n",
        b"GET / " + host + b"X: y\r\n" * 300 + b"\r\n",
    ):  # fmt: skip
        with socket.create_connection(("127.0.0.1", running.port), timeout=20) as connection:
            connection.sendall(raw)
            connection.settimeout(20)
            said = connection.recv(1000)
            assert b"Traceback" not in said
            assert b"granian" not in said.lower()
    assert ask(running, "/report/")[0].status == 200
