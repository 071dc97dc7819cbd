"""The rules of accounts: user names, and the three administrators who must be three people."""

import re
from collections.abc import Iterable

# 三员分立: who runs the system, who grants access and who looks over both are different people.
ADMINISTRATORS = frozenset({"system_admin", "security_admin", "audit_admin"})
_USERNAME = re.compile(r"[\w.@-]{2,60}")


def username_problem(username: str) -> bool:
    return _USERNAME.fullmatch(username) is None


def may_be_given(role_code: str, held: Iterable[str]) -> bool:
    """Say whether somebody who holds these roles may be given one more."""
    return role_code not in ADMINISTRATORS or not (set(held) & ADMINISTRATORS - {role_code})
