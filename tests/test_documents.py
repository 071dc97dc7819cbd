"""What the documents say of the code is true."""

import re
from pathlib import Path

from mulin.commands.lifecycle import page

DOCS = Path(__file__).parent.parent / "docs"
PROJECT = DOCS.parent


def test_the_page_of_the_lifecycle_is_the_table():
    assert (DOCS / "cases-lifecycle.md").read_text(encoding="utf-8").strip() == page().strip()


def test_every_file_the_documents_name_is_there():
    documents = [PROJECT / "README.md", *DOCS.rglob("*.md")]
    wrong = [
        f"{d.relative_to(PROJECT)}: {name}" for d in documents for name in links(d) if not (d.parent / name).exists()
    ]
    assert wrong == []


def links(document: Path) -> list[str]:
    return re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", document.read_text(encoding="utf-8"))
