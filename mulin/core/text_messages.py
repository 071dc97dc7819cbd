"""Short messages to phones, through whichever gateway the district has.

`MULIN_SMS_GATEWAY`: `console` prints them (demo), `webhook` posts each as JSON to `MULIN_SMS_URL`.
"""

import json
import sys
from typing import Protocol
from urllib.request import Request, urlopen

from django.conf import settings

TIMEOUT_S = 5
ACCEPTED = range(200, 300)


class GatewayFailed(Exception):
    """The gateway did not take the message; it may be tried again."""


class Gateway(Protocol):
    def send(self, *, phone: str, text: str) -> None:
        """Hand a message over, or raise GatewayFailed."""


class ConsoleGateway:
    def send(self, *, phone: str, text: str) -> None:
        print(f"[SMS] {phone[:3]}****{phone[-4:]}: {text}", file=sys.stderr, flush=True)


class WebhookGateway:
    """POST {"phone", "text"} with the key as bearer; any answer of 2xx means taken."""

    def __init__(self, url: str, key: str) -> None:
        if not url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
            raise GatewayFailed("MULIN_SMS_URL must start with https://")
        self.url, self.key = url, key

    def send(self, *, phone: str, text: str) -> None:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.key}"}
        request = Request(self.url, json.dumps({"phone": phone, "text": text}).encode(), headers)
        try:
            with urlopen(request, timeout=TIMEOUT_S) as answer:
                status = answer.status
        except OSError as failure:
            raise GatewayFailed(str(failure)) from failure
        if status not in ACCEPTED:
            raise GatewayFailed(f"status {status}")


def gateway() -> Gateway:
    if settings.MULIN_SMS_GATEWAY == "webhook":
        return WebhookGateway(settings.MULIN_SMS_URL, settings.MULIN_SMS_KEY)
    return ConsoleGateway()
