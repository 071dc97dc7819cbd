"""The English catalogue: complete, of the sources as they are, compiled; and Chinese needs none."""

import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import polib
import pytest
from django import forms
from django.utils import translation

ROOT = Path(__file__).parent.parent / "mulin"
CATALOGUE = ROOT / "locale/en/LC_MESSAGES/django.po"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|(?<!\{)\{\w*\}(?!\})|%%")
HAN = re.compile(r"[\u3001-\u303f\u3400-\u9fff\uff00-\uff60]")
MADE_IN_CHINESE = re.compile(
    r"[A-Za-z_]+=[\u4e00-\u9fff]+|“?[\u4e00-\u9fff]+”? \(|\d*[\u4e00-\u9fff][\u4e00-\u9fff\d\s]*"
)
COMMAND = ["makemessages", "-l", "en", "--no-wrap", "--no-obsolete", "--add-location", "file", "--ignore", "static"]


@pytest.fixture(scope="module")
def catalogue() -> polib.POFile:
    return polib.pofile(str(CATALOGUE))


def translations_of(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def test_every_text_has_an_english_one(catalogue: polib.POFile) -> None:
    assert len(catalogue) > 1000
    assert [entry.msgid for entry in catalogue if "fuzzy" in entry.flags or entry.obsolete] == []
    assert [entry.msgid for entry in catalogue if not all(translations_of(entry))] == []


def test_placeholders_stay(catalogue: polib.POFile) -> None:
    def differs(entry: polib.POEntry) -> bool:
        wanted = Counter(PLACEHOLDER.findall(entry.msgid))
        return any(Counter(PLACEHOLDER.findall(text)) != wanted for text in translations_of(entry))

    assert [entry.msgid for entry in catalogue if differs(entry)] == []


def test_english_is_english(catalogue: polib.POFile) -> None:
    """Chinese stands only in examples of what is typed in Chinese: units, headings of files, names."""
    mixed = {entry.msgid: text for entry in catalogue for text in translations_of(entry) if HAN.search(text)}
    assert len(mixed) < 12
    assert [text for text in mixed.values() if HAN.search(MADE_IN_CHINESE.sub("", text))] == []


def test_the_compiled_catalogue_is_of_this_one(catalogue: polib.POFile) -> None:
    def content(entries: list[polib.POEntry]) -> dict[tuple[str | None, str], list[str]]:
        return {(entry.msgctxt, entry.msgid): translations_of(entry) for entry in entries}

    assert content(polib.mofile(str(CATALOGUE.with_suffix(".mo")))) == content(catalogue)


@pytest.mark.slow
def test_the_catalogue_is_of_the_sources_as_they_are(catalogue: polib.POFile, tmp_path: Path) -> None:
    if shutil.which("xgettext") is None:
        pytest.skip("gettext is not installed: the catalogue was not compared with the sources")
    copy = tmp_path / "mulin"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns("static", "__pycache__", "*.mo", "var"))
    subprocess.run([sys.executable, "-m", "django", *COMMAND], cwd=copy, check=True, capture_output=True, timeout=120)
    now = polib.pofile(str(copy / "locale/en/LC_MESSAGES/django.po"))
    wanted = {(entry.msgctxt, entry.msgid, entry.msgid_plural) for entry in now}
    kept = {(entry.msgctxt, entry.msgid, entry.msgid_plural) for entry in catalogue}
    assert wanted - kept == set(), "new texts: see docs/pages.md, How to translate"
    assert kept - wanted == set(), "texts no longer in the sources"


def test_what_django_says_of_a_form_is_chinese_for_chinese_readers() -> None:
    with translation.override("zh-hans"):
        said = forms.CharField(max_length=3).error_messages["required"], forms.DateField().error_messages["invalid"]
        assert all(HAN.search(str(text)) for text in said)
