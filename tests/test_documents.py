"""What the documents say of the code is true."""

import ast
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


def test_every_test_the_page_of_promises_names_is_there():
    promises = (DOCS / "trust.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", promises)
    wrong = [f"{path}::{name}" for path, name in named if not (PROJECT / path).exists() or not is_there(path, name)]
    assert len(named) > 50
    assert wrong == []


def is_there(path: str, name: str) -> bool:
    tree = ast.parse((PROJECT / path).read_text(encoding="utf-8"))
    return not name or any(isinstance(node, ast.FunctionDef) and node.name == name for node in ast.walk(tree))


def test_every_promise_names_a_test():
    rows = re.findall(
        r"^\| (?!promise|---)(.+?) \| (.*) \|$", (DOCS / "trust.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert len(rows) > 40
    assert [promise for promise, kept_by in rows if "`tests/" not in kept_by] == []
