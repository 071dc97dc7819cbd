"""Files of any size."""

import hashlib
from pathlib import Path


def sha256_of(path: Path) -> str:
    """Return what a file holds as 64 hex digits, without reading it whole."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
