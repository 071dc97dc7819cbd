"""Sessions with an owner: kept in our own table, so that a person can see them and end them.

Whose it is, from where and when it was last heard of is copied out of the session's own data when it is written;
reading a session costs what it always did.
"""

from datetime import UTC, datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db

from mulin.domains.accounts.models import Session

DEVICE, ADDRESS, ENTERED_AT, SEEN_AT = "device", "address", "entered_at", "seen_at"


class SessionStore(db.SessionStore):
    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row, owner = super().create_model_instance(data), data.get(SESSION_KEY)
        return Session(
            session_key=row.session_key,
            session_data=row.session_data,
            expire_date=row.expire_date,
            user_id=int(owner) if owner else None,
            device=str(data.get(DEVICE, ""))[:60],
            address=str(data.get(ADDRESS, ""))[:45],
            created_at=_moment(data.get(ENTERED_AT)),
            seen_at=_moment(data.get(SEEN_AT)),
        )


def _moment(seconds: float | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds is not None else None
