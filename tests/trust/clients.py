"""A client of the API that reports cases until it is told to stop."""

import http.client
import json
import threading
import time
import uuid

PAUSE_S = 0.05


class Client(threading.Thread):
    """Reports one case after another; repeats a report with its key until it is acknowledged."""

    def __init__(self, port: int, known: dict[str, str], stop: threading.Event) -> None:
        super().__init__()
        self.port, self.known, self.stop = port, known, stop
        self.acknowledged: list[str] = []
        self.other_answers: list[tuple[int, str]] = []

    def run(self) -> None:
        while not self.stop.is_set():
            self._report_until_acknowledged(uuid.uuid4().hex)

    def _report_until_acknowledged(self, key: str) -> None:
        body = json.dumps({"text": f"楼道灯不亮 {key}", "category": "0601", "board": self.known["board_code"]})
        while True:
            try:
                status, answer = self._post(body, key)
            except (OSError, http.client.HTTPException):
                time.sleep(PAUSE_S)  # the server is being killed or started
                continue
            if status == 201:
                self.acknowledged.append(answer["receipt_code"])
                return
            self.other_answers.append((status, str(answer)))
            if status < 500:
                return
            time.sleep(PAUSE_S)

    def _post(self, body: str, key: str) -> tuple[int, dict[str, str]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        try:
            token = f"Bearer {self.known['token']}"
            headers = {"Content-Type": "application/json", "Idempotency-Key": key, "Authorization": token}
            connection.request("POST", "/api/v1/reports", body.encode(), headers)
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()
