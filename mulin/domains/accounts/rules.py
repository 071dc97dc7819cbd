"""The rules of accounts: user names, locks that grow, devices and addresses in words, the three administrators."""

import ipaddress
import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Literal

# 三员分立: who runs the system, who grants access and who looks over both are different people.
ADMINISTRATORS = frozenset({"system_admin", "security_admin", "audit_admin"})
# Accounts, worker, calendar and log are one for all; everything else happens somewhere.
INSTALLATION_WIDE = ("accounts.", "core.")
# GB/T 22239-2019 8.1.4.1: failures in a row are answered by a lock; assessors look for five failures, five minutes up.
FREE_FAILURES = 4
FIRST_LOCK, LONGEST_LOCK = timedelta(minutes=5), timedelta(hours=2)
FAILURES_FORGOTTEN_AFTER = timedelta(hours=24)
_USERNAME = re.compile(r"[\w.@-]{2,60}")
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"),
    ("Windows", "Windows"), ("Macintosh", "macOS"), ("Linux", "Linux"),
)  # fmt: skip
# A browser names those it wants to be taken for too, so the rarer name stands first.
_BROWSERS = (
    ("MicroMessenger", "WeChat"), ("DingTalk", "DingTalk"), ("Edg", "Edge"), ("Firefox", "Firefox"),
    ("QQBrowser", "QQ Browser"), ("UCBrowser", "UC"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
AddressClass = Literal["here", "inside", "outside", "unknown"]


def username_problem(username: str) -> bool:
    return _USERNAME.fullmatch(username) is None


def may_be_given(role_code: str, held: Iterable[str]) -> bool:
    """Say whether somebody who holds these roles may be given one more: an administrator holds no other."""
    together = {role_code, *held}
    return len(together) == 1 or not together & ADMINISTRATORS


def may_count_for_installation(permissions: Iterable[str]) -> bool:
    """Say whether a role runs the installation and touches no place."""
    return all(permission.startswith(INSTALLATION_WIDE) for permission in permissions)


def may_count_at_places(permissions: Iterable[str]) -> bool:
    """Say whether a role can be given for one place: what runs the installation cannot."""
    return not any(permission.startswith(INSTALLATION_WIDE) for permission in permissions)


def lock_after(failures: int) -> timedelta | None:
    """Return how long a name is not looked at after so many failures in a row: twice as long each time."""
    if failures <= FREE_FAILURES:
        return None
    doublings = min(failures - FREE_FAILURES - 1, 10)
    return min(FIRST_LOCK * (1 << doublings), LONGEST_LOCK)


def device_words(user_agent: str) -> str:
    """Return system and browser, "Windows · Chrome"; nothing finer, so that nobody's device is recognised by it."""
    system = next((name for word, name in _SYSTEMS if word in user_agent), "")
    browser = next((name for word, name in _BROWSERS if word in user_agent), "")
    return " · ".join(filter(None, (system, browser)))


def is_phone(user_agent: str) -> bool:
    return "Mobi" in user_agent or "Android" in user_agent


def address_class(address: str) -> AddressClass:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if found.is_loopback:
        return "here"
    return "inside" if found.is_private else "outside"
