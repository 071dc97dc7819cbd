"""Where this installation keeps its data, and what it is told by the environment."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

HOME = Path(os.environ.get("MULIN_HOME", "var")).resolve()

# Measured: IMMEDIATE and WAL let writers queue instead of failing with "database is locked".
SQLITE_OPTIONS: dict[str, Any] = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA mmap_size=268435456; "
        "PRAGMA journal_size_limit=67108864; PRAGMA cache_size=-20000; PRAGMA temp_store=MEMORY; "
        "PRAGMA secure_delete=ON;"  # what is deleted is overwritten: a stolen file does not hold it any more
    ),
}


# Statements are planned once per connection, not at every report. Behind a pooler that hands a connection to
# somebody else between transactions add ?prepare=never to the address.
POSTGRESQL_OPTIONS: dict[str, Any] = {"server_side_binding": True, "prepare_threshold": 5}


def secret_file(name: str, *, length: int = 48) -> str:
    """Return the secret kept in `name` under HOME, made on first use and readable by its owner only."""
    path = HOME / name
    if not path.exists():
        HOME.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(length))
        with suppress(FileExistsError):
            os.link(draft, path)  # the first of two processes starting together wins; both read the winner's
        draft.unlink()
    return path.read_text().strip()


def database(url: str | None) -> dict[str, Any]:
    """Translate `sqlite:///path` or `postgresql://user:password@host:port/name?sslmode=…` for Django."""
    parts = urlsplit(url or f"sqlite:///{HOME / 'mulin.sqlite3'}")
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": parts.path.replace("//", "/"),
            "OPTIONS": SQLITE_OPTIONS,
        }
    if parts.scheme not in {"postgresql", "postgres"}:
        raise ValueError(f"MULIN_DATABASE_URL starts with {parts.scheme!r}; use sqlite:/// or postgresql://.")
    query = dict(parse_qsl(parts.query))
    planning = {"prepare_threshold": None} if query.pop("prepare", "") == "never" else {}
    return {
        "ENGINE": "mulin.core.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**POSTGRESQL_OPTIONS, **query, **planning},
    }
