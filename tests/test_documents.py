"""What the documents say of the code is true."""

import re
from pathlib import Path

from mulin.commands.lifecycle import page

DOCS = Path(__file__).parent.parent / "docs"
PROJECT = DOCS.parent


def test_the_page_of_the_lifecycle_is_the_table():
    assert (DOCS / "cases-lifecycle.md").read_text(encoding="utf-8").strip() == page().strip()


def test_every_file_the_documents_name_is_there():
    wrong = []
    for document in [PROJECT / "README.md", *DOCS.rglob("*.md")]:
        for name in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", document.read_text(encoding="utf-8")):
            if not (document.parent / name).exists():
                wrong.append(f"{document.relative_to(PROJECT)}: {name}")
    assert wrong == []
